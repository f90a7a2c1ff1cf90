using Appliance.Catalog;
using Appliance.Salesforce;
using Appliance.Server.Access;

namespace Appliance.Server.Api;

/// <summary>Connects an org: the browser goes to Salesforce with a PKCE challenge and comes back to /oauth/callback with a code.</summary>
public sealed class OrgConnecting(PendingConnections pending, Orgs orgs, AuditLog audit, OAuthSignIn signIn, ServerSettings settings)
{
    /// <summary>What is wrong with the typed values; null when nothing is.</summary>
    public static string? Refuse(string? name, string? loginUrl, string? clientId) =>
        string.IsNullOrWhiteSpace(name) || name.Trim().Length > 120 ? "An org's name has 1 to 120 characters."
        : string.IsNullOrWhiteSpace(clientId) || clientId.Length > 255 ? "The consumer key (client id) of the External Client App is missing."
        : !Uri.TryCreate(loginUrl, UriKind.Absolute, out var url) || url.PathAndQuery != "/" || url.UserInfo.Length > 0 ? "The login address is not of the form https://login.salesforce.com."
        : url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback) ? "The login address must be https."
        : null;

    /// <summary>Keeps what the callback will need and tells where to send the browser. The values have passed <see cref="Refuse"/>.</summary>
    public async Task<Uri> BeginAsync(Guid userId, string name, Uri loginUrl, string clientId, string? clientSecret, CancellationToken cancellationToken)
    {
        var (verifier, challenge) = OAuthSignIn.NewPkce();
        var state = OneTimeSecret.New();
        var secret = string.IsNullOrWhiteSpace(clientSecret) ? null : clientSecret.Trim();
        await pending.AddAsync(state, new PendingConnection(userId, name.Trim(), loginUrl, clientId.Trim(), secret, verifier), cancellationToken);
        return OAuthSignIn.AuthorizeUri(loginUrl, clientId.Trim(), settings.OAuthCallback, state, challenge);
    }

    /// <summary>Exchanges the code and keeps the org. Null when the state is unknown, used, too old or another user's.</summary>
    /// <exception cref="SalesforceException">Salesforce refuses the code or cannot be reached.</exception>
    public async Task<OrgRow?> EndAsync(Guid userId, string userName, string state, string code, CancellationToken cancellationToken)
    {
        if (await pending.TakeAsync(state, userId, cancellationToken) is not { } begun) return null;
        var tokens = await signIn.ExchangeCodeAsync(begun.LoginUrl, begun.ClientId, begun.ClientSecret, settings.OAuthCallback, code, begun.Verifier, cancellationToken);
        var org = await orgs.AddAsync(new OrgConnection(
            begun.Name, tokens.OrganizationId, begun.LoginUrl, begun.ClientId, begun.ClientSecret, tokens.InstanceUrl, tokens.AccessToken, tokens.RefreshToken), cancellationToken);
        await audit.AppendAsync(userName, "org connected", $"{org.Name} ({org.SalesforceOrgId})", null, cancellationToken);
        return org;
    }

    /// <summary>The browser came back with a refusal: the state is used up.</summary>
    public Task ForgetAsync(Guid userId, string state, CancellationToken cancellationToken) => pending.TakeAsync(state, userId, cancellationToken);
}
