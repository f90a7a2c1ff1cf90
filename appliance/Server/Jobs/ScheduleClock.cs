using Appliance.Catalog;
using Appliance.Engine.Schedules;

namespace Appliance.Server.Jobs;

/// <summary>Queues the backups whose time has come. Several servers may run it at once.</summary>
public sealed class ScheduleClock(Schedules schedules, JobWake wake, TimeProvider time, ILogger<ScheduleClock> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    /// <summary>Queues everything that is due now; returns how many jobs that were.</summary>
    public async Task<int> FireAsync(CancellationToken cancellationToken)
    {
        var jobs = 0;
        if (await schedules.BringBackAsync(Next, cancellationToken) is > 0 and var brought) log.SchedulesBroughtBack(brought);
        while (await schedules.FireDueAsync(Next, cancellationToken) is { } fired)
        {
            if (fired.JobId is not { } job)
            {
                log.ScheduleSkipped(fired.Schedule.Id);
                continue;
            }
            log.ScheduleFired(fired.Schedule.Id, job);
            jobs++;
            wake.Signal();
        }
        return jobs;
    }

    /// <summary>A cadence that can no longer be read (its time zone went with an update) stops the schedule: better seen than guessed.</summary>
    private DateTimeOffset? Next(ScheduleRow row) =>
        Cadence.TryParse(row.Cadence, row.TimeZone, out var cadence, out _) ? cadence.After(time.GetUtcNow()) : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            do
            {
                try
                {
                    await FireAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)      // a clock that stops would end the process
                {
                    log.QueueUnreadable(e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the process ends
        }
    }
}
