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
}
