using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Delivery.Tests;

/// <summary>
/// A small DNS of its own, served by a real bind9: a root, .org, example.org, crm.example.org (a child), each on an address of its own, and a resolver.
/// Nothing listens on the servers of silent.org. bind9 listens only on addresses that the machine has, so a relay takes 127.0.77.x and passes on to it;
/// the view is chosen by the address that the relay speaks from.
/// </summary>
public sealed class NameServers : IAsyncLifetime
{
    public const string Key = "dGVzdC1rZXktb2YtdGhlLW5hbWUtc2VydmVyLTMyYnl0ZQ==";

    private readonly string _folder = Directory.CreateTempSubdirectory("named-").FullName;
    private readonly List<IDisposable> _relays = [];
    private Process? _named;
    private int _inner;

    public int Port { get; private set; }
    public static IPAddress Root { get; } = IPAddress.Parse("127.0.77.1");
    public IPEndPoint Resolver => new(IPAddress.Parse("127.0.77.5"), Port);

    /// <summary>Null when bind9 is here.</summary>
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Tool.Find("named") is not { } named)
        {
            Missing = "bind9 is not installed here.";
            return;
        }
        for (var attempt = 0; attempt < 5; attempt++)
        {
            _inner = FreePort();
            Write();
            _named = Process.Start(new ProcessStartInfo(named, ["-g", "-c", _folder + "/named.conf"]) { RedirectStandardError = true, WorkingDirectory = _folder })!;
            while (await _named.StandardError.ReadLineAsync() is { } line)
            {
                if (!line.EndsWith(" running", StringComparison.Ordinal)) continue;
                _ = _named.StandardError.ReadToEndAsync();      // so that it never blocks
                Port = FreePort();
                for (var server = 1; server <= 5; server++) Relay(IPAddress.Parse($"127.0.77.{server}"));
                return;
            }
        }
        Assert.Fail("named did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays) relay.Dispose();
        if (_named is { HasExited: false })
        {
            _named.Kill();
            await _named.WaitForExitAsync();
        }
        _named?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Write()
    {
        const string Head = "$TTL 60\n@ SOA ns.invalid. host.invalid. 1 60 60 60 60\n";
        File.WriteAllText(_folder + "/root.zone", Head + "@ NS a.root.\na.root. A 127.0.77.1\norg. NS ns.org.\nns.org. A 127.0.77.2\n");
        File.WriteAllText(_folder + "/org.zone", Head + """
            @ NS ns.org.
            ns A 127.0.77.2
            example NS ns1.example
            ns1.example A 127.0.77.3
            outside NS ns1.example
            silent NS ns1.silent
            ns1.silent A 127.0.77.9

            """);
        File.WriteAllText(_folder + "/example.zone", Head + """
            @ NS ns1
            ns1 A 127.0.77.3
            taken A 203.0.113.99
            host A 203.0.113.20
            closed CAA 0 issue ";"
            other CAA 0 issue "pki.goog"
            strict CAA 0 issue "letsencrypt.org; validationmethods=dns-01"
            good CAA 0 issue "letsencrypt.org"
            mail CAA 0 iodef "mailto:security@example.org"
            crm NS ns1.crm
            ns1.crm A 127.0.77.4

            """);
        File.WriteAllText(_folder + "/crm.zone", Head + "@ NS ns1\nns1 A 127.0.77.4\n");
        File.WriteAllText(_folder + "/outside.zone", Head + "@ NS ns1.example.org.\nbackup A 203.0.113.1\n");
        File.WriteAllText(_folder + "/named.conf", $$"""
            key "appliance.example.org" { algorithm hmac-sha256; secret "{{Key}}"; };
            options {
                directory "{{_folder}}"; pid-file none; session-keyfile "{{_folder}}/session.key"; listen-on port {{_inner}} { 127.0.0.1; };
                listen-on-v6 { none; }; dnssec-validation no; recursion no; notify no;
            };
            controls { };
            view root { match-clients { 127.0.77.1; }; zone "." { type primary; file "root.zone"; }; };
            view org { match-clients { 127.0.77.2; }; zone "org" { type primary; file "org.zone"; }; };
            view example {
                match-clients { 127.0.77.3; 127.0.0.1; };
                zone "example.org" { type primary; file "example.zone"; allow-update { key "appliance.example.org"; }; };
                zone "outside.org" { type primary; file "outside.zone"; };
            };
            view crm { match-clients { 127.0.77.4; }; zone "crm.example.org" { type primary; file "crm.zone"; }; };
            view resolver {
                match-clients { 127.0.77.5; }; recursion yes;
                zone "example.org" { type forward; forward only; forwarders { 127.0.0.1 port {{_inner}}; }; };
            };
            """);
    }

    private void Relay(IPAddress address)
    {
        var datagrams = new UdpClient(new IPEndPoint(address, Port));
        var connections = new TcpListener(address, Port);
        connections.Start();
        _relays.AddRange([datagrams, connections]);
        _ = DatagramsAsync(datagrams, address);
        _ = ConnectionsAsync(connections, address);
    }

    private async Task DatagramsAsync(UdpClient outside, IPAddress address)
    {
        try
        {
            while (true)
            {
                var question = await outside.ReceiveAsync();
                _ = Task.Run(async () =>
                {
                    using var inside = new UdpClient(new IPEndPoint(address, 0));
                    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                    await inside.SendAsync(question.Buffer, new IPEndPoint(IPAddress.Loopback, _inner));
                    await outside.SendAsync((await inside.ReceiveAsync(patience.Token)).Buffer, question.RemoteEndPoint);
                });
            }
        }
        catch (Exception over) when (over is ObjectDisposedException or SocketException)
        {
            return;
        }
    }

    private async Task ConnectionsAsync(TcpListener outside, IPAddress address)
    {
        try
        {
            while (true)
            {
                var client = await outside.AcceptTcpClientAsync();
                _ = Task.Run(async () =>
                {
                    using (client)
                    using (var inside = new TcpClient(new IPEndPoint(address, 0)))
                    {
                        await inside.ConnectAsync(IPAddress.Loopback, _inner);
                        await Task.WhenAny(client.GetStream().CopyToAsync(inside.GetStream()), inside.GetStream().CopyToAsync(client.GetStream()));
                    }
                });
            }
        }
        catch (Exception over) when (over is ObjectDisposedException or SocketException)
        {
            return;
        }
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
