using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class OrgsApi
{
    public sealed record OrgDocument(
        Guid Id, string Name, string SalesforceOrgId, Uri InstanceUrl, TokenState TokenState, DateTimeOffset ConnectedAt, DateTimeOffset? LastSnapshotAt);

    public static void MapOrgs(this RouteGroupBuilder api)
    {
        var orgs = api.MapGroup("/orgs").WithTags("Orgs");
        orgs.MapGet("/", ListAsync).WithSummary("Connected orgs");
        orgs.MapGet("/{orgId:guid}", GetAsync).WithSummary("One org");
        orgs.MapDelete("/{orgId:guid}", RemoveAsync).WithSummary("Remove an org and destroy its backups; its name must be typed");
    }

    private static async Task<Ok<List<OrgDocument>>> ListAsync(Orgs orgs, Snapshots snapshots, CancellationToken cancellationToken)
    {
        var list = new List<OrgDocument>();
        foreach (var org in await orgs.ListAsync(cancellationToken)) list.Add(await DocumentAsync(org, snapshots, cancellationToken));
        return TypedResults.Ok(list);
    }

    private static async Task<Results<Ok<OrgDocument>, ProblemHttpResult>> GetAsync(Guid orgId, Orgs orgs, Snapshots snapshots, CancellationToken cancellationToken) =>
        await orgs.FindAsync(orgId, cancellationToken) is { } org ? TypedResults.Ok(await DocumentAsync(org, snapshots, cancellationToken)) : Problems.NotFound("org");

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        Guid orgId, string? name, OrgRemoval removal, Orgs orgs, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is not { } org) return Problems.NotFound("org");
        if (name != org.Name) return Problems.Bad("The typed name is not the org's name. Nothing was removed.", "Type the name exactly; removing destroys all backups of the org.");
        return await removal.RemoveAsync(org, user.UserName, cancellationToken) is { } busy
            ? Problems.Of(StatusCodes.Status409Conflict, busy, "Abort its jobs, wait until they have ended, then remove it.")
            : TypedResults.NoContent();
    }

    private static async Task<OrgDocument> DocumentAsync(OrgRow org, Snapshots snapshots, CancellationToken cancellationToken) => new(
        org.Id, org.Name, org.SalesforceOrgId, org.InstanceUrl, org.TokenState, org.ConnectedAt,
        (await snapshots.LatestAsync(org.Id, cancellationToken))?.CompletedAt);
}
