using System.Net;
using System.Net.Sockets;

namespace Vault.Tests;

/// <summary>Between a client and a server: cuts the connection at one numbered message, before the request goes on or before its answer comes back.</summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private int _messages, _cut;
    private volatile bool _refuses;

    public LossyProxy(Uri server)
    {
        _server = new IPEndPoint(IPAddress.Parse(server.Host), server.Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Messages seen since the last order; a request and its answer are one each.</summary>
    public int Messages => Volatile.Read(ref _messages);

    /// <summary>Cuts at the n-th message from now (0: never): odd ones are mostly requests, even ones answers.</summary>
    public void CutAt(int message) => At(message, refuses: false);

    /// <summary>Answers the n-th message from now, or the next request after it, with a 400 that says nothing, as a gateway under load does; it never reaches the server.</summary>
    public void RefuseAt(int message) => At(message, refuses: true);

    private void At(int message, bool refuses)
    {
        _refuses = refuses;
        Volatile.Write(ref _cut, message);
        Volatile.Write(ref _messages, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(_server, _end.Token);
            var (up, down) = (client.GetStream(), server.GetStream());
            var talking = 0;    // 1: the client spoke last, 2: the server did
            await Task.WhenAny(PumpAsync(up, down, 1), PumpAsync(down, up, 2));

            async Task PumpAsync(NetworkStream from, NetworkStream to, int side)
            {
                var buffer = new byte[64 * 1024];
                int read;
                while ((read = await from.ReadAsync(buffer, _end.Token)) > 0)
                {
                    if (Interlocked.Exchange(ref talking, side) != side)
                    {
                        var (message, cut) = (Interlocked.Increment(ref _messages), Volatile.Read(ref _cut));
                        if (!_refuses && message == cut) return;
                        if (_refuses && side == 1 && cut > 0 && message >= cut && Interlocked.CompareExchange(ref _cut, 0, cut) == cut)
                        {
                            await from.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), _end.Token);
                            client.Client.Shutdown(SocketShutdown.Send);
                            while (await from.ReadAsync(buffer, _end.Token) > 0) { }        // else the answer would be lost with what is unread
                            return;
                        }
                    }
                    await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
                }
            }
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone; so is the other now.
        }
        finally
        {
            client.Dispose();
        }
    }
}
