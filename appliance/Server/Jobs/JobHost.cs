using Appliance.Catalog;

namespace Appliance.Server.Jobs;

/// <summary>Runs one leased job to its end. In the product this is the engine's JobRunner.</summary>
public delegate Task RunJob(LeasedJob job, CancellationToken cancellationToken);

/// <summary>
/// The worker of this process: takes jobs off the queue, two at a time, keeps their leases by heartbeats, stops them when an administrator asks
/// or the lease is lost, and gives them back when the process shuts down. While the catalog is away it waits: a job that needed it is given back as soon as
/// it answers, and one that works on may do so until its lease runs out. Nothing that goes wrong with a job ends a worker.
/// </summary>
/// <param name="lease">How long a job stays with a process that has fallen silent; heartbeats come five times as often. At least a second.</param>
public sealed class JobHost(Catalog.Jobs jobs, RunJob run, JobWake wake, TimeSpan lease, TimeProvider time, ILogger<JobHost> log) : BackgroundService
{
    public const int JobsAtOnce = 2;
    private readonly TimeSpan _beat = lease / 5;
    private readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(Math.Min(2, lease.TotalSeconds / 5));
    private readonly string _worker = $"{Environment.MachineName}/{Environment.ProcessId}";

    private enum Stop { None, Shutdown, Abort, Pause, LeaseLost }

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
            catch (Exception e)
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
            await WriteAsync(job, () => GiveBackAsync(job));
        }
        catch (Exception) when (why is Stop.Abort)
        {
            await WriteAsync(job, () => jobs.FinishAsync(job, JobState.Aborted, resultJson: null, cause: null, remedy: null, CancellationToken.None));
        }
        catch (Exception) when (why is Stop.Pause)
        {
            await WriteAsync(job, () => PauseAsync(job));
        }
        catch (Exception e) when (e is LostLeaseException || why is Stop.LeaseLost)
        {
            log.LeaseLost(job.Id);
        }
        catch (CatalogUnreachableException e)
        {
            log.JobWaitsForCatalog(job.Id, e);
            while (!await WriteAsync(job, () => GiveBackAsync(job)) && why is Stop.None && !stoppingToken.IsCancellationRequested)
                await Task.Delay(_lookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e)
        {
            log.JobFailed(job.Id, e);
            var (cause, remedy) = Failures.Explain(e);
            await WriteAsync(job, () => jobs.FinishAsync(job, JobState.Failed, resultJson: null, cause, remedy, CancellationToken.None));
        }
        finally
        {
            await done.CancelAsync();
            await beats;
        }
        log.JobLeft(job.Id, job.Worker);
    }

    private async Task GiveBackAsync(LeasedJob job)
    {
        await jobs.ReleaseAsync(job, CancellationToken.None);
        log.JobGivenBack(job.Id);
    }

    /// <summary>
    /// Writes how a job left. The runner may have ended it itself before it threw; then there is nothing left to write. What cannot be written now the
    /// queue finds out: the lease runs out, and the job is taken up again.
    /// </summary>
    /// <returns>False when it could not be written.</returns>
    private async Task<bool> WriteAsync(LeasedJob job, Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (LostLeaseException)
        {
            log.LeaseLost(job.Id);
        }
        catch (Exception e)
        {
            log.EndNotWritten(job.Id, e);
            return false;
        }
        return true;
    }

    private async Task PauseAsync(LeasedJob job)
    {
        await jobs.PauseForUserAsync(job, CancellationToken.None);
        log.JobPaused(job.Id);
    }

    private async Task BeatAsync(LeasedJob job, Action<Stop> stop, CancellationToken done)
    {
        var lastKept = time.GetTimestamp();
        using var timer = new PeriodicTimer(_beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
            {
                var asked = time.GetTimestamp();        // before the call: the database counts the lease from some moment of it
                try
                {
                    // A server that swallows calls must not keep us from noticing that the lease has run out.
                    var state = await jobs.HeartbeatAsync(job, done).WaitAsync(job.Lease - _beat, done);
                    if (state is LeaseState.Lost) stop(Stop.LeaseLost);
                    if (state is LeaseState.AbortAsked) stop(Stop.Abort);
                    if (state is LeaseState.PauseAsked) stop(Stop.Pause);
                    lastKept = asked;
                }
                catch (Exception e) when (e is not OperationCanceledException || !done.IsCancellationRequested)
                {
                    log.HeartbeatFailed(job.Id, e);
                    if (time.GetElapsedTime(lastKept) >= job.Lease - _beat) stop(Stop.LeaseLost);     // somebody else may have it soon
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the job has ended
        }
    }
}
