using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Backups;
using Appliance.Engine.Restores;
using Appliance.Salesforce;
using Appliance.Vault;
using Microsoft.Extensions.Logging;

namespace Appliance.Engine.Jobs;

/// <summary>
/// Runs one leased job to its end and writes how it ended. Cancellation is not a failure: it leaves the job as it is, for the host to give
/// back or to abort. Every write to the catalog is guarded by the lease.
/// </summary>
public sealed class JobRunner(
    Catalog.Jobs jobs, Snapshots snapshots, Orgs orgs, OrgSessions sessions, Vaults vaults, EngineOptions options, TimeProvider time, ILogger<JobRunner> log)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500);

    public async Task RunAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        log.JobStarted(job.Id, job.Kind.ToString(), job.Attempts);
        var progress = new JobProgress();
        await using var reporter = new ProgressReporter(jobs, job, progress, ReportEvery, time);
        try
        {
            var org = await orgs.FindAsync(job.OrgId, cancellationToken)
                ?? throw new EngineException("The org of this job is no longer connected.", "Connect the org again and start the job anew.");
            var (state, result) = job.Kind switch
            {
                JobKind.Backup => await BackupAsync(job, org, progress, reporter, cancellationToken),
                JobKind.RestorePlan => await PlanAsync(job, org, progress, reporter, cancellationToken),
                JobKind.Restore => await RestoreAsync(job, org, progress, reporter, cancellationToken),
            };
            await reporter.FlushAsync(cancellationToken);
            await jobs.FinishAsync(job, state, JsonSerializer.Serialize(result, JsonSerializerOptions.Web), null, null, cancellationToken);
            log.JobEnded(job.Id, state.ToString());
        }
        catch (Exception e) when (Failure.Explain(e) is { } failure && !cancellationToken.IsCancellationRequested)
        {
            log.JobFailed(job.Id, failure.Cause, e);
            if (failure.TokenBroken) await orgs.MarkTokenBrokenAsync(job.OrgId, CancellationToken.None);
            await reporter.FlushAsync(CancellationToken.None);
            await jobs.AppendLogAsync(job, "error", failure.Cause, CancellationToken.None);
            await jobs.FinishAsync(job, JobState.Failed, null, failure.Cause, failure.Remedy, CancellationToken.None);
        }
    }

    private async Task<(JobState, object)> BackupAsync(LeasedJob job, OrgRow row, JobProgress progress, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Deserialize<BackupParameters>(job.Parameters, JsonSerializerOptions.Web)!;
        var summary = await TakeAsync(job, row, parameters.Kind, progress, reporter, cancellationToken);
        var fresh = summary.NewSegments.ToList();
        return (IsComplete(summary.Manifest) ? JobState.Completed : JobState.CompletedWithWarnings, new
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
        await TakeAsync(job, row, SnapshotKind.Incremental, progress, reporter, cancellationToken);
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

    /// <summary>Takes a snapshot whose id is the job's, and makes it visible; a repeated call finds it standing.</summary>
    private async Task<BackupSummary> TakeAsync(
        LeasedJob job, OrgRow row, SnapshotKind kind, JobProgress progress, ProgressReporter reporter, CancellationToken cancellationToken)
    {
        var vault = await vaults.OpenOrCreateAsync(row, cancellationToken);
        var parent = kind == SnapshotKind.Incremental ? await snapshots.LatestAsync(row.Id, cancellationToken) : null;
        var run = new BackupRun(sessions.For(row), vault, progress, options, time);
        var summary = await run.RunAsync(job.Id, kind, parent?.Id == job.Id ? parent?.ParentId : parent?.Id, reporter, cancellationToken);
        var manifest = summary.Manifest;
        await snapshots.CommitAsync(job, new SnapshotRow
        {
            Id = manifest.SnapshotId,
            OrgId = row.Id,
            JobId = job.Id,
            Kind = manifest.Kind == SnapshotKind.Full ? SnapshotRowKind.Full : SnapshotRowKind.Incremental,
            ParentId = manifest.ParentId,
            StartedAt = manifest.StartedAt,
            CompletedAt = manifest.CompletedAt,
            Objects = manifest.Objects.Length,
            Records = summary.Records,
            Files = summary.Files,
            BytesStored = summary.NewSegments.Sum(s => s.StoredBytes) + summary.FileBytesStored,
            Complete = IsComplete(manifest),
            ManifestSha256 = await vault.ManifestSha256Async(manifest.SnapshotId, cancellationToken),
        }, cancellationToken);
        log.SnapshotCommitted(manifest.SnapshotId, summary.Records, summary.NewSegments.Sum(s => s.StoredBytes));
        await run.ForgetCheckpointsAsync(job.Id, cancellationToken);
        return summary;
    }

    /// <summary>Also an object that was held and can no longer be seen is a gap that somebody should know of.</summary>
    private static bool IsComplete(SnapshotManifest manifest) => manifest.Warnings.IsEmpty && manifest.Objects.All(IsComplete);

    public static bool IsComplete(ObjectEntry entry) => entry.Explanation is null && entry.OrgCount == entry.LiveRecords;
}
