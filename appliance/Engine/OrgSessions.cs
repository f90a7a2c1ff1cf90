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
        if (_open.TryGetValue(row.Id, out var open) && open.ConnectedAt == row.ConnectedAt) return open.Org;
        var credentials = new OrgCredentials(row.LoginUrl, row.ClientId, row.ClientSecret, row.InstanceUrl, row.AccessToken, row.RefreshToken);
        var org = new Org(
            http, credentials,
            (tokens, cancellationToken) => orgs.UpdateTokensAsync(row.Id, tokens.AccessToken, tokens.RefreshToken, tokens.InstanceUrl, cancellationToken),
            time, logs.CreateLogger<Org>());
        _open[row.Id] = (row.ConnectedAt, org);
        return org;
    }
}
