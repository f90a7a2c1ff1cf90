using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EndToEnd.Containers;

/// <summary>TLS before the simulated org, which speaks plain HTTP: the appliance signs in over TLS only.</summary>
internal sealed class TlsDoor : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly TcpListener _listener;
    private readonly X509Certificate2 _certificate;
    private readonly Task _accepting;

    public TlsDoor(string address)
    {
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        Address = new Uri($"https://{_listener.LocalEndpoint}");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Simulated org", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>Who answers; set before anybody calls.</summary>
    public Uri? Backend { get; set; }

    public bool Is(X509Certificate? certificate) => certificate?.GetCertHashString() == _certificate.GetCertHashString();

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _certificate.Dispose();
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync(_over.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // closed
        }
    }

    private async Task CarryAsync(TcpClient outer)
    {
        using var inner = new TcpClient();
        using (outer)
            try
            {
                await using var tls = new SslStream(outer.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _over.Token);
                await inner.ConnectAsync(Backend!.Host, Backend.Port, _over.Token);
                await Task.WhenAny(tls.CopyToAsync(inner.GetStream(), _over.Token), inner.GetStream().CopyToAsync(tls, _over.Token));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or System.Security.Authentication.AuthenticationException)
            {
                // one side went away
            }
    }
}
