using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ExampleStacks;

namespace Delivery.Tests;

/// <summary>
/// The addresses of the clouds on a socket of this machine: every host leads here, over real TLS under the real names, and what is asked is answered by the table.
/// The answers have the form that the clouds' references tell.
/// </summary>
internal sealed class CloudStub : IDisposable
{
    private static readonly TestAuthority Authority = new("Clouds");
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly Func<Asked, (int Status, string Body)> _answer;

    /// <param name="Path">With query.</param>
    /// <param name="Headers">By lower-case name.</param>
    public sealed record Asked(string Method, string Host, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

    public CloudStub(Func<Asked, (int Status, string Body)> answer)
    {
        _answer = answer;
        var issued = Authority.Issue(["*.eu-central-1.amazonaws.com", "management.azure.com", "login.microsoftonline.com", "compute.googleapis.com", "oauth2.googleapis.com"]);
        using var own = issued.Certificate.CopyWithPrivateKey((ECDsa)issued.Key);
        _certificate = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        _listener.Start();
        _ = ServeAsync();
    }

    public ConcurrentQueue<Asked> Calls { get; } = new();

    /// <summary>A handler that connects every host to the stub and trusts its authority alone.</summary>
    public HttpMessageHandler Handler()
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(Authority.Root);
        trust.ExtraStore.Add(Authority.Intermediate);
        return new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = trust },
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(_listener.LocalEndpoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
    }

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true) _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test has ended.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var connection = client;
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(_certificate);
            var asked = await ReadAsync(stream);
            Calls.Enqueue(asked);
            var (status, body) = _answer(asked);
            var bytes = Encoding.UTF8.GetBytes(body);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Told\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"));
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
        }
        catch (Exception gone) when (gone is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client has gone.
        }
    }

    private static async Task<Asked> ReadAsync(Stream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (!(bytes.Count > 3 && bytes[^1] == '\n' && bytes[^2] == '\r' && bytes[^3] == '\n'))
        {
            if (await stream.ReadAsync(one) == 0) throw new IOException("ended in its head");
            bytes.Add(one[0]);
        }
        var lines = Encoding.ASCII.GetString([.. bytes]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines[1..].Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1].Trim());
        var body = new byte[headers.TryGetValue("content-length", out var length) ? int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body);
        var first = lines[0].Split(' ');
        return new Asked(first[0], headers["host"], first[1], headers, Encoding.UTF8.GetString(body));
    }
}
