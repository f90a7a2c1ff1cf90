using Appliance.Catalog;

namespace Appliance.Server.Jobs;

/// <summary>Runs one leased job to its end. In the product this is the engine's JobRunner.</summary>
public delegate Task RunJob(LeasedJob job, CancellationToken cancellationToken);

/// <summary>
/// The worker of this process: takes jobs off the queue, two at a time, keeps their leases by heartbeats, stops them when an administrator asks
/// or the lease is lost, and gives them back when the process shuts down.
/// </summary>
/// <param name="lease">How long a job stays with a process that has fallen silent; heartbeats come five times as often. At least a second.</param>
public sealed class JobHost(Catalog.Jobs jobs, RunJob run, JobWake wake, TimeSpan lease, TimeProvider time, ILogger<JobHost> log) : BackgroundService
{
    public const int JobsAtOnce = 2;
    private readonly TimeSpan _beat = lease / 5;
    private readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(Math.Min(2, lease.TotalSeconds / 5));
    private readonly string _worker = $"{Environment.MachineName}/{Environment.ProcessId}";

    private enum Stop { None, Shutdown, Abort, LeaseLost }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(1, JobsAtOnce).Select(slot => WorkAsync($"{_worker}#{slot}", stoppingToken)));

    private async Task WorkAsync(string worker, CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await jobs.TryLeaseAsync(worker, lease, stoppingToken) is { } job)
                {
                    wake.Signal();                      // there may be more: let the other slot look as well
                    await RunAsync(job, stoppingToken);
                }
                else
                {
                    await wake.WaitAsync(_lookEvery, time, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is MySqlConnector.MySqlException or TimeoutException or IOException)
            {
                log.QueueUnreadable(e);
                await Task.Delay(_lookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunAsync(LeasedJob job, CancellationToken stoppingToken)
    {
        log.JobStarts(job.Id, job.Kind, job.Worker, job.Attempts);
        using var cancel = new CancellationTokenSource();
        var why = Stop.None;
        void StopFor(Stop reason)
        {
            if (Interlocked.CompareExchange(ref why, reason, Stop.None) == Stop.None) cancel.Cancel();
        }

        using var done = new CancellationTokenSource();
        var beats = BeatAsync(job, StopFor, done.Token);
        try
        {
            await using (stoppingToken.Register(() => StopFor(Stop.Shutdown))) await run(job, cancel.Token);
        }
        catch (Exception) when (why is Stop.Shutdown)       // also what breaks off half-way because of it
        {
            await jobs.ReleaseAsync(job, CancellationToken.None);
            log.JobGivenBack(job.Id);
        }
        catch (Exception) when (why is Stop.Abort)
        {
            await EndAsync(job, JobState.Aborted, cause: null, remedy: null);
        }
        catch (Exception e) when (e is LostLeaseException || why is Stop.LeaseLost)
        {
            log.LeaseLost(job.Id);
        }
        catch (Exception e)
        {
            log.JobFailed(job.Id, e);
            var (cause, remedy) = Failures.Explain(e);
            await EndAsync(job, JobState.Failed, cause, remedy);
        }
        finally
        {
            await done.CancelAsync();
            await beats;
        }
        log.JobLeft(job.Id, job.Worker);
    }

    /// <summary>The runner may have ended the job itself before it threw; then there is nothing left to write.</summary>
    private async Task EndAsync(LeasedJob job, JobState state, string? cause, string? remedy)
    {
        try
        {
            await jobs.FinishAsync(job, state, resultJson: null, cause, remedy, CancellationToken.None);
        }
        catch (LostLeaseException)
        {
            log.LeaseLost(job.Id);
        }
    }

    private async Task BeatAsync(LeasedJob job, Action<Stop> stop, CancellationToken done)
    {
        var lastKept = time.GetTimestamp();
        using var timer = new PeriodicTimer(_beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
            {
                try
                {
                    var state = await jobs.HeartbeatAsync(job, done);
                    if (state is LeaseState.Lost) stop(Stop.LeaseLost);
                    if (state is LeaseState.AbortAsked) stop(Stop.Abort);
                    lastKept = time.GetTimestamp();
                }
                catch (Exception e) when (e is MySqlConnector.MySqlException or TimeoutException or IOException)
                {
                    log.HeartbeatFailed(job.Id, e);
                    if (time.GetElapsedTime(lastKept) >= job.Lease) stop(Stop.LeaseLost);     // somebody else may have it by now
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the job has ended
        }
    }
}
