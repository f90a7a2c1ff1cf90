using Amazon.S3.Model;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>docs/storage.md lists the least a role needs: with exactly these everything works, without any one of them something is refused.</summary>
public sealed class The_least_rights(CephGateway gateway)
{
    public static readonly string[] OnObjects = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"];

    [Fact]
    public async Task Are_enough_for_a_vault()
    {
        var (location, guest) = await GrantAsync(OnObjects);
        using var store = new S3BlobStore(location, guest, TimeProvider.System);
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
        Assert.True(await store.PutIfAbsentAsync("files/large", (stream, token) => stream.WriteAsync(new byte[20_000_000], token).AsTask(), CancellationToken.None));
        await store.DeleteAsync("files/large", CancellationToken.None);
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
    }

    [Fact]
    public async Task Reach_no_further_than_the_prefix()
    {
        var (location, guest) = await GrantAsync(OnObjects);
        using var elsewhere = new S3BlobStore(location with { Prefix = "other" }, guest, TimeProvider.System);
        await Assert.ThrowsAsync<VaultException>(() => elsewhere.ReplaceAsync("a", new byte[1], CancellationToken.None));
        await Assert.ThrowsAsync<VaultException>(() => TestVault.ListAsync(elsewhere.ListAsync("", CancellationToken.None)));
    }

    [Theory, InlineData("s3:GetObject"), InlineData("s3:PutObject"), InlineData("s3:DeleteObject")]
    public async Task Are_each_needed(string without)
    {
        var (location, guest) = await GrantAsync([.. OnObjects.Where(a => a != without)]);
        using var store = new S3BlobStore(location, guest, TimeProvider.System);
        using var owners = new S3BlobStore(location, gateway.Owner, TimeProvider.System);
        await owners.ReplaceAsync("a/theirs", new byte[1], CancellationToken.None);     // whoever wrote an object may read it anyway
        var refused = await Assert.ThrowsAsync<VaultException>(async () =>
        {
            await store.PutIfAbsentAsync("a/x", (stream, token) => stream.WriteAsync(new byte[1], token).AsTask(), CancellationToken.None);
            await store.ReadAsync("a/theirs", 0, new byte[1], CancellationToken.None);
            await store.DeleteAsync("a/x", CancellationToken.None);
        });
        Assert.Contains("docs/storage.md", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Are_listed_on_the_page()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "docs", "storage.md"));
        Assert.All([.. OnObjects, "s3:ListBucket"], action => Assert.Contains($"`{action}`", page, StringComparison.Ordinal));
    }

    private async Task<(S3Address, Amazon.Runtime.AWSCredentials)> GrantAsync(string[] actions)
    {
        var location = await gateway.NewBucketAsync();
        var listed = string.Join(',', actions.Select(a => $"\"{a}\""));
        using var client = gateway.Client();
        await client.PutBucketPolicyAsync(new PutBucketPolicyRequest
        {
            BucketName = location.Bucket,
            Policy = $$"""
                {"Version":"2012-10-17","Statement":[
                 {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/guest"]},"Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::{{location.Bucket}}"],
                  "Condition":{"StringLike":{"s3:prefix":["{{location.Prefix}}/*"] } } },
                 {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/guest"]},"Action":[{{listed}}],"Resource":["arn:aws:s3:::{{location.Bucket}}/{{location.Prefix}}/*"] }] }
                """,
        });
        return (location, gateway.Guest);
    }
}
