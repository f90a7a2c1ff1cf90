using Appliance.Catalog;
using Appliance.Engine.Verification;
using Appliance.Vault;

namespace Appliance.Engine.Diagnosis;

internal static class VaultChecks
{
    /// <summary>The master key opens every vault, and what the sweep found in it.</summary>
    public static async Task<IEnumerable<Finding>> LookAsync(AppliancePlace place, CatalogDiagnosis? catalog, EngineOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        if (catalog is null || catalog.Orgs.IsEmpty) return findings;
        using var master = place.OpenMasterKey();
        foreach (var org in catalog.Orgs)
        {
            try
            {
                findings.AddRange(await LookAsync(place, org, master, options, time, cancellationToken));
            }
            catch (Exception e) when (e is VaultException or IOException)
            {
                findings.Add(Doctor.Unmade("vault", e) with { What = $"{org.Name}: {e.Message}" });
            }
        }
        return findings;
    }

    private static async Task<IEnumerable<Finding>> LookAsync(AppliancePlace place, OrgDiagnosis org, MasterKey master, EngineOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var store = BlobStores.Open(place.StorageRoot, org.VaultName, time);
        if (await store.LengthAsync("vault.json", cancellationToken) is null)
            return org.Snapshots == 0 ? [] :
                [Finding.Error("vault", $"{org.Name}: its vault {org.VaultName} is not in the storage, though the catalog has {org.Snapshots} snapshots of it.", "Mount the right disk, or correct Storage:Root.")];
        await using var vault = await OrgVault.OpenAsync(store, master, time, cancellationToken);
        var sweep = await SweepState.ReadAsync(vault, cancellationToken);
        var damage = (sweep.Current?.Damage ?? []).Concat(sweep.Last?.Damage ?? []).Select(d => d.Name).Distinct(StringComparer.Ordinal).Count();
        var late = sweep.Last?.EndedAt is { } ended && time.GetUtcNow() - ended > TimeSpan.FromDays(2 * options.SweepDays);
        return
        [
            Finding.Well("vault", $"{org.Name}: the master key opens it; {org.Snapshots} snapshots."),
            .. damage > 0 ? [Finding.Error("sweep", $"{org.Name}: {damage} stored files are damaged or missing.", "The org's page names them and what needs them; copy them back from another copy of the vault, or take a full backup.")] : Array.Empty<Finding>(),
            .. late ? [Finding.Warning("sweep", $"{org.Name}: the last whole verification ended {sweep.Last!.EndedAt:yyyy-MM-dd}.", "See whether the server runs at all times; start a verification on the org's page.")] : Array.Empty<Finding>(),
        ];
    }
}
