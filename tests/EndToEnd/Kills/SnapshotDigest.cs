using System.Security.Cryptography;
using System.Text;
using Appliance.Vault;

namespace EndToEnd.Kills;

/// <summary>What a snapshot holds, a digest an object, read with the master key from the vault and not through the server.</summary>
internal static class SnapshotDigest
{
    public static async Task<SortedDictionary<string, string>> OfAsync(ApplianceUnderTest appliance, string snapshotId)
    {
        await using var vault = await appliance.OpenVaultAsync();
        return await OfAsync(vault, snapshotId);
    }

    public static async Task<SortedDictionary<string, string>> OfAsync(OrgVault vault, string snapshotId)
    {
        var manifest = await vault.ReadManifestAsync(Guid.Parse(snapshotId), CancellationToken.None);
        var reader = vault.Open(manifest);
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in manifest.Objects)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await foreach (var record in reader.ReadAsync(entry.Name, null, includeDeleted: true, CancellationToken.None))
                hash.AppendData(Encoding.UTF8.GetBytes(
                    $"{record.Deleted} {string.Join('\u001f', record.Columns.Select(c => $"{c}={record[c]}").Order(StringComparer.Ordinal))}\n"));
            digests[entry.Name] = $"{entry.LiveRecords} live, {entry.DeletedRecords} deleted, {entry.Files} files, {Convert.ToHexStringLower(hash.GetHashAndReset())[..16]} {entry.Explanation}";
        }
        return digests;
    }

    /// <summary>Everything damaged or missing in the vault; empty is as it should be.</summary>
    public static async Task<List<string>> DamageAsync(ApplianceUnderTest appliance)
    {
        await using var vault = await appliance.OpenVaultAsync();
        return await DamageAsync(vault);
    }

    public static async Task<List<string>> DamageAsync(OrgVault vault)
    {
        var damage = new List<string>();
        await foreach (var finding in vault.VerifyAsync(null, CancellationToken.None))
            if (finding.IsDamage) damage.Add($"{finding.BlobName}: {finding.What}");
        return damage;
    }
}
