using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Jobs;
using Appliance.Engine.Restores;
using Appliance.Vault;

namespace Appliance.Engine.Retention;

/// <summary>What a removal did.</summary>
public sealed record PruneSummary(int Removed, int Kept, int Files, long BytesFreed);

/// <summary>Removes what the policy no longer keeps, in the order of docs/retention.md; first what a killed removal left undone.</summary>
public sealed class PruneRun(Catalog.Retention retention, Snapshots snapshots, Catalog.Jobs jobs, OrgVault vault, JobProgress progress, TimeProvider time)
{
    /// <summary>How long the snapshots of a restore or plan stay after it has ended.</summary>
    public static readonly TimeSpan PlansAreKept = TimeSpan.FromDays(7);

    public async Task<PruneSummary> RunAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var (removed, files, bytes) = (0, 0, 0L);
        if (await vault.FindPruneAsync(cancellationToken) is { } left) await RemoveAsync(left);

        var decisions = await DecideAsync(retention, snapshots, jobs, vault, time, job.OrgId, cancellationToken);
        var going = decisions.Where(d => !d.Keep).Select(d => d.SnapshotId).ToList();
        if (going.Count > 0)
        {
            progress.Phase = "finding what only these snapshots hold";
            var list = await vault.ListPruneAsync(going, cancellationToken);
            await vault.BeginPruneAsync(list, cancellationToken);
            await RemoveAsync(list);
        }
        return new PruneSummary(removed, decisions.Count(d => d.Keep), files, bytes);

        async Task RemoveAsync(PruneList list)
        {
            progress.Phase = "removing";
            await retention.RemoveAsync(job, list.Snapshots, cancellationToken);
            await vault.PruneAsync(list, _ => { }, cancellationToken);
            (removed, files, bytes) = (removed + list.Snapshots.Length, files + list.Containers.Length, bytes + list.Bytes);
        }
    }

    /// <summary>What the org's policy would do now. Without a policy everything is kept.</summary>
    public static async Task<IReadOnlyList<RetentionDecision>> DecideAsync(
        Catalog.Retention retention, Snapshots snapshots, Catalog.Jobs jobs, OrgVault? vault, TimeProvider time, Guid orgId, CancellationToken cancellationToken)
    {
        var rows = await snapshots.ListAsync(orgId, cancellationToken);
        if (await retention.PolicyAsync(orgId, cancellationToken) is not { } policy)
            return [.. rows.Select(r => new RetentionDecision(r.Id, r.StartedAt, ["no policy: kept for ever"]))];
        var bound = (await retention.HoldsAsync(orgId, cancellationToken)).ToDictionary(h => h.SnapshotId, h => $"legal hold: {h.Reason}");
        var lately = time.GetUtcNow() - PlansAreKept;
        var latest = await jobs.ListAsync(orgId, 1000, cancellationToken);
        foreach (var unfinished in latest.Where(j => j is { Kind: JobKind.Backup or JobKind.RestorePlan, EndedAt: null, StartedAt: not null }))
            foreach (var row in ThatItMayBuildOn(unfinished, rows)) bound.TryAdd(row.Id, "a backup that has not ended builds on it");
        foreach (var restore in latest.Where(j => IsOpen(j, lately)))
            foreach (var id in await SnapshotsOfAsync(restore, vault, cancellationToken))
                bound.TryAdd(id, "a restore refers to it");
        // Snapshots of templates hold only a part: counted with the others they would displace whole ones, or those of other templates.
        foreach (var row in rows.Where(r => r.Kind == SnapshotRowKind.Templated)) bound.TryAdd(row.Id, "taken by a template: the policy does not count it");
        var whole = rows.Where(r => r.Kind != SnapshotRowKind.Templated).ToList();
        return RetentionPlan.Decide(RetentionPolicy.Parse(policy), whole.Select(r => new PlannedSnapshot(r.Id, r.StartedAt, r.Complete, bound.GetValueOrDefault(r.Id))))
            .Concat(rows.Except(whole).Select(r => new RetentionDecision(r.Id, r.StartedAt, [bound[r.Id]])))
            .OrderByDescending(d => d.TakenAt).ThenByDescending(d => d.SnapshotId).ToList();
    }

    /// <summary>The newest whole one when it started, and all that came since: it may not have chosen before it first paused.</summary>
    private static IEnumerable<SnapshotRow> ThatItMayBuildOn(JobRow job, IReadOnlyList<SnapshotRow> newestFirst)
    {
        var whole = newestFirst.Where(r => r.Kind != SnapshotRowKind.Templated).ToList();
        return whole.TakeWhile(r => r.CompletedAt > job.StartedAt).Concat(whole.SkipWhile(r => r.CompletedAt > job.StartedAt).Take(1));
    }

    /// <summary>A plan may still be carried out, or a restore that failed be gone on with.</summary>
    private static bool IsOpen(JobRow job, DateTimeOffset lately) => job.Kind is JobKind.Restore or JobKind.RestorePlan && (job.EndedAt is null || job.EndedAt > lately);

    private static async Task<IEnumerable<Guid>> SnapshotsOfAsync(JobRow job, OrgVault? vault, CancellationToken cancellationToken)
    {
        if (job.Kind is JobKind.RestorePlan) return [JsonSerializer.Deserialize<RestoreScope>(job.Parameters, JsonSerializerOptions.Web)!.SnapshotId, job.Id];
        var planId = JsonSerializer.Deserialize<RestoreParameters>(job.Parameters, JsonSerializerOptions.Web)!.PlanId;
        return vault is not null && await new RestoreRecords(vault, planId).FindPlanAsync(cancellationToken) is { } plan ? [plan.SnapshotId, planId] : [planId];
    }
}
