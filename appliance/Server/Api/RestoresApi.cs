using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Catalog;
using Appliance.Engine.Restores;
using Appliance.Server.Access;
using Appliance.Server.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class RestoresApi
{
    private static readonly JsonSerializerOptions Lines = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public sealed record RecordChoice(string? Object, string? Id);

    public sealed record PlanRequest(Guid? SnapshotId, IReadOnlyList<string>? Objects, IReadOnlyList<RecordChoice>? Records);

    public sealed record PlanDocument(
        Guid Id, Guid OrgId, Guid SnapshotId, Guid SafetySnapshotId, DateTimeOffset CreatedAt, IEnumerable<ObjectPlan> Objects, IEnumerable<PlanStep> Steps,
        IEnumerable<string> Warnings, long ApiCalls, Guid? RunJobId);

    public static void MapRestores(this RouteGroupBuilder api)
    {
        api.MapPost("/orgs/{orgId:guid}/restores/plans", PlanAsync).WithTags("Restores").WithSummary("Plan a restore: a safety backup, then the plan; nothing is written to Salesforce");
        api.MapGet("/restores/plans/{planId:guid}", GetAsync).WithTags("Restores").WithSummary("A plan: what would be created, updated, undeleted, and in which order");
        api.MapPost("/restores/plans/{planId:guid}/run", RunAsync).WithTags("Restores").WithSummary("Carry a plan out; a second call answers the same job, and goes on with it when it was aborted or failed");
        api.MapGet("/restores/{jobId:guid}/outcomes", OutcomesAsync).WithTags("Restores").WithSummary("What became of each record, as NDJSON");
        api.MapGet("/restores/{jobId:guid}/id-map", IdMapAsync).WithTags("Restores").WithSummary("Records that came back under a new Id, as NDJSON");
    }

    private static async Task<Results<Accepted<BackupsApi.StartedJob>, ProblemHttpResult>> PlanAsync(
        Guid orgId, PlanRequest request, Orgs orgs, Snapshots snapshots, JobStarter starter, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is null) return Problems.NotFound("org");
        if (request.SnapshotId is not { } snapshotId || await snapshots.FindAsync(snapshotId, cancellationToken) is not { } snapshot || snapshot.OrgId != orgId)
            return Problems.Bad("snapshotId names no snapshot of this org.", "Take one from the list of the org's snapshots.");
        if ((request.Objects ?? []).Any(string.IsNullOrWhiteSpace) || (request.Records ?? []).Any(r => string.IsNullOrWhiteSpace(r.Object) || string.IsNullOrWhiteSpace(r.Id)))
            return Problems.Bad("An object or record in the choice has no name or Id.", "Send objects as names, records as {object, id}.");
        var scope = new RestoreScope
        {
            SnapshotId = snapshotId, Objects = [.. request.Objects ?? []], Records = [.. (request.Records ?? []).Select(r => new RecordKey(r.Object!, r.Id!))],
        };
        var jobId = await starter.PlanRestoreAsync(orgId, scope, user.UserName, cancellationToken);
        return TypedResults.Accepted($"/api/v1/jobs/{jobId}", new BackupsApi.StartedJob(jobId));
    }

    private static async Task<Results<Ok<PlanDocument>, ProblemHttpResult>> GetAsync(Guid planId, RestorePapers papers, JobStarter starter, CancellationToken cancellationToken) =>
        await papers.FindPlanAsync(planId, cancellationToken) is { } plan
            ? TypedResults.Ok(new PlanDocument(
                plan.Id, plan.OrgId, plan.SnapshotId, plan.SafetySnapshotId, plan.CreatedAt, plan.Objects, plan.Steps, plan.Warnings, plan.ApiCalls,
                await starter.FindRunAsync(planId, cancellationToken)))
            : NoPlan();

    private static async Task<Results<Accepted<BackupsApi.StartedJob>, ProblemHttpResult>> RunAsync(
        Guid planId, RestorePapers papers, JobStarter starter, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await papers.FindPlanAsync(planId, cancellationToken) is not { } plan) return NoPlan();
        var jobId = await starter.RunPlanAsync(plan, user.UserName, cancellationToken);
        return TypedResults.Accepted($"/api/v1/jobs/{jobId}", new BackupsApi.StartedJob(jobId));
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> OutcomesAsync(
        Guid jobId, RestorePapers papers, AuditLog audit, ClaimsPrincipal user, CancellationToken cancellationToken, string? state = null)
    {
        if (await papers.OfRunAsync(jobId, cancellationToken) is not { } records) return Problems.NotFound("restore job");
        await audit.AppendAsync(user.UserName, "restore outcomes viewed", $"job {jobId}", null, cancellationToken);
        return Ndjson(records.OutcomesAsync(cancellationToken).Where(o => state is null || o.State == state).Select(o => o with { Action = JsonNamingPolicy.CamelCase.ConvertName(o.Action) }), cancellationToken);
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> IdMapAsync(Guid jobId, RestorePapers papers, CancellationToken cancellationToken) =>
        await papers.OfRunAsync(jobId, cancellationToken) is { } records ? Ndjson(records.IdMapAsync(cancellationToken), cancellationToken) : Problems.NotFound("restore job");

    private static ProblemHttpResult NoPlan() =>
        Problems.Of(StatusCodes.Status404NotFound, "There is no such plan, or it is not ready.", "Look at the job of the same id: when it is completed the plan is there.");

    private static PushStreamHttpResult Ndjson<T>(IAsyncEnumerable<T> items, CancellationToken cancellationToken) => TypedResults.Stream(async body =>
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(body, item, Lines, cancellationToken);
            await body.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }, "application/x-ndjson");
}
