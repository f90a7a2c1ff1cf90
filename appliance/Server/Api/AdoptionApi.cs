using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Engine.Adoption;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class AdoptionApi
{
    public static void MapAdoption(this RouteGroupBuilder api) =>
        api.MapPost("/orgs/adoptions", AdoptAsync).WithTags("Orgs").WithSummary("Take over the vaults that lie in the storage and the catalog does not know");

    private static async Task<Ok<IReadOnlyList<AdoptedVault>>> AdoptAsync(VaultAdoption adoption, AuditLog audit, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var adopted = await adoption.RunAsync(cancellationToken);
        await audit.AppendAsync(user.UserName, "vaults adopted", $"{adopted.Count} vaults", AdoptCommand.Line(adopted), cancellationToken);
        return TypedResults.Ok(adopted);
    }
}
