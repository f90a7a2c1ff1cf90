using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using ExampleStacks;
using Xunit;

namespace Delivery.Tests;

/// <summary>A real pebble (an ACME authority for tests) on loopback, its TLS by a root of our own.</summary>
public sealed class Authority : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pebble-").FullName;
    private readonly TestAuthority _tls = new("Pebble");
    private Process? _pebble;

    public string DirectoryAddress { get; private set; } = "";
    public string RootPem => _tls.Root.ExportCertificatePem();
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Tool.Find("pebble") is not { } program)
        {
            Missing = "pebble is not installed here.";
            return;
        }
        var issued = _tls.Issue(["localhost"]);
        await File.WriteAllTextAsync(_folder + "/chain.pem", issued.ChainPem);
        await File.WriteAllTextAsync(_folder + "/key.pem", issued.KeyPem);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var port = NameServers.FreePort();
            var settings = new { pebble = new { listenAddress = $"127.0.0.1:{port}", managementListenAddress = $"127.0.0.1:{NameServers.FreePort()}", certificate = _folder + "/chain.pem", privateKey = _folder + "/key.pem", httpPort = 5002, tlsPort = 5001, ocspResponderURL = "", externalAccountBindingRequired = true, externalAccountMACKeys = new Dictionary<string, string> { ["kid-1"] = "dGhpcy1pcy1hLXRlc3Qta2V5LW9mLWVhYg" } } };
            await File.WriteAllTextAsync(_folder + "/pebble.json", JsonSerializer.Serialize(settings));
            _pebble = Process.Start(new ProcessStartInfo(program, ["-config", _folder + "/pebble.json"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            _ = _pebble.StandardOutput.ReadToEndAsync();
            _ = _pebble.StandardError.ReadToEndAsync();
            while (!_pebble.HasExited)
            {
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync("127.0.0.1", port);
                    DirectoryAddress = $"https://localhost:{port}/dir";
                    return;
                }
                catch (SocketException)
                {
                    await Task.Delay(20);
                }
            }
        }
        Assert.Fail("pebble did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_pebble is { HasExited: false })
        {
            _pebble.Kill();
            await _pebble.WaitForExitAsync();
        }
        _pebble?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
