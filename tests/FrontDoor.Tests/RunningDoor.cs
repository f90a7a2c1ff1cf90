using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ExampleStacks;
using Xunit;

namespace FrontDoor.Tests;

/// <summary>nginx/serve as in the proxy's container, on loopback, before two servers and the service that answers an authority's challenges.</summary>
public sealed class RunningDoor : IAsyncLifetime
{
    public const string Name = "backup.example.org";

    private static readonly TestAuthority Authority = new("Front door");
    private readonly StringBuilder _said = new();
    private Process? _serve;
    private Backend? _a, _b, _certificates;

    public string Folder { get; } = Directory.CreateTempSubdirectory("front-door-").FullName;
    public int Port { get; private set; }
    public int PlainPort { get; private set; }
    internal Backend A => _a!;
    internal Backend B => _b!;
    public string Said { get { lock (_said) return _said.ToString(); } }
    public string Serving => File.Exists($"{Folder}/nginx/serving") ? File.ReadAllText($"{Folder}/nginx/serving") : "";
    public string CaFile => $"{Folder}/ca.crt";

    public async ValueTask InitializeAsync()
    {
        (_a, _b, _certificates) = (await Backend.StartAsync("a"), await Backend.StartAsync("b"), await Backend.StartAsync("certificates"));
        Directory.CreateDirectory($"{Folder}/front");
        await File.WriteAllTextAsync(CaFile, Authority.Root.ExportCertificatePem());
        Place("first", Issue());
        Switch(A.Address);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            // nginx does not tell a port that it chose itself, so another process may be quicker: then once more.
            (Port, PlainPort) = (FreePort(), FreePort());
            if (await StartAsync()) return;
        }
        Assert.Fail("The door did not open: " + Said);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var backend in new[] { _a, _b, _certificates }.OfType<Backend>())
        {
            backend.Release.TrySetResult();
            await backend.DisposeAsync();
        }
        Directory.Delete(Folder, recursive: true);
    }

    /// <param name="extra">More of the environment.</param>
    public async Task<bool> StartAsync(params (string Name, string Value)[] extra)
    {
        var start = Repository.Start("sh", ["nginx/serve"]);
        foreach (var (name, value) in new[] { ("TLS", $"{Folder}/tls/current"), ("FRONT", $"{Folder}/front"), ("WORK", $"{Folder}/nginx"), ("LISTEN", $"127.0.0.1:{Port}"), ("HTTP_LISTEN", $"127.0.0.1:{PlainPort}"),
            ("CERTIFICATES", _certificates!.Address), ("SERVER_NAME", Name), ("ACCESS_LOG", $"{Folder}/access.log") }.Concat(extra)) start.Environment[name] = value;
        _serve = Process.Start(start)!;
        _serve.ErrorDataReceived += (_, line) => { lock (_said) _said.AppendLine(line.Data); };
        _serve.BeginErrorReadLine();
        _ = _serve.StandardOutput.ReadToEndAsync();
        while (!_serve.HasExited)
        {
            if (Serving.Length > 0) return true;
            if (Said.Contains("Address already in use", StringComparison.Ordinal)) { await StopAsync(); return false; }
            await Task.Delay(50);
        }
        return false;
    }

    public async Task StopAsync()
    {
        if (_serve is null) return;
        File.Delete($"{Folder}/nginx/serving");
        if (!_serve.HasExited) Repository.Run("kill", "-TERM", _serve.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await _serve.WaitForExitAsync();
        _serve.Dispose();
        _serve = null;
    }

    /// <summary>A certificate as testssl wants it: with the address of a list of revocations and of a responder that nobody asks.</summary>
    public static IssuedCertificate Issue(bool responder = false) => Authority.Issue([Name, "localhost"], change: request =>
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension(["http://crl.example.org/test.crl"]));
        if (responder) request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(["http://127.0.0.1:9/"], null));
    });

    /// <summary>Stores a certificate in a folder of its own and switches the link, as the store on a host does.</summary>
    public void Place(string folder, IssuedCertificate issued)
    {
        Directory.CreateDirectory($"{Folder}/tls/{folder}");
        File.WriteAllText($"{Folder}/tls/{folder}/server.crt", issued.ChainPem);
        File.WriteAllText($"{Folder}/tls/{folder}/server.key", issued.KeyPem);
        Point(folder);
    }

    public void Point(string folder) => Assert.Equal(0, Repository.Run("sh", "-ec", $"cd {Folder}/tls; ln -sfn {folder} next; mv -fT next current").ExitCode);

    public void Switch(string upstream)
    {
        File.WriteAllText($"{Folder}/front/upstream.new", upstream + "\n");
        File.Move($"{Folder}/front/upstream.new", $"{Folder}/front/upstream", overwrite: true);
    }

    public async Task UntilAsync(Func<bool> come, string what)
    {
        for (var left = 1200; !come(); left--)
        {
            if (left == 0) Assert.Fail($"Not within a minute: {what}. It said: {Said}");
            await Task.Delay(50);
        }
    }

    /// <param name="reuse">False: every request over a connection of its own.</param>
    public HttpClient Client(bool reuse = true) => new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = reuse ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => Trusts(certificate) },
        ConnectCallback = async (_, cancellationToken) => await ConnectAsync(Port, cancellationToken),
    })
    {
        BaseAddress = new Uri($"https://{Name}"), Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>Serial number of the certificate that the door last answered a client of ours with.</summary>
    public string? Seen { get; private set; }

    /// <summary>By our authority's root alone; its addresses of revocations lead nowhere.</summary>
    internal bool Trusts(X509Certificate? certificate)
    {
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(Authority.Root);
        chain.ChainPolicy.ExtraStore.Add(Authority.Intermediate);
        Seen = certificate!.GetSerialNumberString();
        return chain.Build((X509Certificate2)certificate);
    }

    public HttpClient PlainClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectCallback = async (_, cancellationToken) => await ConnectAsync(PlainPort, cancellationToken) }) { BaseAddress = new Uri($"http://{Name}") };

    private static async Task<Stream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
