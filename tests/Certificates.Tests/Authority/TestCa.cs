using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using ExampleStacks;
using Xunit;

namespace Certificates.Tests.Authority;

/// <summary>A whole authority on loopback: a real pebble that refuses nonces, a real bind9 that it resolves names with, and the proxy that adds what Debian's pebble lacks.</summary>
public class TestCa : IAsyncLifetime
{
    public const string BindingId = "kid-1", BindingKey = "dGhpcy1pcy1hLXRlc3Qta2V5LW9mLWVhYg";

    private readonly string _folder = Directory.CreateTempSubdirectory("pebble-").FullName;
    private readonly TestAuthority _tls = new("Pebble");
    private Process? _pebble;

    public string? Missing { get; private set; }
    public NameServer Names { get; } = new();
    public AcmeProxy Proxy { get; private set; } = null!;

    /// <summary>Where pebble looks for http-01.</summary>
    public int HttpPort { get; init; } = Tool.FreePort();
    public string RootPem => _tls.Root.ExportCertificatePem();

    /// <summary>Before the start.</summary>
    public bool WantsBinding { get; init; }
    public string? OtherName { get; init; }
    public int LifeSeconds { get; init; } = 90 * 86400;

    public async ValueTask InitializeAsync()
    {
        if (Tool.Find("pebble") is not { } program || Tool.Find("named") is not { } named)
        {
            Missing = "pebble or bind9 is not installed here.";
            return;
        }
        await Names.StartAsync(named);
        var issued = _tls.Issue(["localhost"]);
        await File.WriteAllTextAsync(_folder + "/chain.pem", issued.ChainPem);
        await File.WriteAllTextAsync(_folder + "/key.pem", issued.KeyPem);
        for (var attempt = 0; ; attempt++)
        {
            var port = Tool.FreePort();
            var settings = new
            {
                pebble = new
                {
                    listenAddress = $"127.0.0.1:{port}", managementListenAddress = $"127.0.0.1:{Tool.FreePort()}", certificate = _folder + "/chain.pem", privateKey = _folder + "/key.pem", httpPort = HttpPort, tlsPort = 5001,
                    ocspResponderURL = "", certificateValidityPeriod = LifeSeconds, externalAccountBindingRequired = WantsBinding, externalAccountMACKeys = new Dictionary<string, string> { [BindingId] = BindingKey },
                },
            };
            await File.WriteAllTextAsync(_folder + "/pebble.json", JsonSerializer.Serialize(settings));
            _pebble = Process.Start(new ProcessStartInfo(program, ["-config", _folder + "/pebble.json", "-dnsserver", $"127.0.0.1:{Names.Port}"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
                Environment = { ["PEBBLE_VA_NOSLEEP"] = "1", ["PEBBLE_WFE_NONCEREJECT"] = "15", ["PEBBLE_AUTHZREUSE"] = "0" },
            })!;
            _ = _pebble.StandardOutput.ReadToEndAsync();
            _ = _pebble.StandardError.ReadToEndAsync();
            while (!_pebble.HasExited)
            {
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync("127.0.0.1", port);
                    Proxy = await AcmeProxy.StartAsync(port, _tls, OtherName);
                    return;
                }
                catch (SocketException)
                {
                    await Task.Delay(20);
                }
            }
            if (attempt == 4) throw new InvalidOperationException("pebble did not start.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Proxy is not null) await Proxy.DisposeAsync();
        await Tool.EndAsync(_pebble);
        await Names.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    public void Ready()
    {
        if (Missing is not null) Assert.Skip(Missing);
    }
}
