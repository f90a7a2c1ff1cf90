using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Alerts;
using Appliance.Engine.Diagnosis;

namespace Appliance.Server.Alerts;

/// <summary>
/// Looks at jobs that have ended or wait, at tokens, and at the front door's certificate, and raises what somebody should know. It looks at the catalog and not over the workers'
/// shoulders, so a job whose worker died is told of too; several processes may run it, each alert is raised once.
/// </summary>
public sealed class AlertWatch(Catalog.Alerts alerts, Catalog.Jobs jobs, Orgs orgs, AnomalyLook anomalies, AlertOptions options, TimeProvider time, ILogger<AlertWatch> log) : BackgroundService
{
    private const int ObjectsNamed = 10;

    /// <summary>One look; returns how many alerts it raised.</summary>
    public async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        var raised = 0;
        foreach (var id in await alerts.UnseenAsync(cancellationToken))
        {
            if (await jobs.GetAsync(id, cancellationToken) is not { } job || await orgs.FindAsync(job.OrgId, cancellationToken) is not { } org) continue;
            try
            {
                await foreach (var (alert, key) in AboutEndedAsync(job, org, cancellationToken)) raised += await RaiseAsync(alert, key, cancellationToken);
                await alerts.SeenAsync(id, cancellationToken);      // after the deed: killed before, the keys keep it from being told twice
            }
            catch (Exception e) when (e is not CatalogException && !cancellationToken.IsCancellationRequested)
            {
                log.AlertsNotLooked(e);     // its vault may be away: looked at again next time, and nobody else waits for it
            }
        }
        foreach (var id in await alerts.PausedAsync(cancellationToken))
            if (await jobs.GetAsync(id, cancellationToken) is { PauseReason: PauseReason.Quota or PauseReason.Disk or PauseReason.Storage } job && await orgs.FindAsync(job.OrgId, cancellationToken) is { } org)
                raised += await RaiseAsync(
                    New(AlertKind.JobPaused, org, job, $"{org.Name}: {Of(job)} waits for {(job.PauseReason is PauseReason.Disk ? "room on the disk" : job.PauseReason is PauseReason.Storage ? "the storage" : "API calls")}", job.Cause ?? "It cannot go on now.", job.Remedy), $"paused/{job.Id:N}/{job.PausedSince?.UtcTicks}", cancellationToken);
        foreach (var org in (await orgs.ListAsync(cancellationToken)).Where(o => o.TokenState is TokenState.Broken && o.ConnectedAt > DateTimeOffset.UnixEpoch))
            raised += await RaiseAsync(
                New(AlertKind.TokenBroken, org, null, $"{org.Name}: Salesforce no longer accepts the token", "Backups and restores of this org stand still.", "Connect the org again; what was paused then goes on."),
                $"token/{org.Id:N}/{org.ConnectedAt.UtcTicks}", cancellationToken);
        if (options.CertificateFile is { } file && File.Exists(file))
            try
            {
                foreach (var (alert, key) in CertificateNews.Of(FrontDoorCertificate.Read(file), time.GetUtcNow())) raised += await RaiseAsync(alert, key, cancellationToken);
            }
            catch (IOException unread)
            {
                log.AlertsNotLooked(unread);
            }
        return raised;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.LookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    log.AlertsNotLooked(e);
                }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the process ends
        }
    }

    /// <summary>What the catalog alone tells comes first; the comparison with the past opens the vault.</summary>
    private async IAsyncEnumerable<(AlertRow, string)> AboutEndedAsync(JobRow job, OrgRow org, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (job.State is JobState.Failed)
            yield return (New(AlertKind.JobFailed, org, job, $"{org.Name}: {Of(job)} failed", job.Cause ?? "It ended without a cause.", job.Remedy), $"failed/{job.Id:N}");
        var result = string.IsNullOrEmpty(job.Result) ? default : JsonElement.Parse(job.Result);
        if (job.Kind is JobKind.Verify && result.ValueKind is JsonValueKind.Object && result.TryGetProperty("damaged", out var damaged) && damaged.GetInt64() is > 0 and var files)
            yield return (New(AlertKind.Damage, org, job, $"{org.Name}: {files} stored {(files == 1 ? "file is" : "files are")} damaged",
                "The verification read stored bytes that are not what was written.", "The org's page names each file, what needs it and what to do. A full backup replaces what the org still has."), $"damage/{job.Id:N}");
        if (job.Kind is not JobKind.Backup || job.State is JobState.Failed) yield break;
        if (job.State is JobState.CompletedWithWarnings)
            yield return (New(AlertKind.Incomplete, org, job, $"{org.Name}: a backup is not complete", "Its certificate of completeness names what is missing.", "Open the snapshot and read the certificate; the next run tries again."), $"incomplete/{job.Id:N}");
        var (deletes, changes) = await anomalies.AtAsync(org, job.Id, AnomalyRule.Parse(await alerts.RuleAsync(org.Id, cancellationToken)), cancellationToken);
        if (!deletes.IsEmpty)
            yield return (New(AlertKind.UnusualDeletes, org, job, $"{org.Name}: unusually many records were deleted", Told(deletes, "deleted"),
                "If nobody meant to, restore them from the snapshot before."), $"deletes/{job.Id:N}");
        if (!changes.IsEmpty)
            yield return (New(AlertKind.UnusualChanges, org, job, $"{org.Name}: unusually many records were changed", Told(changes, "new or changed"),
                "If nobody meant to, compare with the snapshot before and restore."), $"changes/{job.Id:N}");
    }

    private static string Told(IReadOnlyList<UnusualObject> objects, string what)
    {
        var lines = objects.Take(ObjectsNamed).Select(o => string.Create(CultureInfo.InvariantCulture,
            $"{o.Name}: {o.Count} {what}, {(o.Usual is { } usual ? $"usual are {usual:0} in that time" : "which is half of its records or more")}"));
        return string.Join("\n", objects.Count > ObjectsNamed ? lines.Append($"and {objects.Count - ObjectsNamed} objects more") : lines);
    }

    private async Task<int> RaiseAsync(AlertRow alert, string key, CancellationToken cancellationToken)
    {
        if (!await alerts.RaiseAsync(alert, key, cancellationToken)) return 0;
        log.AlertRaised(alert.Id, alert.Kind.ToString());
        return 1;
    }

    private AlertRow New(AlertKind kind, OrgRow org, JobRow? job, string title, string text, string? remedy) => new()
    {
        Id = Guid.CreateVersion7(time.GetUtcNow()), OrgId = org.Id, JobId = job?.Id, Kind = kind, Title = title, Text = text, Remedy = remedy,
    };

    private static string Of(JobRow job) => job.Kind switch
    {
        JobKind.Backup => "a backup",
        JobKind.RestorePlan => "a restore plan",
        JobKind.Restore => "a restore",
        JobKind.Prune => "a removal of old snapshots",
        JobKind.Verify => "a verification",
    };
}
