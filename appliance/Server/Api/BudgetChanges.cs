using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Budget;
using Appliance.Salesforce;

namespace Appliance.Server.Api;

/// <summary>An org's ceilings, and what is used of its quotas. The API and the pages both come here.</summary>
public sealed class BudgetChanges(Budgets budgets, Orgs orgs, OrgSessions sessions, Catalog.Jobs jobs, AuditLog audit)
{
    /// <summary>Asks Salesforce, for one call.</summary>
    public async Task<(QuotaUse? OfRest, QuotaUse? OfBulk)> UseAsync(OrgRow org, CancellationToken cancellationToken)
    {
        var session = sessions.For(org);
        await session.LimitsAsync(cancellationToken);
        return (session.Budget.Rest, session.Budget.BulkQueries);
    }

    /// <summary>Whether the run fits under the ceilings as they stand; null when the org has not told.</summary>
    public bool? Fits(OrgRow org, BackupForecast forecast)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        var budget = sessions.For(org).Budget;
        return budget.RestLeft is not { } left ? null : forecast.ApiCalls <= left && (budget.BulkQueries is not { } bulk || forecast.BulkJobs <= bulk.Left);
    }

    /// <returns>What is wrong; empty when the ceilings hold. Jobs that wait for quota look at once whether the new ones let them go on.</returns>
    public async Task<string> SetAsync(OrgRow org, OrgCeilings ceilings, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(org);
        ArgumentNullException.ThrowIfNull(ceilings);
        if (ceilings.RestPercent is < 1 or > 100 || ceilings.BulkPercent is < 1 or > 100) return "A ceiling is 1 to 100 percent.";
        await budgets.SetAsync(org.Id, ceilings, user, cancellationToken);
        await audit.AppendAsync(user, "budget set", $"org {org.Id}", $"REST {ceilings.RestPercent} %, Bulk {ceilings.BulkPercent} %", cancellationToken);
        if (await orgs.FindAsync(org.Id, cancellationToken) is { } row) sessions.SetCeilings(row);
        if (ceilings.RestPercent > org.Ceilings.RestPercent || ceilings.BulkPercent > org.Ceilings.BulkPercent) await jobs.ResumeAllAsync(org.Id, PauseReason.Quota, cancellationToken);
        return "";
    }
}
