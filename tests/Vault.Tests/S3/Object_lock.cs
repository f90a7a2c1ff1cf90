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

    /// <summary>Not the appliance sets it but whoever keeps the bucket, for a court: it holds without a day.</summary>
    [Fact]
    public async Task A_legal_hold_on_the_bucket_keeps_a_file_until_it_is_lifted()
    {
        var location = await gateway.NewBucketAsync(locks: true);
        using var store = new S3BlobStore(location, gateway.Owner, TimeProvider.System);
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
        using var client = gateway.Client();
        var segment = (await TestVault.ListAsync(store.ListAsync("segments/", CancellationToken.None))).First(n => n.EndsWith(".enc", StringComparison.Ordinal));
        var key = $"{location.Prefix}/{segment}";
        var version = Assert.Single((await client.ListVersionsAsync(new ListVersionsRequest { BucketName = location.Bucket, Prefix = key })).Versions).VersionId;
        await HoldAsync(ObjectLockLegalHoldStatus.On);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<AmazonS3Exception>(() => client.DeleteObjectAsync(location.Bucket, key, version))).StatusCode);

        await store.DeleteAsync(segment, CancellationToken.None);           // what a removal of snapshots does: it hides the file
        Assert.Null(await store.LengthAsync(segment, CancellationToken.None));
        var marker = (await client.ListVersionsAsync(new ListVersionsRequest { BucketName = location.Bucket, Prefix = key })).Versions.Single(v => v.IsDeleteMarker == true);
        await client.DeleteObjectAsync(location.Bucket, key, marker.VersionId);
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));

        await HoldAsync(ObjectLockLegalHoldStatus.Off);
        await client.DeleteObjectAsync(location.Bucket, key, version);
        Assert.Contains(await TestVault.VerifyAsync(store, vault.Key), f => f.IsDamage && f.BlobName == segment);

        Task HoldAsync(ObjectLockLegalHoldStatus status) => client.PutObjectLegalHoldAsync(new PutObjectLegalHoldRequest
        {
            BucketName = location.Bucket, Key = key, VersionId = version, LegalHold = new ObjectLockLegalHold { Status = status },
        });
    }

    [Fact]
    public async Task In_compliance_mode_is_shortened_by_nobody()
    {
        var location = await gateway.NewBucketAsync(locks: true) with { LockDays = 30 };
        using var store = new S3BlobStore(location, gateway.Owner, TimeProvider.System);
        await using var vault = await SmallVault.WriteAsync(store, encrypted: false);
        using var client = gateway.Client();
        var key = $"{location.Prefix}/{(await TestVault.ListAsync(store.ListAsync("manifests/", CancellationToken.None)))[0]}";
        var held = (await client.GetObjectRetentionAsync(new GetObjectRetentionRequest { BucketName = location.Bucket, Key = key })).Retention;
        Assert.Equal(ObjectLockRetentionMode.Compliance, held.Mode);
        Assert.InRange(held.RetainUntilDate!.Value.ToUniversalTime(), TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(29), TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(31));
        foreach (var mode in (ObjectLockRetentionMode[])[ObjectLockRetentionMode.Compliance, ObjectLockRetentionMode.Governance])
            await Assert.ThrowsAsync<AmazonS3Exception>(() => client.PutObjectRetentionAsync(new PutObjectRetentionRequest
            {
                BucketName = location.Bucket, Key = key, BypassGovernanceRetention = true,
                Retention = new ObjectLockRetention { Mode = mode, RetainUntilDate = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(1) },
            }));
    }

    [Fact]
    public async Task Comes_with_versions_of_which_the_newest_counts()
    {
        var location = await gateway.NewBucketAsync(locks: true);
        using var store = new S3BlobStore(location, gateway.Owner, TimeProvider.System);
        for (byte i = 1; i <= 3; i++) await store.ReplaceAsync("documents/state", new byte[] { i }, CancellationToken.None);
        var read = new byte[2];
        Assert.Equal((1, 3), (await store.ReadAsync("documents/state", 0, read, CancellationToken.None), read[0]));
        Assert.Equal(["documents/state"], await TestVault.ListAsync(store.ListAsync("", CancellationToken.None)));
        await store.DeleteAsync("documents/state", CancellationToken.None);
        Assert.Empty(await TestVault.ListAsync(store.ListAsync("", CancellationToken.None)));
        Assert.True(await store.PutIfAbsentAsync("documents/state", (stream, token) => stream.WriteAsync(new byte[] { 4 }, token).AsTask(), CancellationToken.None));
        using var client = gateway.Client();
        Assert.Equal(5, (await client.ListVersionsAsync(new ListVersionsRequest { BucketName = location.Bucket })).Versions.Count);       // four contents and the marker of the deletion
    }
}
