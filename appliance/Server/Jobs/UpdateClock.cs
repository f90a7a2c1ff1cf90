using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Updates;

namespace Appliance.Server.Jobs;

/// <summary>
/// Looks once a day whether a newer release is announced at Updates:Url (docs/operations.md); of several workers one does. It only tells: log, doctor, home page, /metrics. Nothing is
/// fetched beyond the manifest, and nothing is updated.
/// </summary>
public sealed class UpdateClock(UpdateSource source, UpdateLooks looks, TimeProvider time, ILogger<UpdateClock> log) : BackgroundService
{
    private static readonly TimeSpan First = TimeSpan.FromMinutes(2), LookEvery = TimeSpan.FromMinutes(30), AskEvery = TimeSpan.FromHours(24), AskAgain = TimeSpan.FromHours(4);

    /// <summary>Asks if it is time.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await looks.ClaimAsync(AskEvery, AskAgain, cancellationToken)) return;
            try
            {
                var announced = (await source.AskAsync(cancellationToken)).Version;
                // An old manifest is as well signed as the newest: who puts one back shall not make a release forgotten that was told of.
                if (ReleaseVersion.Parse((await looks.FindAsync(cancellationToken))?.ReleaseVersion ?? "") is { } known && known > announced && known > ReleaseVersion.Running)
                    throw new EngineException($"The release that is announced, {announced}, is older than {known}, which was announced before.", "Look whether Updates:Url names the manifest of the newest release; somebody may have put an old one there.");
                await looks.KeepAsync(announced.ToString(), cancellationToken);
                if (announced > ReleaseVersion.Running) log.NewerRelease(announced.ToString(), ApplianceVersion.Current);
                else if (announced < ReleaseVersion.Running) log.OlderRelease(announced.ToString(), ApplianceVersion.Current);
            }
            catch (EngineException failure)
            {
                log.NoAnnouncement(failure.Message, failure.InnerException);
                await looks.KeepFailureAsync(failure.Message, failure.Remedy, cancellationToken);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)      // the catalog is away; a clock that stops would end the process
        {
            log.UpdatesNotLooked(e);
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
}
