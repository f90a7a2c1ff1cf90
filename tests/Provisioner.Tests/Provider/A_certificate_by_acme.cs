using System.Globalization;
using Certificates.Tests.Authority;
using Provisioner.Tests.Deploying;
using PulumiEngine;
using PulumiEngine.Deploying;
using Xunit;

namespace Provisioner.Tests.Provider;

/// <summary>The whole way: the Pulumi program, the local engine, our provider, a real sshd, and on the host the real tool, which orders from a real pebble. Only Docker is a script there.</summary>
[Collection(Port)]
public sealed class A_certificate_by_acme : IAsyncLifetime
{
    /// <summary>The port where a host's tool answers challenges is one for the whole machine.</summary>
    public const string Port = "the port of challenges";

    // The port that the proxy passes challenges on to: pebble asks there, as if the proxy had done so.
    private readonly TestCa _ca = new() { HttpPort = 8402 };
    private readonly LoopbackHost _host = new();
    private readonly string _states = Directory.CreateTempSubdirectory("acme-states-").FullName;

    public async ValueTask InitializeAsync()
    {
        await _ca.InitializeAsync();
        _ca.Ready();
        await _host.InitializeAsync();
        _host.Ready();
        if (new DriveInfo(_host.Folder).AvailableFreeSpace < 12L << 30) Assert.Skip("Less than 12 GiB are free here: the host would be refused for it.");
        // The published tool needs no runtime and takes a minute to make; this one is the same program on the machine's runtime.
        _host.Write("certificates", $"#!/bin/sh\nexec dotnet {RepositoryFolder.Program("Certificates", "certificates")} \"$@\"\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _ca.DisposeAsync();
        if (_host.Missing is null) await _host.DisposeAsync();
        Directory.Delete(_states, recursive: true);
    }

    [Fact]
    public async Task Is_ordered_on_the_host_once_though_refused_at_first_left_alone_and_ordered_again_when_it_is_gone()
    {
        // A preview goes nowhere, least of all to the authority.
        (await Engine().PreviewAsync()).MustSucceed();
        Assert.Empty(_ca.Proxy.Calls);
        Assert.Empty(_host.Journal);

        // A refusal is told with cause and remedy, and the next run goes on with the same order.
        _ca.Proxy.Refuse("finalize", 403, "unauthorized", "the proof is gone");
        var failed = await Engine().UpAsync();
        Assert.Contains(failed.Errors, e => e.Contains("says unauthorized: the proof is gone", StringComparison.Ordinal) && e.Contains("What to do:", StringComparison.Ordinal));
        Assert.True(_ca.Proxy.AllFaultsMet);
        var up = (await Engine().UpAsync()).MustSucceed();
        var certificate = up.Step("certificate").Outputs.Fields;
        var serial = new FileInfo(_host.At("/srv/appliance/tls/current")).LinkTarget!;
        Assert.Equal((serial, "acme"), (certificate["serial"].StringValue, certificate["source"].StringValue));
        Assert.StartsWith("CN=Pebble Intermediate", certificate["issuer"].StringValue, StringComparison.Ordinal);
        Assert.True(DateTimeOffset.Parse(certificate["notAfter"].StringValue, CultureInfo.InvariantCulture) > DateTimeOffset.UtcNow.AddDays(80));
        Assert.Contains("BEGIN CERTIFICATE", _host.Read("/srv/appliance/tls/current/server.crt"), StringComparison.Ordinal);
        Assert.Equal(1, Orders);
        var state = await File.ReadAllTextAsync(Directory.GetFiles(_states).Single());
        Assert.DoesNotContain("PRIVATE KEY", state, StringComparison.Ordinal);

        var before = _host.Fingerprints();
        Assert.False((await Engine().UpAsync()).MustSucceed().HasChanges);
        Assert.Equal(before, _host.Fingerprints());

        // Proofs by DNS from now on: the settings go there, and nothing is ordered for that.
        var changed = (await Engine(ByDns).UpAsync()).MustSucceed();
        Assert.Equal((1, Operation.Update), (Orders, changed.Step("certificate").Operation));
        Assert.Contains("dns-01", _host.Read("/opt/appliance/certificates/settings.json"), StringComparison.Ordinal);
        Assert.DoesNotContain(changed.Changes, c => c.Operation is Operation.Replace or Operation.Delete);

        // The host renews by itself: another serial is no difference. None at all is one.
        await RenewAsync();
        Assert.Equal(2, Orders);
        (await Engine(ByDns).RefreshAsync()).MustSucceed();
        Assert.False((await Engine(ByDns).PreviewAsync()).MustSucceed().HasChanges);
        Directory.Delete(_host.At("/srv/appliance/tls"), recursive: true);
        (await Engine(ByDns).RefreshAsync()).MustSucceed();
        var again = (await Engine(ByDns).UpAsync()).MustSucceed();
        Assert.Equal(Operation.Create, again.Step("certificate").Operation);
        Assert.NotEqual(serial, new FileInfo(_host.At("/srv/appliance/tls/current")).LinkTarget);
        Assert.Equal(3, Orders);
    }

    private int Orders => _ca.Proxy.Made.Values.Count(k => k == "order");

    private (string, string?)[] ByDns => [("acmeChallenge", "dns-01"), ("dnsProvider", "rfc2136"), ("dnsZone", NameServer.Zone), ("dnsServer", $"127.0.0.1:{_ca.Names.Port}"), ("dnsKeyName", NameServer.KeyName), ("dnsKey", NameServer.Key)];

    private async Task RenewAsync()
    {
        var run = await ProgramRun.OfAsync("ssh", ["-p", _host.Port.ToString(CultureInfo.InvariantCulture), "-i", $"{_host.Folder}/login-key", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "root@127.0.0.1",
            "/opt/appliance/bin/certificates", "renew", "--even-if-not-due", "--settings", "/opt/appliance/certificates/settings.json"]);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
    }

    private LocalEngine Engine(params (string Key, string? Value)[] changes)
    {
        var input = HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]), [("certificate", "acme"), ("certificateChain", null), ("certificateKey", null), ("acmeDirectory", _ca.Proxy.Directory.AbsoluteUri), ("acmeRoot", _ca.RootPem),
            .. HostedStack.On(_host), .. changes]);
        return HostedStack.Engine(input with { SecretKeys = input.SecretKeys.Append("appliance:dnsKey").ToHashSet() }, _states, $"{_host.Folder}/certificates");
    }
}
