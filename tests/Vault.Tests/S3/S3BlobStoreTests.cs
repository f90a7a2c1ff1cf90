using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>The store's contract, against a real S3 server.</summary>
public sealed class S3BlobStoreTests(CephGateway gateway) : BlobStoreContract, IAsyncLifetime
{
    private S3BlobStore? _store;

    public async ValueTask InitializeAsync() => _store = new S3BlobStore(await gateway.NewPrefixAsync(), gateway.Owner, TimeProvider.System);

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override IBlobStore NewStore() => _store!;
}

/// <summary>What only a store in S3 has to do.</summary>
public sealed class A_vault_in_S3(CephGateway gateway)
{
    [Fact]
    public async Task Reads_as_one_on_a_disk_does()
    {
        using var store = new S3BlobStore(await gateway.NewPrefixAsync(), gateway.Owner, TimeProvider.System);
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true, twoBlocks: true);
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
        var newest = (await TestVault.ListAsync(vault.Vault.ListSnapshotsAsync(CancellationToken.None)))[^1];
        var reader = vault.Vault.Open(await vault.Vault.ReadManifestAsync(newest, CancellationToken.None));
        var accounts = await TestVault.ListAsync(reader.ReadAsync("Account", null, false, CancellationToken.None));
        Assert.Equal(SmallVault.NewestAccounts, accounts.Select(r => $"{r.Id} {r["Name"]} {r["Rating__c"]}"));
    }

    [Fact]
    public async Task Takes_a_large_file_in_parts_and_gives_it_back_byte_for_byte()
    {
        using var store = new S3BlobStore(await gateway.NewPrefixAsync(), gateway.Owner, TimeProvider.System);
        var content = new byte[40 * 1024 * 1024 + 7];
        new Random(1).NextBytes(content);
        Assert.True(await store.PutIfAbsentAsync("files/large", async (stream, token) =>
        {
            for (var at = 0; at < content.Length; at += 70_001) await stream.WriteAsync(content.AsMemory(at, Math.Min(70_001, content.Length - at)), token);
        }, CancellationToken.None));
        Assert.Equal(content.Length, await store.LengthAsync("files/large", CancellationToken.None));
        await using var read = await store.OpenReadAsync("files/large", CancellationToken.None);
        using var back = new MemoryStream();
        await read.CopyToAsync(back, CancellationToken.None);
        Assert.True(content.AsSpan().SequenceEqual(back.GetBuffer().AsSpan(0, (int)back.Length)));
    }

    [Fact]
    public async Task Lists_more_names_than_one_answer_holds()
    {
        using var store = new S3BlobStore(await gateway.NewPrefixAsync(), gateway.Owner, TimeProvider.System);
        await Parallel.ForAsync(0, 1003, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, token) => await store.ReplaceAsync($"a/{i}", new byte[1], token));
        Assert.Equal(1003, (await TestVault.ListAsync(store.ListAsync("a/", CancellationToken.None))).Distinct().Count());
    }

    [Theory]
    [InlineData("nobody", "test", "does not know these credentials")]
    [InlineData("missing", "test", "There is no bucket")]
    [InlineData("guest", "guest", "forbids")]
    public async Task Names_cause_and_remedy_when_S3_refuses(string what, string who, string said)
    {
        var location = await gateway.NewPrefixAsync();
        if (what == "missing") location = location with { Bucket = "no-such-bucket" };
        var credentials = what == "nobody" ? new Amazon.Runtime.BasicAWSCredentials("test", "wrong") : who == "guest" ? gateway.Guest : gateway.Owner;
        using var store = new S3BlobStore(location, credentials, TimeProvider.System);
        var told = await Assert.ThrowsAsync<VaultException>(() => store.PutIfAbsentAsync("a/x", (stream, token) => stream.WriteAsync(new byte[1], token).AsTask(), CancellationToken.None));
        Assert.Contains(said, told.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Operator, told.Kind);
        Assert.NotEmpty(told.Remedy);
    }
}
