using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Certificates.Tests.Proxy;

/// <summary>Clients that keep their connections and ask again and again, and others that come anew each time. Every broken or refused one counts.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly List<Task> _clients = [];
    private readonly int _port;
    private int _answers, _dropped, _handshakes;

    public Load(int port, int keeping, int coming)
    {
        _port = port;
        for (var i = 0; i < keeping; i++) _clients.Add(KeepAsync());
        for (var i = 0; i < coming; i++) _clients.Add(ComeAsync());
    }

    public int Answers => Volatile.Read(ref _answers);
    public int Dropped => Volatile.Read(ref _dropped);
    public int Handshakes => Volatile.Read(ref _handshakes);
    public string? First { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAll(_clients);
        _over.Dispose();
    }

    /// <summary>One connection for as long as the server keeps it. A server that says "Connection: close", or closes between two answers, drops nobody; one that is cut within an answer does.</summary>
    private async Task KeepAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                await using var stream = await OpenAsync();
                while (!_over.IsCancellationRequested && await AskAsync(stream, close: false)) await Task.Delay(20);
            }
            catch (Exception failed) when (failed is IOException or SocketException or System.Security.Authentication.AuthenticationException)
            {
                Drop(failed);
            }
        }
    }

    private async Task ComeAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                await using var stream = await OpenAsync();
                await AskAsync(stream, close: true);
                await Task.Delay(20);
            }
            catch (Exception failed) when (failed is IOException or SocketException or System.Security.Authentication.AuthenticationException)
            {
                Drop(failed);
            }
        }
    }

    private async Task<SslStream> OpenAsync()
    {
        var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", _port);
        var stream = new SslStream(socket.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = TestStore.Name });
        Interlocked.Increment(ref _handshakes);
        return stream;
    }

    /// <returns>False: the server ends the connection properly.</returns>
    private async Task<bool> AskAsync(SslStream stream, bool close)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {TestStore.Name}\r\n{(close ? "Connection: close\r\n" : "")}\r\n"));
        var text = "";
        var buffer = new byte[4096];
        while (!text.EndsWith("well", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer);
            if (read == 0)
            {
                // Nginx closes idle connections of old workers; a request that crosses with that is repeated by every client (RFC 9110 §9.2.2), an answer cut in half is not.
                if (text.Length > 0) throw new IOException($"an answer ended within: {text}");
                return false;
            }
            text += Encoding.ASCII.GetString(buffer, 0, read);
        }
        Interlocked.Increment(ref _answers);
        return !text.Contains("Connection: close", StringComparison.OrdinalIgnoreCase);
    }

    private void Drop(Exception failed)
    {
        if (_over.IsCancellationRequested) return;
        First ??= failed.ToString();
        Interlocked.Increment(ref _dropped);
    }
}
