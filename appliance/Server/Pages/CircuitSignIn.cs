using Appliance.Catalog;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Appliance.Server.Pages;

/// <summary>A live page outlives the request that opened it: look every minute whether the session behind it still holds.</summary>
internal sealed class CircuitSignIn(ILoggerFactory logs, Sessions sessions) : RevalidatingServerAuthenticationStateProvider(logs)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromMinutes(1);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        if (authenticationState.User.FindFirst(SessionCookie.SessionClaim) is not { } session) return false;
        try
        {
            return await sessions.FindUserAsync(OneTimeSecret.Hash(session.Value), cancellationToken) is not null;
        }
        catch (CatalogUnreachableException)
        {
            return true;        // nobody can do anything meanwhile either; the next look decides
        }
    }
}

internal static class SignOutEndpoint
{
    /// <summary>The form in the page header. Cross-site posts do not come this far (SameSite, Sec-Fetch-Site), and signing out is all it can do.</summary>
    public static void MapSignOut(this WebApplication app) => app.MapPost("/signout", async (HttpContext context, CancellationToken cancellationToken) =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        await SessionCookie.EndAsync(context);
        return TypedResults.LocalRedirect("~/signin");
    }).ExcludeFromDescription();
}
