using Appliance.Catalog;
using Appliance.Engine;

namespace Appliance.Server;

/// <summary>Removes an org for good: catalog first (nobody finds the vault any more), then the files.</summary>
public sealed class OrgRemoval(Orgs orgs, Catalog.Jobs jobs, AuditLog audit, Vaults vaults)
{
    /// <returns>Why it cannot be removed now; null when it is gone.</returns>
    public async Task<string?> RemoveAsync(OrgRow org, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(org);
        if ((await jobs.ListAsync(org.Id, 50, cancellationToken)).Any(j => !j.Ended)) return "The org has jobs that have not ended.";
        await audit.AppendAsync(user, "org removed", $"{org.Name} ({org.SalesforceOrgId})", "all its backups are destroyed", cancellationToken);
        await orgs.RemoveAsync(org.Id, cancellationToken);
        await vaults.DestroyAsync(org);
        return null;
    }
}
