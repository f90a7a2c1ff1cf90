using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Engine.Jobs;
using Appliance.Server.Access;
using Appliance.Server.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class BackupsApi
{
    public sealed record BackupRequest(string? Kind, bool Sync = false, Guid[]? TemplateIds = null, bool Formulas = false, bool? Metadata = null);

    public sealed record StartedJob(Guid JobId);

    public static void MapBackups(this RouteGroupBuilder api) =>
        api.MapPost("/orgs/{orgId:guid}/backups", StartAsync).WithTags("Backups").WithSummary("Start a backup: full, incremental, composite, compositeSync or templated");

    private static async Task<Results<Accepted<StartedJob>, ProblemHttpResult>> StartAsync(
        Guid orgId, BackupRequest request, Orgs orgs, Templates templates, JobStarter starter, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await WrongAsync(orgId, request, orgs, templates, cancellationToken) is { } wrong) return wrong;
        var jobId = await starter.BackUpAsync(orgId, request.Kind ?? "incremental", user.UserName, request.Sync, request.TemplateIds ?? [], cancellationToken, request.Formulas, request.Metadata);
        return TypedResults.Accepted($"/api/v1/jobs/{jobId}", new StartedJob(jobId));
    }

    /// <summary>Null when such a backup can be run.</summary>
    public static async Task<ProblemHttpResult?> WrongAsync(Guid orgId, BackupRequest request, Orgs orgs, Templates templates, CancellationToken cancellationToken)
    {
        var kind = request.Kind ?? "incremental";
        if (!BackupParameters.Kinds.Contains(kind)) return Problems.Bad($"There is no backup of the kind '{kind}'.", $"The kinds are {string.Join(", ", BackupParameters.Kinds)}.");
        var chosen = request.TemplateIds ?? [];
        if (kind == "templated" && chosen.Length == 0) return Problems.Bad("A templated backup wants templateIds.", "Name one or more of the org's templates.");
        if (kind is "full" or "incremental" && chosen.Length > 0) return Problems.Bad($"A backup of the kind {kind} takes everything.", "Leave templateIds out, or ask for templated, composite or compositeSync.");
        if (await orgs.FindAsync(orgId, cancellationToken) is null) return Problems.NotFound("org");
        foreach (var id in chosen)
            if (await templates.FindAsync(orgId, id, cancellationToken) is null) return Problems.Bad($"This org has no template {id}.", "See the org's templates for their ids.");
        return null;
    }
}
