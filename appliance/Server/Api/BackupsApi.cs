using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Server.Access;
using Appliance.Server.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class BackupsApi
{
    public sealed record BackupRequest(string? Kind);

    public sealed record StartedJob(Guid JobId);

    public static void MapBackups(this RouteGroupBuilder api) =>
        api.MapPost("/orgs/{orgId:guid}/backups", StartAsync).WithTags("Backups").WithSummary("Start a backup: full or incremental");

    private static async Task<Results<Accepted<StartedJob>, ProblemHttpResult>> StartAsync(
        Guid orgId, BackupRequest request, Orgs orgs, JobStarter starter, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var kind = request.Kind ?? "incremental";
        if (kind is not ("full" or "incremental")) return Problems.Bad($"There is no backup of the kind '{kind}'.", "The kinds are full and incremental.");
        if (await orgs.FindAsync(orgId, cancellationToken) is null) return Problems.NotFound("org");
        var jobId = await starter.BackUpAsync(orgId, kind, user.UserName, cancellationToken);
        return TypedResults.Accepted($"/api/v1/jobs/{jobId}", new StartedJob(jobId));
    }
}
