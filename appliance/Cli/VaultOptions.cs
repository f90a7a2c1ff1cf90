using System.CommandLine;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>The options that say which vault, and its opening.</summary>
internal static class VaultOptions
{
    public static Option<string> Vault() => new("--vault")
    {
        Description = "One org's vault: the folder that holds vault.json, or s3://bucket/prefix/vault (docs/storage.md).", Required = true,
    };

    public static Option<string?> Key() => new("--key")
    {
        Description = "The master key: a key file, passphrase:FILE, or kms:. Not needed for a plain vault.",
    };

    public static Option<string?> Snapshot(bool required) => new("--snapshot")
    {
        Description = required ? "Id of the snapshot, or 'latest'." : "Id of the snapshot; the latest when not given.", Required = required,
    };

    public static IBlobStore Store(string place, TimeProvider time) => BlobStores.IsS3(place) || Directory.Exists(place)
        ? BlobStores.Open(place, null, time)
        : throw new VaultException(FailureKind.Operator, $"The folder {Path.GetFullPath(place)} does not exist.", "Give the folder of one org's vault.");

    public static MasterKey? ReadKey(string? key) => key is null ? null : MasterKey.Named(key);

    public static async Task<SnapshotManifest> ManifestAsync(OrgVault vault, string? snapshot, CancellationToken cancellationToken)
    {
        if (snapshot is not null and not "latest")
        {
            return Guid.TryParse(snapshot, out var id)
                ? await vault.ReadManifestAsync(id, cancellationToken)
                : throw new VaultException(FailureKind.Operator, $"'{snapshot}' is no snapshot id.", "See `appliance snapshots` for the ids.");
        }
        Guid? latest = null;
        await foreach (var id in vault.ListSnapshotsAsync(cancellationToken)) latest = id;
        return latest is null
            ? throw new VaultException(FailureKind.Operator, "The vault holds no snapshot.", "Wait for the first backup to complete.")
            : await vault.ReadManifestAsync(latest.Value, cancellationToken);
    }
}
