using System.Collections.Concurrent;
using Appliance.Catalog;
using Appliance.Salesforce;
using Microsoft.Extensions.Logging;

namespace Appliance.Engine;

/// <summary>One live <see cref="Org"/> per connected org, so that all jobs share its token, its refresh lock and its API usage.</summary>
public sealed class OrgSessions(HttpClient http, Orgs orgs, TimeProvider time, ILoggerFactory logs)
{
    private readonly ConcurrentDictionary<Guid, (DateTimeOffset ConnectedAt, Org Org)> _open = new();

    public Org For(OrgRow row)
    {
        // Reconnecting gives new credentials; a session made before is left to the jobs that still hold it.
        if (_open.TryGetValue(row.Id, out var open) && open.ConnectedAt == row.ConnectedAt)
        {
            open.Org.Budget.Ceilings = CeilingsOf(row);
            return open.Org;
        }
        var credentials = new OrgCredentials(row.LoginUrl, row.ClientId, row.ClientSecret, row.InstanceUrl, row.AccessToken, row.RefreshToken);
        var org = new Org(
            http, credentials,
            (tokens, cancellationToken) => KeepAsync(row.Id, tokens, cancellationToken),
            time, logs.CreateLogger<Org>());
        org.Budget.Ceilings = CeilingsOf(row);
        _open[row.Id] = (row.ConnectedAt, org);
        return org;
    }

    /// <summary>Lets the org's session, if there is one, keep to ceilings that may have changed.</summary>
    public void SetCeilings(OrgRow row)
    {
        if (_open.TryGetValue(row.Id, out var open)) open.Org.Budget.Ceilings = CeilingsOf(row);
    }

    private static ApiCeilings CeilingsOf(OrgRow row) => new(row.Ceilings.RestPercent, row.Ceilings.BulkPercent);

    /// <summary>With rotation the old refresh token is dead by now: a database that is away is waited for, as long as the caller lets us.</summary>
    private async Task KeepAsync(Guid orgId, OAuthTokens tokens, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await orgs.UpdateTokensAsync(orgId, tokens.AccessToken, tokens.RefreshToken, tokens.InstanceUrl, cancellationToken);
                return;
            }
            catch (CatalogUnreachableException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }
}
