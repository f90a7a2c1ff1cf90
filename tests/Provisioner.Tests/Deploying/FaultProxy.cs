using System.Net;
using System.Net.Sockets;

namespace Provisioner.Tests.Deploying;

/// <summary>A way to the host that breaks after so many bytes towards it, for good.</summary>
internal sealed class FaultProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly int _target;
    private long _left;

    public FaultProxy(int target, long bytes)
    {
        (_target, _left) = (target, bytes);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many bytes went to the host.</summary>
    public long Passed { get; private set; }

    public bool Cut => Interlocked.Read(ref _left) <= 0;

    public void Dispose()
    {
        _over.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync(_over.Token));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var far = new TcpClient();
        using (near)
        {
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, _target, _over.Token);
                await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream(), counted: true), CopyAsync(far.GetStream(), near.GetStream(), counted: false));
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException or IOException)
            {
                return;
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool counted)
    {
        var buffer = new byte[8192];
        try
        {
            while (await from.ReadAsync(buffer, _over.Token) is > 0 and var length)
            {
                if (counted)
                {
                    var left = Interlocked.Add(ref _left, -length);
                    Passed += length;
                    // What is beyond the budget never arrives.
                    if (left < 0) length = (int)Math.Max(0, length + left);
                    if (length > 0) await to.WriteAsync(buffer.AsMemory(0, length), _over.Token);
                    if (left <= 0) return;
                }
                else await to.WriteAsync(buffer.AsMemory(0, length), _over.Token);
            }
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
    }
}
