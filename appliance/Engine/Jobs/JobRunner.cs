using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Adoption;
using Appliance.Engine.Backups;
using Appliance.Engine.Restores;
using Appliance.Engine.Retention;
using Appliance.Engine.Templates;
using Appliance.Engine.Verification;
using Appliance.Salesforce;
using Appliance.Vault;
using Microsoft.Extensions.Logging;

namespace Appliance.Engine.Jobs;

/// <summary>
/// Runs one leased job to its end and writes how it ended. Cancellation is not a failure: it leaves the job as it is, for the host to give
/// back or to abort. Every write to the catalog is guarded by the lease.
/// </summary>
public sealed class JobRunner(
    Catalog.Jobs jobs, Snapshots snapshots, Catalog.Templates templates, Catalog.Retention retention, Orgs orgs, OrgSessions sessions, Vaults vaults, EngineOptions options, TimeProvider time, ILogger<JobRunner> log)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(5);

    public async Task RunAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        log.JobStarted(job.Id, job.Kind.ToString(), job.Attempts);
        var progress = new JobProgress();
        OrgRow? org = null;
        var began = false;
        await using var reporter = new ProgressReporter(jobs, job, progress, ReportEvery, time);
        try
        {
            org = await orgs.FindAsync(job.OrgId, cancellationToken)
                ?? throw new EngineException("The org of this job is no longer connected.", "Connect the org again and start the job anew.");
            await using var ceilings = NeedsSalesforce(job.Kind) ? new CeilingWatch(orgs, sessions, org.Id, WatchEvery, time) : null;
            if (NeedsSalesforce(job.Kind))
            {
                progress.WatchQuota(sessions.For(org));
                await QuotaWait.CheckAsync(sessions.For(org), job, cancellationToken);
            }
            var room = new DiskGuard(options, time);
            if (DiskGuard.Holds(job.Kind)) room.Require();
            began = true;
            var (state, result) = job.Kind switch
            {
                JobKind.Backup => await room.RunAsync(ct => BackupAsync(job, org, progress, reporter, ct), cancellationToken),
                JobKind.RestorePlan => await PlanAsync(job, org, progress, reporter, cancellationToken),
                JobKind.Restore => await RestoreAsync(job, org, progress, reporter, cancellationToken),
                JobKind.Prune => await PruneAsync(job, org, progress, cancellationToken),
                JobKind.Verify => await VerifyAsync(job, org, progress, reporter, cancellationToken),
            };
            await reporter.FlushAsync(cancellationToken);
            await jobs.FinishAsync(job, state, JsonSerializer.Serialize(result, JsonSerializerOptions.Web), null, null, cancellationToken);
            log.JobEnded(job.Id, state.ToString());
        }
        catch (Exception e) when (Failure.Explain(e) is { } failure && !cancellationToken.IsCancellationRequested)
        {
            await reporter.FlushAsync(CancellationToken.None);
            if (failure.Pause is { } reason && Waits(job.Kind, reason)) await PauseAsync(job, org!, reason, failure, began, progress);
            else
            {
                log.JobFailed(job.Id, failure.Cause, e);
                await jobs.AppendLogAsync(job, "error", failure.Cause, CancellationToken.None);
                await jobs.FinishAsync(job, JobState.Failed, null, failure.Cause, failure.Remedy, CancellationToken.None);
            }
        }
    }

    private static bool NeedsSalesforce(JobKind kind) => kind switch
    {
        JobKind.Backup or JobKind.RestorePlan or JobKind.Restore => true,
        JobKind.Prune or JobKind.Verify => false,
    };

    /// <summary>A removal or a verification that cannot reach the storage fails: the next one goes on where it stopped, and nothing waits for it.</summary>
    private static bool Waits(JobKind kind, PauseReason reason) => reason is not PauseReason.Storage || NeedsSalesforce(kind);

    /// <summary>No failure: what was reached stays, and the job goes on when there is again what it lacks.</summary>
    private async Task PauseAsync(LeasedJob job, OrgRow org, PauseReason reason, Failure failure, bool began, JobProgress progress)
    {
        // A storage that is away is found out only by a run that begins.
        if (reason is PauseReason.Storage) began = progress.BytesStored > 0;
        log.JobPaused(job.Id, reason.ToString(), failure.Cause);
        if (reason is PauseReason.Token) await orgs.MarkTokenBrokenAsync(org, CancellationToken.None);
        TimeSpan? wait = reason switch
        {
            PauseReason.Quota => QuotaWait.Next(began ? 0 : job.Pauses, options.QuotaLookFirst, options.QuotaLookMost),
            PauseReason.Disk => options.DiskLookAgain,
            PauseReason.Storage => QuotaWait.Next(began ? 0 : job.Pauses, options.StorageLookAgain, options.QuotaLookMost),
            PauseReason.Token or PauseReason.User => null,
        };
        // Only looking again is nothing to write every hour.
        if (began || job.Pauses == 0)
        {
            await jobs.AppendLogAsync(job, "warning", $"Paused: {failure.Cause}", CancellationToken.None);
            if (reason is PauseReason.Disk) await MakeRoomAsync(org);
        }
        await jobs.PauseAsync(job, new JobPause(reason, failure.Cause, failure.Remedy, wait, progress.CallsToBegin, Progressed: began), CancellationToken.None);
    }

    /// <summary>What the policy no longer keeps need not wait for the backup that waits for its room.</summary>
    private async Task MakeRoomAsync(OrgRow org)
    {
        try
        {
            await QueuePruneAsync(org, CancellationToken.None);
        }
        catch (VaultException)
        {
            // It cannot be looked at now: the backup's end does it again.
        }
    }

    private async Task<(JobState, object)> BackupAsync(LeasedJob job, OrgRow row, JobProgress progress, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Deserialize<BackupParameters>(job.Parameters, JsonSerializerOptions.Web)!;
        var summary = await TakeAsync(job, row, parameters, progress, reporter, cancellationToken);
        var fresh = summary.NewSegments.ToList();
        await QueuePruneAsync(row, cancellationToken);
        return (summary.Certificate.Complete ? JobState.Completed : JobState.CompletedWithWarnings, new
        {
            snapshotId = job.Id,
            kind = summary.Manifest.Kind.ToString().ToLowerInvariant(),
            objects = summary.Manifest.Objects.Length,
            records = summary.Records,
            recordsRead = summary.RecordsRead,
            files = summary.Files,
            bytesRead = summary.BytesRead,
            bytesPlain = fresh.Sum(s => s.PlainBytes) + summary.FileBytes,
            bytesText = fresh.Sum(s => s.PlainBytes),
            bytesTextStored = fresh.Sum(s => s.StoredBytes),
            bytesStored = fresh.Sum(s => s.StoredBytes) + summary.FileBytesStored,
            deletesSeen = summary.DeletesSeen,
            metadataComponents = summary.Manifest.Metadata?.Components,
            metadataFiles = summary.Manifest.Metadata?.Files,
            apiCalls = progress.ApiCalls,
        });
    }

    private async Task<(JobState, object)> PlanAsync(LeasedJob job, OrgRow row, JobProgress progress, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        var scope = JsonSerializer.Deserialize<RestoreScope>(job.Parameters, JsonSerializerOptions.Web)!;
        var vault = await vaults.OpenAsync(row, cancellationToken);
        if (await snapshots.FindAsync(scope.SnapshotId, cancellationToken) is not { } wanted || wanted.OrgId != row.Id)
            throw new EngineException("The snapshot to restore does not belong to this org.", "Choose one of the org's snapshots.");
        var planning = new RestorePlanning(sessions.For(row), vault, progress, options, time);
        await planning.SettleAsync(cancellationToken);
        await TakeAsync(job, row, new BackupParameters(BackupKind.Incremental, Metadata: false), progress, reporter, cancellationToken);
        await planning.PlanAsync(job.Id, row.Id, scope, cancellationToken);
        return (JobState.Completed, new { planId = job.Id });
    }

    private async Task<(JobState, object)> RestoreAsync(LeasedJob job, OrgRow row, JobProgress progress, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Deserialize<RestoreParameters>(job.Parameters, JsonSerializerOptions.Web)!;
        var vault = await vaults.OpenAsync(row, cancellationToken);
        var plan = await new RestoreRecords(vault, parameters.PlanId).FindPlanAsync(cancellationToken)
            ?? throw new EngineException("The restore plan is not in the vault.", "Make a new plan.");
        var org = sessions.For(row);
        var manifest = await vault.ReadManifestAsync(plan.SnapshotId, cancellationToken);
        var restorability = await RestorePlanning.RestorabilityAsync(org, manifest, cancellationToken);
        var summary = await new RestoreRun(org, vault, restorability, progress, time).RunAsync(plan, reporter, cancellationToken);
        return (summary is { Failed: 0, Blocked: 0 } ? JobState.Completed : JobState.CompletedWithWarnings, summary);
    }

    private async Task<(JobState, object)> PruneAsync(LeasedJob job, OrgRow row, JobProgress progress, CancellationToken cancellationToken)
    {
        var run = new PruneRun(retention, snapshots, jobs, await vaults.OpenAsync(row, cancellationToken), progress, time);
        return (JobState.Completed, await run.RunAsync(job, cancellationToken));
    }

    private async Task<(JobState, object)> VerifyAsync(LeasedJob job, OrgRow row, JobProgress progress, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Deserialize<VerifyParameters>(job.Parameters, JsonSerializerOptions.Web)!;
        var stored = (await snapshots.ListAsync(row.Id, cancellationToken)).Sum(s => s.BytesStored);
        long? today = parameters.Whole ? null : 1 + stored / options.SweepDays;
        var summary = await new SweepRun(await vaults.OpenAsync(row, cancellationToken), progress, options, time).RunAsync(today, reporter, cancellationToken);
        return (summary.Damaged == 0 ? JobState.Completed : JobState.CompletedWithWarnings, summary);
    }

    /// <summary>After a backup, and when one has to wait for room, the policy is looked at; where it lets a snapshot go, a job for it is queued. Killed before, the next backup does it.</summary>
    private async Task QueuePruneAsync(OrgRow row, CancellationToken cancellationToken)
    {
        if (await retention.PolicyAsync(row.Id, cancellationToken) is not { } policy || !RetentionPolicy.Parse(policy).Automatic) return;
        if ((await jobs.ListAsync(row.Id, 1000, cancellationToken)).Any(j => j is { Kind: JobKind.Prune, State: JobState.Queued or JobState.Paused })) return;
        var decisions = await PruneRun.DecideAsync(retention, snapshots, jobs, await vaults.FindAsync(row, cancellationToken), time, row.Id, cancellationToken);
        if (decisions.Any(d => !d.Keep)) await jobs.EnqueueAsync(row.Id, JobKind.Prune, "{}", "retention", cancellationToken);
    }

    /// <summary>Takes a snapshot whose id is the job's, and makes it visible; a repeated call finds it standing.</summary>
    private async Task<BackupSummary> TakeAsync(
        LeasedJob job, OrgRow row, BackupParameters parameters, JobProgress progress, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        var vault = await vaults.OpenOrCreateAsync(row, cancellationToken);
        await OrgCard.Of(row).WriteAsync(vault, cancellationToken);
        var parent = parameters.Kind is BackupKind.Full or BackupKind.Templated ? null : await snapshots.LatestAsync(row.Id, cancellationToken);
        var run = new BackupRun(sessions.For(row), vault, progress, options, time);
        var order = await OrderAsync(row, parameters, parent?.Id == job.Id ? parent.ParentId : parent?.Id, cancellationToken);
        var summary = await run.RunAsync(job.Id, order, reporter, cancellationToken);
        var manifest = summary.Manifest;
        await snapshots.CommitAsync(job, new SnapshotRow
        {
            Id = manifest.SnapshotId,
            OrgId = row.Id,
            JobId = job.Id,
            Kind = SnapshotRows.KindOf(manifest.Kind),
            ParentId = manifest.ParentId,
            StartedAt = manifest.StartedAt,
            CompletedAt = manifest.CompletedAt,
            Objects = manifest.Objects.Length,
            Records = summary.Records,
            Files = summary.Files,
            BytesStored = summary.NewSegments.Sum(s => s.StoredBytes) + summary.FileBytesStored,
            Complete = summary.Certificate.Complete,
            ManifestSha256 = await vault.ManifestSha256Async(manifest.SnapshotId, cancellationToken),
        }, cancellationToken);
        log.SnapshotCommitted(manifest.SnapshotId, summary.Records, summary.NewSegments.Sum(s => s.StoredBytes));
        await run.ForgetCheckpointsAsync(job.Id, cancellationToken);
        return summary;
    }

    /// <summary>A composite without an earlier snapshot reads everything, whatever its templates choose: there is nothing to carry the rest over from.</summary>
    private async Task<BackupOrder> OrderAsync(OrgRow row, BackupParameters parameters, Guid? parentId, CancellationToken cancellationToken)
    {
        var kind = parameters.Kind switch
        {
            BackupKind.Full => SnapshotKind.Full,
            BackupKind.Templated => SnapshotKind.Templated,
            BackupKind.Incremental or BackupKind.Composite or BackupKind.CompositeSync => SnapshotKind.Incremental,
        };
        var order = new BackupOrder(kind, parentId, parameters.Sync || parameters.Kind == BackupKind.CompositeSync, Formulas: parameters.Formulas, Metadata: parameters.ReadsMetadata(first: parentId is null));
        if (parameters.Kind == BackupKind.Templated && parameters.Templates.IsEmpty) throw new EngineException("A templated backup names no template.", "Choose one or more templates.");
        if (parameters.Templates.IsEmpty || (kind == SnapshotKind.Incremental && parentId is null)) return order;
        var chosen = new List<BackupTemplate>();
        foreach (var id in parameters.Templates)
            chosen.Add(BackupTemplate.Parse((await templates.FindAsync(row.Id, id, cancellationToken)
                ?? throw new EngineException("A template of this backup is no longer there.", "Choose templates that this org has, or make it again.")).Content));
        return order with { Choice = await new TemplateResolution(sessions.For(row)).ChooseAsync(chosen, wholeObjects: kind == SnapshotKind.Incremental, cancellationToken) };
    }

    public static bool IsComplete(ObjectEntry entry) => entry.Explanation is null && entry.OrgCount == entry.LiveRecords;
}
