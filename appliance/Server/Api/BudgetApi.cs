using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Engine.Budget;
using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class BudgetApi
{
    public sealed record Quota(long Used, long Max, long Allowed);

    public sealed record OrgBudget(int RestPercent, int BulkPercent, Quota? Rest, Quota? BulkQueries);

    public sealed record BudgetRequest(int? RestPercent, int? BulkPercent);

    /// <param name="Fits">Whether the calls and bulk jobs fit under the ceilings now; absent when the org does not tell its limits.</param>
    public sealed record Forecast(long ApiCalls, long BulkJobs, long Records, long BytesRead, long BytesStored, double Minutes, string Basis, bool? Fits);

    public static void MapBudget(this RouteGroupBuilder api)
    {
        var budget = api.MapGroup("/orgs/{orgId:guid}/budget").WithTags("Budget");
        budget.MapGet("/", GetAsync).WithSummary("The org's ceilings, and what all its apps have used in 24 hours");
        budget.MapPut("/", SetAsync).WithSummary("Set the share of the quotas that may be used up before jobs pause");
        api.MapPost("/orgs/{orgId:guid}/backups/forecasts", ForecastAsync).WithTags("Budget").WithSummary("What a backup would cost: calls, bytes, minutes");
    }

    private static async Task<Results<Ok<OrgBudget>, ProblemHttpResult>> GetAsync(Guid orgId, Orgs orgs, BudgetChanges changes, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is not { } org) return Problems.NotFound("org");
        var (rest, bulk) = await changes.UseAsync(org, cancellationToken);
        return TypedResults.Ok(new OrgBudget(org.Ceilings.RestPercent, org.Ceilings.BulkPercent, Told(rest), Told(bulk)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SetAsync(
        Guid orgId, BudgetRequest request, Orgs orgs, BudgetChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is not { } org) return Problems.NotFound("org");
        var wrong = await changes.SetAsync(org, new OrgCeilings(request.RestPercent ?? org.Ceilings.RestPercent, request.BulkPercent ?? org.Ceilings.BulkPercent), user.UserName, cancellationToken);
        return wrong.Length > 0 ? Problems.Bad(wrong, "Correct it and send it again.") : TypedResults.NoContent();
    }

    private static async Task<Results<Ok<Forecast>, ProblemHttpResult>> ForecastAsync(
        Guid orgId, BackupsApi.BackupRequest request, Orgs orgs, Templates templates, Forecasting forecasting, BudgetChanges changes, CancellationToken cancellationToken)
    {
        if (await BackupsApi.WrongAsync(orgId, request, orgs, templates, cancellationToken) is { } wrong) return wrong;
        var org = (await orgs.FindAsync(orgId, cancellationToken))!;
        var kind = Enum.Parse<BackupKind>(request.Kind ?? "incremental", ignoreCase: true);
        var forecast = await forecasting.ForAsync(org, new BackupParameters(kind, request.Sync, [.. request.TemplateIds ?? []], Metadata: request.Metadata), cancellationToken);
        return TypedResults.Ok(new Forecast(
            forecast.ApiCalls, forecast.BulkJobs, forecast.Records, forecast.BytesRead, forecast.BytesStored, Math.Round(forecast.Minutes, 2), forecast.Basis, changes.Fits(org, forecast)));
    }

    private static Quota? Told(QuotaUse? use) => use is null ? null : new Quota(use.Used, use.Max, use.Allowed);
}
