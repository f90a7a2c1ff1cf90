using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Verification;
using Appliance.Server.Access;
using Appliance.Server.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class VerificationApi
{
    /// <summary><paramref name="Current"/> is the walk under way, <paramref name="Last"/> the last one that read every byte.</summary>
    public sealed record OrgVerification(SweepCycle? Current, SweepCycle? Last, int EveryDays);

    public static void MapVerification(this RouteGroupBuilder api)
    {
        var verification = api.MapGroup("/orgs/{orgId:guid}/verification").WithTags("Verification");
        verification.MapGet("/", GetAsync).WithSummary("When the stored bytes were last read again, and what was found");
        verification.MapPost("/runs", RunAsync).WithSummary("Read on to the end of the vault now");
    }

    private static async Task<Results<Ok<OrgVerification>, ProblemHttpResult>> GetAsync(Guid orgId, Orgs orgs, Vaults vaults, EngineOptions options, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is not { } org) return Problems.NotFound("org");
        var state = await vaults.FindAsync(org, cancellationToken) is { } vault ? await SweepState.ReadAsync(vault, cancellationToken) : SweepState.None;
        return TypedResults.Ok(new OrgVerification(state.Current, state.Last, options.SweepDays));
    }

    private static async Task<Results<Accepted<BackupsApi.StartedJob>, ProblemHttpResult>> RunAsync(
        Guid orgId, Orgs orgs, Vaults vaults, JobStarter starter, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is not { } org) return Problems.NotFound("org");
        if (await vaults.FindAsync(org, cancellationToken) is null)
            return Problems.Of(StatusCodes.Status409Conflict, "There is nothing to verify: this org has no backup yet.", "Run a backup of this org first.");
        var jobId = await starter.VerifyAsync(orgId, user.UserName, cancellationToken);
        return TypedResults.Accepted($"/api/v1/jobs/{jobId}", new BackupsApi.StartedJob(jobId));
    }
}
