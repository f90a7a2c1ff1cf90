using System.Collections.Immutable;
using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Engine.Retention;
using Appliance.Server.Access;
using Appliance.Server.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class RetentionApi
{
    public sealed record OrgRetention(RetentionPolicy? Policy);

    public sealed record Decision(Guid SnapshotId, DateTimeOffset TakenAt, bool Keep, ImmutableArray<string> Reasons);

    public sealed record Hold(string? Reason);

    public static void MapRetention(this RouteGroupBuilder api)
    {
        var retention = api.MapGroup("/orgs/{orgId:guid}/retention").WithTags("Retention");
        retention.MapGet("/", GetAsync).WithSummary("How long an org's snapshots are kept");
        retention.MapPut("/", SetAsync).WithSummary("Set the policy; nothing is removed by this alone");
        retention.MapDelete("/", LiftAsync).WithSummary("Keep everything for ever");
        retention.MapGet("/plan", PlanAsync).WithSummary("What the policy would keep and remove now, with reasons");
        retention.MapPost("/runs", RunAsync).WithSummary("Remove what the plan lets go");
        var hold = api.MapGroup("/snapshots/{id:guid}/hold").WithTags("Retention");
        hold.MapPut("/", HoldAsync).WithSummary("Put a snapshot under a legal hold");
        hold.MapDelete("/", LiftHoldAsync).WithSummary("Lift a legal hold");
    }

    private static async Task<Results<Ok<OrgRetention>, ProblemHttpResult>> GetAsync(Guid orgId, Orgs orgs, RetentionChanges changes, CancellationToken cancellationToken) =>
        await orgs.FindAsync(orgId, cancellationToken) is null ? Problems.NotFound("org") : TypedResults.Ok(new OrgRetention(await changes.PolicyAsync(orgId, cancellationToken)));

    private static async Task<Results<NoContent, ProblemHttpResult>> SetAsync(
        Guid orgId, RetentionPolicy policy, Orgs orgs, RetentionChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is null) return Problems.NotFound("org");
        var mistakes = await changes.SetPolicyAsync(orgId, policy, user.UserName, cancellationToken);
        return mistakes.Length > 0 ? Problems.Bad(mistakes, "Correct it and send it again.") : TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> LiftAsync(Guid orgId, Orgs orgs, RetentionChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is null) return Problems.NotFound("org");
        await changes.SetPolicyAsync(orgId, null, user.UserName, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<IEnumerable<Decision>>, ProblemHttpResult>> PlanAsync(Guid orgId, Orgs orgs, RetentionChanges changes, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is not { } org) return Problems.NotFound("org");
        return TypedResults.Ok((await changes.PlanAsync(org, cancellationToken)).Select(d => new Decision(d.SnapshotId, d.TakenAt, d.Keep, d.Reasons)));
    }

    private static async Task<Results<Accepted<BackupsApi.StartedJob>, ProblemHttpResult>> RunAsync(
        Guid orgId, Orgs orgs, RetentionChanges changes, JobStarter starter, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is null) return Problems.NotFound("org");
        if (await changes.PolicyAsync(orgId, cancellationToken) is null)
            return Problems.Of(StatusCodes.Status409Conflict, "This org has no retention policy: everything is kept.", "Set a policy first, and look at its plan.");
        var jobId = await starter.PruneAsync(orgId, user.UserName, cancellationToken);
        return TypedResults.Accepted($"/api/v1/jobs/{jobId}", new BackupsApi.StartedJob(jobId));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> HoldAsync(Guid id, Hold hold, RetentionChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(hold.Reason) || hold.Reason.Length > RetentionChanges.LongestReason)
            return Problems.Bad($"A legal hold needs a reason of 1 to {RetentionChanges.LongestReason} characters.", "Say who asked for it and why.");
        return await changes.HoldAsync(id, hold.Reason.Trim(), user.UserName, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("snapshot");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> LiftHoldAsync(Guid id, RetentionChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await changes.LiftAsync(id, user.UserName, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("legal hold");
}
