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
