using System.Globalization;
using Appliance.Catalog;
using Appliance.Engine.SelfBackups;
using Appliance.Vault;

namespace Appliance.Server.Jobs;

/// <summary>Takes the appliance's own backup when the newest is a day old (docs/self-backup.md). Several servers may run it at once: at worst there are two.</summary>
public sealed class SelfBackupClock(SelfBackups backups, CatalogDatabase db, Catalog.Alerts alerts, TimeProvider time, ILogger<SelfBackupClock> log) : BackgroundService
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

    /// <summary>One look: takes one if it is time, and tells the alert channels when that fails, once a day.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FireAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)      // it tries again; a clock that stops would end the process
        {
            log.SelfBackupFailed(e);
            await TellAsync(e, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(First, time, stoppingToken);
            using var timer = new PeriodicTimer(LookEvery, time);
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the process ends
        }
    }

    private async Task TellAsync(Exception failure, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (cause, remedy) = Failures.Explain(failure);
        var alert = new AlertRow
        {
            Id = Guid.CreateVersion7(now), Kind = AlertKind.SelfBackup, Title = "The appliance's own backup failed", Text = cause,
            Remedy = $"{remedy} It is tried again every hour; until one succeeds, a loss of this machine loses what was set since the last.",
        };
        try
        {
            if (await alerts.RaiseAsync(alert, string.Create(CultureInfo.InvariantCulture, $"self-backup/{now.UtcDateTime:yyyy-MM-dd}"), cancellationToken)) log.AlertRaised(alert.Id, nameof(AlertKind.SelfBackup));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)      // the catalog is what is away: told when it is back and the next one fails, or not needed
        {
            log.AlertsNotLooked(e);
        }
    }
}
