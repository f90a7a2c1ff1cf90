using System.Threading.Channels;

namespace Appliance.Server.Jobs;

/// <summary>Wakes the idle workers of this process when a job was queued; workers elsewhere find it by their timer.</summary>
public sealed class JobWake
{
    // One waiting signal is enough: a woken worker takes jobs until there are none.
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Signal() => _signal.Writer.TryWrite(true);

    /// <summary>Returns after a signal, or when <paramref name="atMost"/> has passed.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _signal.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the timer: look anyway
        }
    }
}
