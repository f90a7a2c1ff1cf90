using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>The connection is cut at each single message between vault and S3: the run still ends as if nothing had happened.</summary>
public sealed class Lost_answers_of_S3(CephGateway gateway)
{
    [Fact]
    public async Task Neither_lose_nor_double_anything()
    {
        var location = await gateway.NewPrefixAsync();
        await using var proxy = new LossyProxy(gateway.Endpoint);
        var messages = 0;
        var step = Environment.GetEnvironmentVariable("NIGHTLY") is null ? 5 : 1;   // each cut takes a vault of its own: half a minute in all
        for (var cut = 0; cut <= messages; cut += step)
        {
            var place = location with { Prefix = $"{location.Prefix}/run{cut}", Endpoint = proxy.Address };
            proxy.CutAt(0);
            using var store = new S3BlobStore(place, gateway.Owner, TimeProvider.System);
            await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
            proxy.CutAt(cut);
            await CrashTests.RunAsync(store, vault);
            if (cut == 0) messages = proxy.Messages;
            proxy.CutAt(0);

            Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
            await using var after = await OrgVault.OpenAsync(store, vault.Key, vault.Time, CancellationToken.None);
            var snapshots = await TestVault.ListAsync(after.ListSnapshotsAsync(CancellationToken.None));
            Assert.Equal(3, snapshots.Count);
            var reader = after.Open(await after.ReadManifestAsync(snapshots[2], CancellationToken.None));
            Assert.Equal(6, (await TestVault.ListAsync(reader.ReadAsync("Account", null, true, CancellationToken.None))).Count);
        }
        Assert.InRange(messages, 20, 200);
    }

    /// <summary>The same of what comes later in a vault's life: merged segments, a removal, another master key.</summary>
    [Fact]
    public async Task Nor_do_they_spoil_a_merge_a_removal_or_a_change_of_the_key()
    {
        var location = await gateway.NewPrefixAsync();
        await using var proxy = new LossyProxy(gateway.Endpoint);
        using var next = TestVault.NewKey();
        var messages = 0;
        var step = Environment.GetEnvironmentVariable("NIGHTLY") is null ? 11 : 1;
        for (var cut = 0; cut <= messages; cut += step)
        {
            proxy.CutAt(0);
            using var store = new S3BlobStore(location with { Prefix = $"{location.Prefix}/later{cut}", Endpoint = proxy.Address }, gateway.Owner, TimeProvider.System);
            await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
            proxy.CutAt(cut);
            await CrashTests.MergeAsync(store, vault);
            await CrashTests.RemoveOldestAsync(store, vault);
            await CrashTests.RotateAsync(store, vault.Key, next);
            if (cut == 0) messages = proxy.Messages;
            proxy.CutAt(0);

            Assert.Empty(await TestVault.VerifyAsync(store, next));
            await using var after = await OrgVault.OpenAsync(store, next, vault.Time, CancellationToken.None);
            var reader = after.Open(await after.ReadManifestAsync(await after.ListSnapshotsAsync(CancellationToken.None).SingleAsync(), CancellationToken.None));
            Assert.Equal(SmallVault.NewestAccounts, (await TestVault.ListAsync(reader.ReadAsync("Account", null, false, CancellationToken.None))).Select(r => $"{r.Id} {r["Name"]} {r["Rating__c"]}"));
        }
        Assert.InRange(messages, 40, 400);
    }

    [Fact]
    public async Task Nor_does_an_empty_refusal_of_a_gateway_under_load()
    {
        var location = await gateway.NewPrefixAsync();
        await using var proxy = new LossyProxy(gateway.Endpoint);
        using var store = new S3BlobStore(location with { Endpoint = proxy.Address }, gateway.Owner, TimeProvider.System);
        proxy.CutAt(0);
        await DeedsAsync("counted");
        var messages = proxy.Messages;
        Assert.InRange(messages, 16, 60);
        for (var cut = 1; cut < messages; cut += 2)
        {
            proxy.RefuseAt(cut);
            await DeedsAsync($"refused{cut}");
        }

        async Task DeedsAsync(string name)
        {
            Assert.True(await store.PutIfAbsentAsync($"{name}/small", (stream, token) => stream.WriteAsync(new byte[1_000], token).AsTask(), CancellationToken.None));
            Assert.True(await store.PutIfAbsentAsync($"{name}/large", (stream, token) => stream.WriteAsync(new byte[17_000_000], token).AsTask(), CancellationToken.None));
            await store.ReplaceAsync($"{name}/replaced", new byte[10], CancellationToken.None);
            Assert.Equal(17_000_000, await store.LengthAsync($"{name}/large", CancellationToken.None));
            Assert.Equal(10, await store.ReadAsync($"{name}/replaced", 0, new byte[20], CancellationToken.None));
            await store.DeleteAsync($"{name}/replaced", CancellationToken.None);
            Assert.Equal([$"{name}/large", $"{name}/small"], (await TestVault.ListAsync(store.ListAsync($"{name}/", CancellationToken.None))).Order(StringComparer.Ordinal));
        }
    }

    [Theory, InlineData(1_000), InlineData(20_000_000)]
    public async Task Are_settled_by_the_mark_of_the_upload(int bytes)
    {
        var location = await gateway.NewPrefixAsync();
        await using var proxy = new LossyProxy(gateway.Endpoint);
        using var store = new S3BlobStore(location with { Endpoint = proxy.Address }, gateway.Owner, TimeProvider.System);
        proxy.CutAt(0);
        Assert.True(await PutAsync("files/count"));
        var messages = proxy.Messages;
        for (var cut = 1; cut <= messages; cut++)
        {
            proxy.CutAt(cut);
            Assert.True(await PutAsync($"files/{cut}"), $"cut at message {cut} of {messages}");
            proxy.CutAt(0);
            Assert.Equal(bytes, await store.LengthAsync($"files/{cut}", CancellationToken.None));
        }

        Task<bool> PutAsync(string name) => store.PutIfAbsentAsync(name, async (stream, token) => await stream.WriteAsync(new byte[bytes], token), CancellationToken.None);
    }
}
