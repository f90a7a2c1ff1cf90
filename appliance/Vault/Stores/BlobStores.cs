namespace Appliance.Vault;

/// <summary>A place as people write it, a folder or <c>s3://bucket/prefix?…</c> (docs/storage.md), and the store that works on it.</summary>
public static class BlobStores
{
    public static bool IsS3(string place) => place.StartsWith("s3://", StringComparison.Ordinal);

    /// <param name="below">A folder below the place, such as one org's vault below the root of all.</param>
    /// <exception cref="VaultException">Operator: the address cannot be used.</exception>
    public static IBlobStore Open(string place, string? below, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(place);
        if (!IsS3(place)) return new SsdBlobStore(below is null ? place : Path.Combine(place, below));
        var address = S3Address.Parse(place);
        return new S3BlobStore(below is null ? address : address.Below(below), credentials: null, time);
    }

    /// <summary>Names of the folders below a place that hold a vault, in order.</summary>
    public static async Task<IReadOnlyList<string>> ListVaultsAsync(string place, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        var folders = new List<string>();
        if (IsS3(place))
        {
            using var store = new S3BlobStore(S3Address.Parse(place), credentials: null, time);
            await foreach (var folder in store.ListFoldersAsync(cancellationToken)) folders.Add(folder);
        }
        else if (Directory.Exists(place))
        {
            folders.AddRange(Directory.EnumerateDirectories(place).Select(Path.GetFileName).OfType<string>());
        }
        var vaults = new List<string>();
        foreach (var folder in folders.Where(f => BlobNames.IsWellFormed(f) && !f.Contains('/', StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            if (await HoldsVaultAsync(place, folder, time, cancellationToken)) vaults.Add(folder);
        return vaults;
    }

    private static async Task<bool> HoldsVaultAsync(string place, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var store = Open(place, folder, time);
        using var client = store as IDisposable;
        return await store.LengthAsync(VaultNames.VaultFile, cancellationToken) is not null;
    }
}
