using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Jobs;
using Appliance.Engine.Restores;

namespace Appliance.Server;

/// <summary>Finds what a restore wrote into the vault, by the id of its plan or of its job.</summary>
public sealed class RestorePapers(Catalog.Jobs jobs, Orgs orgs, Vaults vaults)
{
    /// <summary>Null when there is no such plan, or it is not ready yet.</summary>
    public async Task<RestorePlan?> FindPlanAsync(Guid planId, CancellationToken cancellationToken) =>
        await jobs.GetAsync(planId, cancellationToken) is { Kind: JobKind.RestorePlan, State: JobState.Completed or JobState.CompletedWithWarnings } job
        && await OpenAsync(job.OrgId, planId, cancellationToken) is { } papers
            ? await papers.FindPlanAsync(cancellationToken)
            : null;

    /// <summary>The papers of a restore job; null when there is no such job.</summary>
    public async Task<RestoreRecords?> OfRunAsync(Guid jobId, CancellationToken cancellationToken) =>
        await jobs.GetAsync(jobId, cancellationToken) is { Kind: JobKind.Restore } job
        && JsonSerializer.Deserialize<RestoreParameters>(job.Parameters, JsonSerializerOptions.Web) is { } parameters
            ? await OpenAsync(job.OrgId, parameters.PlanId, cancellationToken)
            : null;

    private async Task<RestoreRecords?> OpenAsync(Guid orgId, Guid planId, CancellationToken cancellationToken) =>
        await orgs.FindAsync(orgId, cancellationToken) is { } org ? new RestoreRecords(await vaults.OpenAsync(org, cancellationToken), planId) : null;
}
