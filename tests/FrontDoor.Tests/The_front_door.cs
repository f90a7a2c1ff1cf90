using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace FrontDoor.Tests;

/// <summary>The rendered Nginx configuration, run by the real Nginx with a real certificate.</summary>
public sealed partial class The_front_door : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("house-nginx-").FullName;
    private int _port;
    private Process? _nginx;
    private TcpListener? _server;

    public async ValueTask InitializeAsync()
    {
        _server = new TcpListener(IPAddress.Loopback, 0);       // stands for the appliance's server
        _server.Start();
        _ = AnswerAsync(_server);
        Assert.Equal(0, Repository.Run("sh", ["nginx/local-ca", $"{_folder}/tls"]).ExitCode);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            _port = FreePort();     // nginx does not tell a port that it chose itself, so another process may be quicker: then once more
            Render($"127.0.0.1:{_port}");
            _nginx = Process.Start(new ProcessStartInfo("nginx", ["-p", $"{_folder}/run", "-c", $"{_folder}/conf/appliance.conf", "-e", "stderr", "-g", "daemon off;"])
            {
                RedirectStandardError = true,
                Environment = { ["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin" },
            })!;
            while (!_nginx.HasExited)
            {
                if (Listens()) return;
                await Task.Delay(20);
            }
        }
        Assert.Fail("nginx did not start: " + await _nginx!.StandardError.ReadToEndAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _server?.Dispose();
        if (_nginx is { HasExited: false })
        {
            _nginx.Kill(entireProcessTree: true);      // workers would outlive a killed master
            await _nginx.WaitForExitAsync();
        }
        _nginx?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Passes_nginxs_own_test_without_a_warning()
    {
        var (code, _, errors) = Repository.Run("nginx", ["-t", "-p", $"{_folder}/run", "-c", $"{_folder}/conf/appliance.conf", "-e", "stderr"]);
        Assert.Equal(0, code);
        Assert.DoesNotContain("[warn]", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_no_placeholder_unfilled()
    {
        foreach (var file in Directory.GetFiles($"{_folder}/conf"))
            Assert.DoesNotContain("${", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1", false)]
    [InlineData("-tls1_1", false)]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    public void Speaks_TLS_1_2_and_1_3_only(string version, bool accepted)
    {
        // Security level 0 lets the client offer what it would refuse by itself, so that it is the server's no that is seen.
        var (_, output, errors) = Repository.Run("openssl",
            ["s_client", "-connect", $"127.0.0.1:{_port}", version, "-cipher", "ALL:@SECLEVEL=0", "-CAfile", $"{_folder}/tls/ca.crt", "-verify_return_error", "-brief"]);
        Assert.True(accepted == (output + errors).Contains("CONNECTION ESTABLISHED", StringComparison.Ordinal), output + errors);
        if (!accepted) Assert.Contains("alert", errors, StringComparison.OrdinalIgnoreCase);    // refused by the server, not by the client
    }

    [Theory]
    [InlineData("AES128-SHA")]
    [InlineData("AES256-GCM-SHA384")]
    [InlineData("ECDHE-ECDSA-AES128-SHA256")]
    public void Refuses_suites_without_forward_secrecy_or_AEAD(string suite)
    {
        var (_, output, errors) = Repository.Run("openssl",
            ["s_client", "-connect", $"127.0.0.1:{_port}", "-tls1_2", "-cipher", $"{suite}:@SECLEVEL=0", "-brief"]);
        Assert.DoesNotContain("CONNECTION ESTABLISHED", output + errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api/v1/jobs/1/events")]
    public void Sends_the_security_headers_and_no_version(string path)
    {
        var (code, output, errors) = Repository.Run("curl", ["-sS", "-i", "--cacert", $"{_folder}/tls/ca.crt", $"https://localhost:{_port}{path}"]);
        Assert.True(code == 0, errors);
        foreach (var header in new[] { "strict-transport-security: max-age=63072000", "x-content-type-options: nosniff", "x-frame-options: DENY", "content-security-policy: default-src", "referrer-policy: same-origin" })
            Assert.Contains(header, output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(@"(?im)^server:.*\d", output);
        Assert.Contains("hello from behind", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_a_header_to_the_server_that_sends_it_itself()
    {
        var (_, output, _) = Repository.Run("curl", ["-sS", "-i", "--cacert", $"{_folder}/tls/ca.crt", $"https://localhost:{_port}/with-policy"]);
        Assert.Equal(["from the server"], output.Split('\n').Where(l => l.StartsWith("content-security-policy:", StringComparison.OrdinalIgnoreCase)).Select(l => l.Split(':')[1].Trim()));
    }

    [Fact]
    public void Sends_a_plain_request_to_the_encrypted_address()
    {
        var (_, output, _) = Repository.Run("curl", ["-sS", "-i", $"http://localhost:{_port}/orgs"]);
        Assert.Contains($"location: https://localhost:{_port}/orgs", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Says_so_when_the_server_is_away()
    {
        _server!.Stop();
        var (_, output, _) = Repository.Run("curl", ["-sS", "-i", "--cacert", $"{_folder}/tls/ca.crt", $"https://localhost:{_port}/"]);
        Assert.Contains(" 503", output.Split('\n')[0], StringComparison.Ordinal);
        Assert.Contains("The appliance is starting or stopped", output, StringComparison.Ordinal);
        Assert.Contains("strict-transport-security", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Logs_no_query_because_one_time_secrets_stand_there()
    {
        Repository.Run("curl", ["-sS", "--cacert", $"{_folder}/tls/ca.crt", $"https://localhost:{_port}/setup?token=very-secret"]);
        var log = File.ReadAllText($"{_folder}/run/access.log");
        Assert.Contains("/setup", log, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", log, StringComparison.Ordinal);
    }

    [Fact]
    public void Uses_the_suites_of_the_Mozilla_intermediate_guideline()
    {
        var suites = Suites().Match(File.ReadAllText($"{_folder}/conf/tls.conf")).Groups[1].Value.Split(':');
        Assert.Equal(6, suites.Length);
        Assert.All(suites, s => Assert.Matches("^ECDHE-(ECDSA|RSA)-(AES128-GCM-SHA256|AES256-GCM-SHA384|CHACHA20-POLY1305)$", s));
    }

    [Fact]
    public void Keeps_its_keys_to_the_owner()
    {
        foreach (var key in new DirectoryInfo($"{_folder}/tls").GetFiles("*.key"))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, key.UnixFileMode);
    }

    private void Render(string listen)
    {
        var (code, _, errors) = Repository.Run("sh",
            ["nginx/render", $"{_folder}/conf", $"{_folder}/run", $"{_folder}/tls", listen, _server!.LocalEndpoint.ToString()!]);
        Assert.True(code == 0, errors);
    }

    private bool Listens()
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            client.Connect(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task AnswerAsync(TcpListener server)
    {
        try
        {
            while (true)
            {
                using var client = await server.AcceptTcpClientAsync();
                var stream = client.GetStream();
                var request = new byte[4096];
                var length = await stream.ReadAtLeastAsync(request, 1);
                var policy = request.AsSpan(0, length).IndexOf("/with-policy"u8) > 0 ? "Content-Security-Policy: from the server\r\n" : "";
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{policy}Content-Length: 17\r\nConnection: close\r\n\r\nhello from behind"));
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
            return;     // the test is over
        }
    }

    [GeneratedRegex("ssl_ciphers ([^;]+);")]
    private static partial Regex Suites();
}
