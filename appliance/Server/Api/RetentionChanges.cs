using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Retention;

namespace Appliance.Server.Api;

/// <summary>Judges, stores and audits policies and legal holds, and tells the plan. The API and the pages both come here.</summary>
public sealed class RetentionChanges(Retention retention, Snapshots snapshots, Catalog.Jobs jobs, Vaults vaults, AuditLog audit, TimeProvider time)
{
    public const int LongestReason = 255;

    public async Task<RetentionPolicy?> PolicyAsync(Guid orgId, CancellationToken cancellationToken) =>
        await retention.PolicyAsync(orgId, cancellationToken) is { } json ? RetentionPolicy.Parse(json) : null;

    /// <returns>Every mistake; empty when the policy is set. Null lifts it: everything is kept.</returns>
    public async Task<string> SetPolicyAsync(Guid orgId, RetentionPolicy? policy, string user, CancellationToken cancellationToken)
    {
        if (policy?.Mistakes() is { Count: > 0 } mistakes) return string.Join(" ", mistakes);
        await retention.SetPolicyAsync(orgId, policy?.ToJson(), user, cancellationToken);
        await audit.AppendAsync(user, policy is null ? "retention policy lifted" : "retention policy set", $"org {orgId}", policy?.ToJson(), cancellationToken);
        return "";
    }

    public async Task<IReadOnlyList<RetentionDecision>> PlanAsync(OrgRow org, CancellationToken cancellationToken)
    {
        var any = (await snapshots.ListAsync(org.Id, cancellationToken)).Count > 0;
        return any ? await PruneRun.DecideAsync(retention, snapshots, jobs, await vaults.OpenAsync(org, cancellationToken), time, org.Id, cancellationToken) : [];
    }

    /// <summary>False when there is no such snapshot.</summary>
    public async Task<bool> HoldAsync(Guid snapshotId, string reason, string user, CancellationToken cancellationToken)
    {
        if (!await retention.HoldAsync(snapshotId, reason, user, cancellationToken)) return false;
        await audit.AppendAsync(user, "legal hold set", $"snapshot {snapshotId}", reason, cancellationToken);
        return true;
    }

    public async Task<bool> LiftAsync(Guid snapshotId, string user, CancellationToken cancellationToken)
    {
        if (!await retention.LiftAsync(snapshotId, cancellationToken)) return false;
        await audit.AppendAsync(user, "legal hold lifted", $"snapshot {snapshotId}", null, cancellationToken);
        return true;
    }
}
