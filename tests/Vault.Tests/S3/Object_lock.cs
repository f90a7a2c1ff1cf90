using Amazon.S3;
using Amazon.S3.Model;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>In a bucket with object lock, what is written once cannot be destroyed before its day, by nobody; keys still can.</summary>
public sealed class Object_lock(CephGateway gateway)
{
    [Fact]
    public async Task Holds_containers_and_leaves_sidecars_and_documents_free()
    {
        var location = await gateway.NewBucketAsync(locks: true) with { LockDays = 30 };
        using var store = new S3BlobStore(location, gateway.Owner, TimeProvider.System);
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
        using var client = gateway.Client();
        var held = new Dictionary<bool, List<string>> { [true] = [], [false] = [] };
        foreach (var version in (await client.ListVersionsAsync(new ListVersionsRequest { BucketName = location.Bucket })).Versions)
        {
            try
            {
                await client.DeleteObjectAsync(location.Bucket, version.Key, version.VersionId);
                held[false].Add(version.Key);
            }
            catch (AmazonS3Exception refused) when (refused.StatusCode == System.Net.HttpStatusCode.Forbidden)
            {
                held[true].Add(version.Key);
            }
        }
        Assert.All(held[true], name => Assert.Matches(@"/(segments|files|manifests)/.*\.zst\.enc$", name));
        Assert.All(held[false], name => Assert.Matches(@"\.keys$|/documents/|/vault\.json$", name));
        Assert.Contains(held[true], name => name.Contains("/manifests/", StringComparison.Ordinal));
        Assert.Contains(held[false], name => name.EndsWith(".keys", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Survives_a_careless_delete_because_the_version_below_stays()
    {
        var location = await gateway.NewBucketAsync(locks: true) with { LockDays = 30 };
        using var store = new S3BlobStore(location, gateway.Owner, TimeProvider.System);
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
        var names = await TestVault.ListAsync(store.ListAsync("segments/", CancellationToken.None));
        var segment = names.First(n => n.EndsWith(".enc", StringComparison.Ordinal));
        var length = await store.LengthAsync(segment, CancellationToken.None);
        await store.DeleteAsync(segment, CancellationToken.None);
        Assert.Null(await store.LengthAsync(segment, CancellationToken.None));
        using var client = gateway.Client();
        var key = $"{location.Prefix}/{segment}";
        var versions = (await client.ListVersionsAsync(new ListVersionsRequest { BucketName = location.Bucket, Prefix = key })).Versions;
        await client.DeleteObjectAsync(location.Bucket, key, versions.Single(v => v.IsDeleteMarker == true).VersionId);
        Assert.Equal(length, await store.LengthAsync(segment, CancellationToken.None));
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
    }
}
