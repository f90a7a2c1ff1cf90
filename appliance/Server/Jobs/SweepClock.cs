using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Jobs;

namespace Appliance.Server.Jobs;

/// <summary>Queues each org's part of the verification sweep, once a day (UTC). Several servers may run it at once.</summary>
public sealed class SweepClock(Orgs orgs, Snapshots snapshots, Catalog.Jobs jobs, JobWake wake, TimeProvider time, ILogger<SweepClock> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(30);

    /// <summary>Queues what today's sweep still lacks; returns how many jobs that were.</summary>
    public async Task<int> FireAsync(CancellationToken cancellationToken)
    {
        var queued = 0;
        foreach (var org in await orgs.ListAsync(cancellationToken))
        {
            var key = $"sweep/{org.Id:N}/{time.GetUtcNow():yyyy-MM-dd}";
            if (await jobs.FindOnceAsync(key, cancellationToken) is not null || await snapshots.LatestAsync(org.Id, cancellationToken) is null) continue;
            await jobs.EnqueueOnceAsync(org.Id, JobKind.Verify, JsonSerializer.Serialize(new VerifyParameters(Whole: false), JsonSerializerOptions.Web), "verification", key, cancellationToken);
            queued++;
        }
        if (queued > 0) wake.Signal();
        return queued;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                try
                {
                    await FireAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)      // a clock that stops would end the process
                {
                    log.QueueUnreadable(e);
                }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the process ends
        }
    }
}
