using Appliance.Engine.Backups;
using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>Brings together what a plan needs: the wanted snapshot, the one just taken, today's describes, all Id mappings; and writes the plan.</summary>
public sealed class RestorePlanning(Org org, OrgVault vault, JobProgress progress, EngineOptions options, TimeProvider time)
{
    /// <summary>Before the safety backup: what restores did that were aborted or failed half-way becomes known, so that nothing is created twice.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var id in await RestoreRecords.UnfinishedAsync(vault, cancellationToken))
        {
            if (await new RestoreRecords(vault, id).FindPlanAsync(cancellationToken) is not { } plan) continue;
            var restorability = await RestorabilityAsync(org, await vault.ReadManifestAsync(plan.SnapshotId, cancellationToken), cancellationToken);
            await new RestoreRun(org, vault, restorability, progress, time).SettleAsync(plan, cancellationToken);
        }
    }

    /// <param name="planId">Also the id of the safety snapshot, which stands already.</param>
    public async Task<RestorePlan> PlanAsync(Guid planId, Guid orgId, RestoreScope scope, CancellationToken cancellationToken)
    {
        var records = new RestoreRecords(vault, planId);
        if (await records.FindPlanAsync(cancellationToken) is { } standing) return standing;

        var manifest = await vault.ReadManifestAsync(scope.SnapshotId, cancellationToken);
        var wanted = vault.Open(manifest);
        var today = await vault.ReadManifestAsync(planId, cancellationToken);
        var current = vault.Open(today);
        var restorability = await RestorabilityAsync(org, manifest, cancellationToken);
        progress.Begin("planning", manifest.Objects.Sum(o => o.LiveRecords) * 2);
        var chosen = await new RestoreFamily(restorability, wanted, current).ChooseAsync(scope, cancellationToken);
        foreach (var name in chosen.Keys)
            if (today.Objects.FirstOrDefault(o => o.Name == name) is not { } entry || entry.Explanation?.StartsWith(ObjectEntry.NotRead, StringComparison.Ordinal) == true)
                throw new EngineException(
                    $"{name} could not be read for the safety backup, so a plan for it would be a guess.",
                    "Look into the job's log for the reason, then make the plan again; or choose objects without this one.");
        var planner = new RestorePlanner(
            restorability, wanted, current, await RestoreRecords.AllMappingsAsync(vault, cancellationToken), new RecycleBin(org, options), records, progress, options);
        var plan = await planner.PlanAsync(
            new RestorePlan { Id = planId, OrgId = orgId, SnapshotId = scope.SnapshotId, SafetySnapshotId = planId, CreatedAt = time.GetUtcNow() },
            chosen, cancellationToken);
        if (scope is { Objects.IsEmpty: true, Records.IsEmpty: true }) plan = WithAbsent(plan, manifest, restorability);
        await records.WritePlanAsync(plan, cancellationToken);
        return plan;
    }

    private static RestorePlan WithAbsent(RestorePlan plan, SnapshotManifest manifest, Restorability restorability)
    {
        var absent = manifest.Objects.Where(o => restorability.Absent.Contains(o.Name)).ToList();
        return plan with
        {
            Objects = [.. plan.Objects, .. absent.Select(o => new ObjectPlan(o.Name, 0, 0, 0, 0, o.LiveRecords))],
            Warnings = [.. plan.Warnings, .. absent.Select(o =>
                $"{o.Name} is no longer in the org, or not visible to the connected user; its {o.LiveRecords} records cannot be restored.")],
        };
    }

    public static async Task<Restorability> RestorabilityAsync(Org org, SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        var held = manifest.Objects.Where(o => o.LiveRecords > 0).Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var present = (await org.DescribeGlobalAsync(cancellationToken)).Select(s => s.Name).Where(held.Contains).ToList();
        return new Restorability(await org.DescribeManyAsync(present, cancellationToken), held);
    }
}
