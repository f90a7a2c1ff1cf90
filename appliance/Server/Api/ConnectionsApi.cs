using System.Security.Claims;
using Appliance.Salesforce;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class ConnectionsApi
{
    public sealed record ConnectionRequest(string? Name, string? LoginUrl, string? ClientId, string? ClientSecret);

    public sealed record Begun(Uri AuthorizeUrl);

    public static void MapConnections(this RouteGroupBuilder api) =>
        api.MapPost("/orgs/connections", BeginAsync).WithTags("Orgs").WithSummary("Begin to connect an org; send the browser to authorizeUrl");

    public static void MapOAuthCallback(this WebApplication app) => app.MapGet("/oauth/callback", EndAsync).ExcludeFromDescription();

    private static async Task<Results<Ok<Begun>, ProblemHttpResult>> BeginAsync(ConnectionRequest request, OrgConnecting connecting, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (OrgConnecting.Refuse(request.Name, request.LoginUrl, request.ClientId) is { } wrong) return Problems.Bad(wrong, "Correct it and send it again.");
        var address = await connecting.BeginAsync(user.UserId, request.Name!, new Uri(request.LoginUrl!), request.ClientId!, request.ClientSecret, cancellationToken);
        return TypedResults.Ok(new Begun(address));
    }

    /// <summary>Salesforce sends the browser here. A failure is shown on the page for connecting, with cause and remedy.</summary>
    private static async Task<RedirectHttpResult> EndAsync(
        OrgConnecting connecting, ClaimsPrincipal user, CancellationToken cancellationToken,
        string? code = null, string? state = null, string? error = null, string? error_description = null)
    {
        if (error is not null || code is null || state is null)
        {
            if (state is not null) await connecting.ForgetAsync(user.UserId, state, cancellationToken);
            return error is null
                ? Refused("Salesforce's answer names neither a code nor an error.", "Begin again.")
                : Refused($"Salesforce refused: {error_description ?? error}.", error is "access_denied" ? "Begin again and choose Allow." : "Check the External Client App's settings, then begin again.");
        }
        try
        {
            return await connecting.EndAsync(user.UserId, user.UserName, state, code, cancellationToken) is { } org
                ? TypedResults.Redirect($"/orgs/{org.Id}")
                : Refused("This sign-in at Salesforce was begun more than 15 minutes ago, by somebody else, or has been used already.", "Begin again.");
        }
        catch (SalesforceException e)
        {
            return Refused(e.Message, e.Remedy);
        }
    }

    private static RedirectHttpResult Refused(string cause, string remedy) =>
        TypedResults.Redirect($"/orgs/connect?cause={Uri.EscapeDataString(Cut(cause))}&remedy={Uri.EscapeDataString(Cut(remedy))}");

    private static string Cut(string text) => text.Length <= 500 ? text : text[..500];
}
