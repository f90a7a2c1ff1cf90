using System.Collections.Immutable;
using Appliance.Catalog;
using Appliance.Vault;

namespace Appliance.Engine.Alerts;

/// <summary>Looks at the snapshot of a backup and those before it, by their certificates, for deletes and changes that are unusual in this org.</summary>
public sealed class AnomalyLook(Vaults vaults, Snapshots snapshots)
{
    public async Task<(ImmutableArray<UnusualObject> Deletes, ImmutableArray<UnusualObject> Changes)> AtAsync(OrgRow org, Guid snapshotId, AnomalyRule rule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(org);
        ArgumentNullException.ThrowIfNull(rule);
        if (!rule.On || await vaults.FindAsync(org, cancellationToken) is not { } vault) return ([], []);
        var rows = (await snapshots.ListAsync(org.Id, cancellationToken)).Where(s => s.Kind == SnapshotRowKind.Incremental).SkipWhile(s => s.Id != snapshotId).Take(AnomalyRule.Runs + 1).ToList();
        if (rows.Count == 0 || rows[0].Id != snapshotId) return ([], []);
        var runs = new List<RunActivity>();
        foreach (var row in rows)
            if (await ActivityAsync(vault, row, cancellationToken) is { } activity) runs.Add(activity);
            else if (runs.Count == 0) return ([], []);
        return Anomaly.Of(runs[0], runs[1..], rule);
    }

    /// <summary>Null where the certificate, or the one before it, is gone or damaged: such a run says nothing.</summary>
    private async Task<RunActivity?> ActivityAsync(OrgVault vault, SnapshotRow row, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await vault.ReadManifestAsync(row.Id, cancellationToken);
            if (await vault.ReadCertificateAsync(manifest, cancellationToken) is not { } certificate || row.ParentId is not { } parentId) return null;
            // How long the run covers: its parent may have been removed, but its row of the watermark says from when on was read.
            var hours = await snapshots.FindAsync(parentId, cancellationToken) is { } parent ? (row.StartedAt - parent.StartedAt).TotalHours
                : certificate.Objects.Max(o => o.Watermark is { From: { } from } use ? (use.Next - from).TotalHours : 0);
            return new RunActivity(hours, certificate.Objects.Where(o => o.Method != ProofMethod.Carried).ToDictionary(
                o => o.Name, o => new ObjectActivity(o.Deletions, o.Read, o.HeldLive + o.Deletions), StringComparer.Ordinal));
        }
        catch (VaultException e) when (e.Kind == Appliance.Vault.FailureKind.Permanent)
        {
            return null;
        }
    }
}
