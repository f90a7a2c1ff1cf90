using System.Net.Sockets;

namespace Appliance.Catalog.Tests;

/// <summary>
/// The catalog as a process sees it that is killed: between client and server, over a unix socket, it cuts at one numbered message, before a statement goes on or before its answer comes
/// back. From then on every connection is gone and none is taken: the server rolls back what was not committed, as after a kill -9.
/// Linked into other test projects; it knows no test framework.
/// </summary>
public sealed class DyingCatalog : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _server, _own;
    private readonly int _cut;
    private readonly Task _accepting;
    private int _messages;

    /// <param name="connectionString">Of the catalog itself.</param>
    /// <param name="cut">Number of the message; what the server says first of all is the first. 0 for never.</param>
    public DyingCatalog(string connectionString, int cut)
    {
        _server = connectionString.Split(';')[0]["Server=".Length..];
        _own = Path.Combine(Path.GetTempPath(), $"appliance-{Guid.CreateVersion7():N}.sock");
        (_cut, ConnectionString) = (cut, connectionString.Replace(_server, _own, StringComparison.Ordinal));
        _listener.Bind(new UnixDomainSocketEndPoint(_own));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public string ConnectionString { get; }

    /// <summary>Whether the cut came. Without it the deed went through whole, and there is no later message to cut at.</summary>
    public bool Died => _end.IsCancellationRequested;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        File.Delete(_own);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(ServeAsync(await _listener.AcceptAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            _listener.Dispose();
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_server), _end.Token);
            var spoke = 0;          // 1: the client last, 2: the server
            await Task.WhenAny(PumpAsync(client, server, 1), PumpAsync(server, client, 2));

            async Task PumpAsync(Socket from, Socket to, int side)
            {
                var buffer = new byte[64 * 1024];
                int read;
                while ((read = await from.ReceiveAsync(buffer, _end.Token)) > 0)
                {
                    if (Interlocked.Exchange(ref spoke, side) != side && Interlocked.Increment(ref _messages) == _cut) await _end.CancelAsync();
                    if (_end.IsCancellationRequested) return;
                    for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _end.Token);
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone; so is the other now.
        }
        finally
        {
            client.Dispose();
        }
    }
}
