using System.Threading.Channels;
using Appliance.Catalog;

namespace Appliance.Engine.Jobs;

/// <summary>Carries a running job's progress and log lines to the catalog, beside the work and never in its way.</summary>
public sealed class ProgressReporter : IProgress<string>, IAsyncDisposable
{
    // A run speaks about once per object; a thousand waiting lines means that MySQL is away, and then older lines matter less than memory.
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Catalog.Jobs _jobs;
    private readonly LeasedJob _job;
    private readonly JobProgress _progress;
    private readonly Task _loop;
    private string _last = "";

    public ProgressReporter(Catalog.Jobs jobs, LeasedJob job, JobProgress progress, TimeSpan every, TimeProvider time)
    {
        (_jobs, _job, _progress) = (jobs, job, progress);
        _loop = RunAsync(every, time);
    }

    public void Report(string value) => _lines.Writer.TryWrite(value);

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            while (_lines.Reader.TryPeek(out var line))
            {
                await _jobs.AppendLogAsync(_job, "info", line, cancellationToken);
                _lines.Reader.TryRead(out _);       // after the deed: a line that MySQL did not take waits for it
            }
            var now = _progress.ToJson();
            if (now == _last) return;
            await _jobs.ReportProgressAsync(_job, now, cancellationToken);
            _last = now;
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _writing.Dispose();
    }

    private async Task RunAsync(TimeSpan every, TimeProvider time)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                try
                {
                    await FlushAsync(_stop.Token);
                }
                catch (CatalogUnreachableException)
                {
                    // The work needs no catalog: it goes on, and the next beat tells what this one could not.
                }
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e) when (e is LostLeaseException or CatalogException or MySqlConnector.MySqlException)
        {
            // Whoever owns the lease now reports; the work itself finds out at its next guarded write.
        }
    }
}
