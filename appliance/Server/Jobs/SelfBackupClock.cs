using Appliance.Catalog;
using Appliance.Engine.SelfBackups;
using Appliance.Vault;

namespace Appliance.Server.Jobs;

/// <summary>Takes the appliance's own backup when the newest is a day old (docs/self-backup.md). Several servers may run it at once: at worst there are two.</summary>
public sealed class SelfBackupClock(SelfBackups backups, CatalogDatabase db, TimeProvider time, ILogger<SelfBackupClock> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1), First = TimeSpan.FromMinutes(1), Every = TimeSpan.FromHours(24);

    /// <summary>Takes one if it is time; null when it is not, or when there is no recovery key.</summary>
    public async Task<SelfBackupTaken?> FireAsync(CancellationToken cancellationToken)
    {
        if (await backups.RecoveryAsync(cancellationToken) is null)
        {
            log.NoRecoveryKey();
            return null;
        }
        // One with a stamp in the future was taken under a wrong clock, or is not ours: it holds up nothing.
        var now = time.GetUtcNow();
        if ((await backups.ListAsync(cancellationToken)).Any(b => b.TakenAt <= now + SelfBackups.ClockTolerance && now - b.TakenAt < Every)) return null;
        var taken = await backups.TakeAsync(db, cancellationToken);
        log.SelfBackupTaken(taken.Backup.Name, taken.Rows.Rows, taken.Bytes);
        return taken;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(First, time, stoppingToken);
            using var timer = new PeriodicTimer(LookEvery, time);
            do
            {
                try
                {
                    await FireAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)      // it tries again; a clock that stops would end the process
                {
                    log.SelfBackupFailed(e);
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
