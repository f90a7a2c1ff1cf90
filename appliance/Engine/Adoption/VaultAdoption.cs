using System.Collections.Immutable;
using Appliance.Catalog;
using Appliance.Engine.Jobs;
using Appliance.Vault;

namespace Appliance.Engine.Adoption;

/// <summary>What became of one vault that was found.</summary>
/// <param name="Vault">Its name below the storage root.</param>
/// <param name="Found">Snapshots in it.</param>
/// <param name="Added">Snapshots that the catalog did not know.</param>
/// <param name="Problems">What could not be taken over, and what to do about it.</param>
public sealed record AdoptedVault(
    string Vault, Guid? OrgId, string? SalesforceOrgId, string? Name, int Found, int Added, DateTimeOffset? RestorableTo, ImmutableArray<string> Problems);

/// <summary>
/// Lets a catalog that is empty, or behind, take over the vaults that lie in the storage: orgs and snapshots. Reads manifests and certificates,
/// writes nothing into a vault. May be run again: what is known already stays as it is.
/// </summary>
public sealed class VaultAdoption(Vaults vaults, Orgs orgs, Snapshots snapshots)
{
    public async Task<IReadOnlyList<AdoptedVault>> RunAsync(CancellationToken cancellationToken)
    {
        var adopted = new List<AdoptedVault>();
        foreach (var name in await vaults.ListAsync(cancellationToken)) adopted.Add(await AdoptAsync(name, cancellationToken));
        return adopted;
    }

    private async Task<AdoptedVault> AdoptAsync(string name, CancellationToken cancellationToken)
    {
        var report = new AdoptedVault(name, null, null, null, 0, 0, null, []);
        try
        {
            await using var vault = await vaults.OpenAsync(name, cancellationToken);
            report = report with { SalesforceOrgId = vault.OrgId };
            var card = await OrgCard.ReadAsync(vault, cancellationToken) ?? Unknown(vault.OrgId);
            if (await orgs.AdoptAsync(new OrgConnection(card.Name, vault.OrgId, card.LoginUrl, card.ClientId, null, card.InstanceUrl, "", null), name, cancellationToken) is not { } org)
                return report with { Name = card.Name, Problems = ["The catalog has this org with snapshots of another vault, or with jobs that have not ended. Let its jobs end; of two vaults of one org the catalog takes one."] };
            return await SnapshotsAsync(vault, org, report with { OrgId = org.Id, Name = org.Name }, cancellationToken);
        }
        catch (VaultException e)
        {
            return report with { Problems = [.. report.Problems, $"{e.Message} {e.Remedy}"] };
        }
    }

    private async Task<AdoptedVault> SnapshotsAsync(OrgVault vault, OrgRow org, AdoptedVault report, CancellationToken cancellationToken)
    {
        // A removal that was killed has taken these from the catalog already; it goes on with the next one.
        var going = await vault.ListGoingAsync(cancellationToken);
        var problems = ImmutableArray.CreateBuilder<string>();
        await foreach (var id in vault.ListSnapshotsAsync(cancellationToken))
        {
            if (going.Contains(id)) continue;
            try
            {
                var row = await RowAsync(vault, org, id, cancellationToken);
                report = report with
                {
                    Found = report.Found + 1,
                    Added = report.Added + (await snapshots.AdoptAsync(row, cancellationToken) ? 1 : 0),
                    RestorableTo = row.Kind is SnapshotRowKind.Templated || report.RestorableTo > row.StartedAt ? report.RestorableTo : row.StartedAt,
                };
            }
            catch (VaultException e) when (e.Kind == Appliance.Vault.FailureKind.Permanent)
            {
                problems.Add($"Snapshot {id} was left out: {e.Message} {e.Remedy}");
            }
        }
        return report with { Problems = problems.ToImmutable() };
    }

    private static async Task<SnapshotRow> RowAsync(OrgVault vault, OrgRow org, Guid id, CancellationToken cancellationToken)
    {
        var manifest = await vault.ReadManifestAsync(id, cancellationToken);
        var certificate = await vault.ReadCertificateAsync(manifest, cancellationToken);
        return new SnapshotRow
        {
            Id = id, OrgId = org.Id, JobId = id,                                     // one job, one snapshot
            Kind = SnapshotRows.KindOf(manifest.Kind),
            ParentId = manifest.ParentId, StartedAt = manifest.StartedAt, CompletedAt = manifest.CompletedAt, Objects = manifest.Objects.Length,
            Records = manifest.Objects.Sum(o => o.LiveRecords), Files = manifest.Objects.Sum(o => o.Files),
            // What the run's files took only its job's result told.
            BytesStored = manifest.NewSegments.Sum(s => s.StoredBytes),
            Complete = certificate?.Complete ?? manifest.Objects.All(JobRunner.IsComplete),
            ManifestSha256 = await vault.ManifestSha256Async(id, cancellationToken),
        };
    }

    private static OrgCard Unknown(string salesforceOrgId) =>
        new($"Org {salesforceOrgId}", new Uri("https://login.salesforce.com"), new Uri("https://login.salesforce.com"), "");
}
