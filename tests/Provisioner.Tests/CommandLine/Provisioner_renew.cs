using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Certificates.Tests.Authority;
using Provisioner.Tests.Deploying;
using Provisioner.Tests.Provider;
using Xunit;

namespace Provisioner.Tests.CommandLine;

/// <summary>Run as a process against a real sshd; on the host the real agent, which orders from a real pebble and asks a front door of the test. Docker is a script there, which lets the agent run on the host.</summary>
public sealed class Provisioner_renew : IAsyncLifetime
{
    private readonly TestCa _ca = new();
    private readonly LoopbackHost _host = new();

    public async ValueTask InitializeAsync()
    {
        await _ca.InitializeAsync();
        _ca.Ready();
        await _host.InitializeAsync();
        _host.Ready();
        if (await AnswersAsync(443)) Assert.Skip("A program of this machine answers on port 443, where the host's agent would take it for its front door.");
        if (new DriveInfo(_host.Folder).AvailableFreeSpace < 12L << 30) Assert.Skip("Less than 12 GiB are free here: the host would be refused for it.");
        _host.Script("../certificates", $"#!/bin/sh\nexec dotnet {RepositoryFolder.Program("Certificates", "certificates")} \"$@\"\n");
        var input = HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]), ("hostAddress", "127.0.0.1"), ("sshPort", _host.Port.ToString(CultureInfo.InvariantCulture)), ("login", "root"), ("hostKeyFingerprint", _host.Fingerprint), ("sshPrivateKey", _host.PrivateKey),
            ("certificate", "acme"), ("certificateChain", null), ("certificateKey", null), ("acmeDirectory", _ca.Proxy.Directory.AbsoluteUri), ("acmeRoot", _ca.RootPem), ("acmeChallenge", "dns-01"),
            ("dnsProvider", "rfc2136"), ("dnsZone", NameServer.Zone), ("dnsServer", $"127.0.0.1:{_ca.Names.Port}"), ("dnsKeyName", NameServer.KeyName), ("dnsKey", NameServer.Key));
        var secret = input.SecretKeys.Append("appliance:dnsKey").ToHashSet();
        _host.Write("Pulumi.host.yaml", "config:\n" + string.Concat(input.Values.Where(v => !secret.Contains(v.Key)).Select(v => $"  {v.Key}: {JsonSerializer.Serialize(v.Value)}\n")));
        _host.Write("secrets.json", JsonSerializer.Serialize(input.Values.Where(v => secret.Contains(v.Key)).ToDictionary(v => v.Key, v => new { value = v.Value, secret = true })));
    }

    public async ValueTask DisposeAsync()
    {
        await _ca.DisposeAsync();
        if (_host.Missing is null) await _host.DisposeAsync();
    }

    [Fact]
    public async Task Orders_where_it_is_due_proves_what_is_served_and_keeps_the_last_good_one_when_it_fails()
    {
        var none = await RunAsync("renew");
        Assert.Equal((1, true), (none.ExitCode, none.Errors.Contains("deploy first", StringComparison.Ordinal)));

        var deployed = await RunAsync("deploy", "--no-preflight");
        Assert.True(deployed.ExitCode == 0, deployed.Output + deployed.Errors);
        var first = Current;

        // Nothing is due, and no front door stands on this host's port 443 to be asked: that is said, and is not taken for a proof.
        using var door = new FrontDoor(_host.At("/srv/appliance/tls/current"));
        SetProof(Tool.FreePort());
        var unproven = await RunAsync("renew");
        Assert.True(unproven.ExitCode == 3, unproven.Output + unproven.Errors);
        Assert.Contains("in a handshake: Pending", unproven.Output, StringComparison.Ordinal);

        SetProof(door.Port);
        var proven = await RunAsync("renew");
        Assert.True(proven.ExitCode == 0, proven.Output + proven.Errors);
        Assert.Contains($"certificate {first} for backup.example.org", proven.Output, StringComparison.Ordinal);
        Assert.Equal((1, first), (Orders, Current));

        var renewed = await RunAsync("renew", "--even-if-not-due");
        Assert.True(renewed.ExitCode == 0, renewed.Output + renewed.Errors);
        Assert.Contains($"certificate {Current} for backup.example.org", renewed.Output, StringComparison.Ordinal);
        Assert.Contains("in a handshake: Served", renewed.Output, StringComparison.Ordinal);
        Assert.Equal((2, false), (Orders, Current == first));

        var good = Current;
        _ca.Proxy.Refuse("finalize", 403, "unauthorized", "the proof is gone");
        var failed = await RunAsync("renew", "--even-if-not-due");
        Assert.True(failed.ExitCode == 4, failed.Output + failed.Errors);
        Assert.Contains("says unauthorized: the proof is gone", failed.Errors, StringComparison.Ordinal);
        Assert.Contains("\nWhat to do: ", failed.Errors, StringComparison.Ordinal);
        Assert.Equal(good, Current);
        Assert.True(_ca.Proxy.AllFaultsMet);

        // Before the products stand, or when they are stopped, the tool that ordered the first one does it.
        _host.StopProducts();
        var byTool = await RunAsync("renew");
        Assert.True(byTool.ExitCode == 0, byTool.Output + byTool.Errors);
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string Current => new FileInfo(_host.At("/srv/appliance/tls/current")).LinkTarget!;

    private int Orders => _ca.Proxy.Made.Values.Count(k => k == "order");

    private void SetProof(int port)
    {
        var path = _host.At("/opt/appliance/certificates/settings.json");
        File.WriteAllText(path, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(path), "\"127\\.0\\.0\\.1:[0-9]+\",?(?=\\s+\"proofSeconds)", string.Create(CultureInfo.InvariantCulture, $"\"127.0.0.1:{port}\",")));
    }

    private Task<ProgramRun> RunAsync(string command, params string[] more) => ProgramRun.OfAsync("env", [$"APPLIANCE_CERTIFICATES={_host.Folder}/certificates", "dotnet", RepositoryFolder.Program("Cli", "provisioner"), command, "--stack", $"{_host.Folder}/Pulumi.host.yaml", "--config", $"{_host.Folder}/secrets.json", .. more]);

    /// <summary>Serves, at each handshake, what the link leads to then.</summary>
    private sealed class FrontDoor : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public FrontDoor(string folder)
        {
            _listener.Start();
            _ = ServeAsync(folder);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(string folder)
        {
            try
            {
                while (true)
                {
                    using var guest = await _listener.AcceptTcpClientAsync();
                    using var pair = X509Certificate2.CreateFromPemFile($"{folder}/fullchain.pem", $"{folder}/privkey.pem");
                    using var served = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
                    await using var stream = new SslStream(guest.GetStream());
                    await stream.AuthenticateAsServerAsync(served);
                }
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException or IOException)
            {
                return;
            }
        }
    }
}
