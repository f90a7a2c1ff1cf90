using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates.Renewal;

/// <summary>Asks the proxy itself which certificate it serves.</summary>
/// <param name="address">host:port, as this process reaches the proxy.</param>
public sealed class HandshakeProof(string address, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5), Pause = TimeSpan.FromMilliseconds(100);

    /// <returns>Serial, hexadecimal, lower case; null: nobody answers with a certificate.</returns>
    public async Task<string?> ServedAsync(string name, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        string? serial = null;
        try
        {
            using var socket = new TcpClient();
            var colon = address.LastIndexOf(':');
            await socket.ConnectAsync(address[..colon].Trim('[', ']'), int.Parse(address[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture), limit.Token);
            // Whether it is trusted is not the question: which one it is, is.
            await using var stream = new SslStream(socket.GetStream(), false, (_, certificate, _, _) => (serial = (certificate as X509Certificate2)?.SerialNumber.ToLowerInvariant()) is not null);
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, CertificateRevocationCheckMode = X509RevocationMode.NoCheck }, limit.Token);
            return serial;
        }
        catch (Exception silent) when (silent is SocketException or IOException or AuthenticationException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Asks until this serial is served or patience ends.</summary>
    /// <returns>What was served last.</returns>
    public async Task<string?> WaitAsync(string name, string serial, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var served = await ServedAsync(name, cancellationToken);
            if (served == serial || time.GetElapsedTime(began) > patience) return served;
            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
