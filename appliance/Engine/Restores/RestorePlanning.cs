using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>Brings together what a plan needs: the wanted snapshot, the one just taken, today's describes, all Id mappings; and writes the plan.</summary>
public sealed class RestorePlanning(Org org, OrgVault vault, JobProgress progress, EngineOptions options, TimeProvider time)
{
    /// <param name="planId">Also the id of the safety snapshot, which stands already.</param>
    public async Task<RestorePlan> PlanAsync(Guid planId, Guid orgId, RestoreScope scope, CancellationToken cancellationToken)
    {
        var records = new RestoreRecords(vault, planId);
        if (await records.FindPlanAsync(cancellationToken) is { } standing) return standing;

        var manifest = await vault.ReadManifestAsync(scope.SnapshotId, cancellationToken);
        var wanted = vault.Open(manifest);
        var current = vault.Open(await vault.ReadManifestAsync(planId, cancellationToken));
        var restorability = await RestorabilityAsync(org, manifest, cancellationToken);
        progress.Begin("planning", manifest.Objects.Sum(o => o.LiveRecords) * 2);
        var chosen = await new RestoreFamily(restorability, wanted, current).ChooseAsync(scope, cancellationToken);
        var planner = new RestorePlanner(
            restorability, wanted, current, await RestoreRecords.AllMappingsAsync(vault, cancellationToken), new RecycleBin(org, options), records, progress, options);
        var plan = await planner.PlanAsync(
            new RestorePlan { Id = planId, OrgId = orgId, SnapshotId = scope.SnapshotId, SafetySnapshotId = planId, CreatedAt = time.GetUtcNow() },
            chosen, cancellationToken);
        await records.WritePlanAsync(plan, cancellationToken);
        return plan;
    }

    public static async Task<Restorability> RestorabilityAsync(Org org, SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        var held = manifest.Objects.Where(o => o.LiveRecords > 0).Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var present = (await org.DescribeGlobalAsync(cancellationToken)).Select(s => s.Name).Where(held.Contains).ToList();
        return new Restorability(await org.DescribeManyAsync(present, cancellationToken), held);
    }
}
