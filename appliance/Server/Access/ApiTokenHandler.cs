using System.Text.Encodings.Web;
using Appliance.Catalog;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Appliance.Server.Access;

/// <summary><c>Authorization: Bearer apl_…</c>: programs sign in with a token that a user made.</summary>
internal sealed class ApiTokenHandler(ApiTokens tokens, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "ApiToken";
    public const string Prefix = "apl_";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer " + Prefix, StringComparison.Ordinal)) return AuthenticateResult.Fail("No API token.");
        var user = await tokens.FindUserAsync(OneTimeSecret.Hash(header["Bearer ".Length..]), Context.RequestAborted);
        return user is null
            ? AuthenticateResult.Fail("Unknown, revoked or expired API token.")
            : AuthenticateResult.Success(new AuthenticationTicket(Principals.Of(user, Scheme), Scheme));
    }
}
