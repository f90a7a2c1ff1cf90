using System.Runtime.CompilerServices;
using Appliance.Catalog;

namespace Appliance.Server.Jobs;

/// <summary>
/// A job's row at each change until it ends. It looks at the catalog (one row by its key) rather than at this process: the job may run on another machine.
/// </summary>
public sealed class JobFeed(Catalog.Jobs jobs, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(300);

    public async IAsyncEnumerable<JobRow> WatchAsync(Guid jobId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A watcher must not hold up a shutdown.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        using var timer = new PeriodicTimer(LookEvery, time);
        var seen = -1L;
        while (true)
        {
            var (answered, job) = await LookAsync(jobId, either.Token);
            if (answered && job is null) yield break;
            if (job is not null && job.Version != seen) yield return job;
            if (job is { Ended: true }) yield break;
            seen = job?.Version ?? seen;
            await timer.WaitForNextTickAsync(either.Token);
        }
    }

    /// <summary>While the database is away there is nothing to tell; a watcher waits with the job.</summary>
    private async Task<(bool Answered, JobRow? Job)> LookAsync(Guid jobId, CancellationToken cancellationToken)
    {
        try
        {
            return (true, await jobs.GetAsync(jobId, cancellationToken));
        }
        catch (CatalogUnreachableException)
        {
            return (false, null);
        }
    }
}
