using System.Text;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>What every store must do; inherited once per store.</summary>
public abstract class BlobStoreContract
{
    protected abstract IBlobStore NewStore();

    [Fact]
    public async Task A_second_put_is_refused_and_the_first_bytes_stay()
    {
        var store = NewStore();
        Assert.True(await PutAsync(store, "a/b/c.x", "first"));
        Assert.False(await PutAsync(store, "a/b/c.x", "second"));
        Assert.Equal("first", await GetAsync(store, "a/b/c.x"));
    }

    [Fact]
    public async Task Of_many_puts_at_once_exactly_one_wins_and_its_bytes_are_whole()
    {
        var store = NewStore();
        for (var round = 0; round < 20; round++)
        {
            var name = $"a/race{round}";
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => PutAsync(store, name, new string((char)('a' + i), 50_000)))));
            Assert.Single(results, stored => stored);
            Assert.Single((await GetAsync(store, name)).Distinct());
        }
    }

    [Fact]
    public async Task A_put_that_fails_on_its_way_leaves_nothing()
    {
        var store = NewStore();
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.PutIfAbsentAsync("a/x", async (stream, token) =>
        {
            await stream.WriteAsync(new byte[200_000], token);
            throw new InvalidOperationException("the source broke");
        }, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.PutNamedLastAsync(async (stream, token) =>
        {
            await stream.WriteAsync(new byte[200_000], token);
            throw new InvalidOperationException("the source broke");
        }, CancellationToken.None));
        Assert.Null(await store.LengthAsync("a/x", CancellationToken.None));
        Assert.Empty(await TestVault.ListAsync(store.ListAsync("", CancellationToken.None)));
    }

    [Fact]
    public async Task A_cancelled_put_leaves_nothing()
    {
        var store = NewStore();
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.PutIfAbsentAsync("a/x", async (stream, _) =>
        {
            await stream.WriteAsync(new byte[10], CancellationToken.None);
            await cancelled.CancelAsync();
        }, cancelled.Token));
        Assert.Null(await store.LengthAsync("a/x", CancellationToken.None));
    }

    [Fact]
    public async Task The_name_may_be_told_last()
    {
        var store = NewStore();
        Assert.Equal(("a/late", true), await store.PutNamedLastAsync(WriteLate, CancellationToken.None));
        Assert.Equal(("a/late", false), await store.PutNamedLastAsync(WriteLate, CancellationToken.None));
        Assert.Equal("late", await GetAsync(store, "a/late"));

        static async Task<string> WriteLate(Stream stream, CancellationToken token)
        {
            await stream.WriteAsync("late"u8.ToArray(), token);
            return "a/late";
        }
    }

    [Fact]
    public async Task Replacing_puts_the_new_bytes_whether_or_not_old_ones_stood()
    {
        var store = NewStore();
        await store.ReplaceAsync("a/r", "one"u8.ToArray(), CancellationToken.None);
        await store.ReplaceAsync("a/r", "three"u8.ToArray(), CancellationToken.None);
        Assert.Equal("three", await GetAsync(store, "a/r"));
    }

    [Fact]
    public async Task Ranges_read_what_is_there_and_no_more()
    {
        var store = NewStore();
        await PutAsync(store, "a/r", "0123456789");
        var buffer = new byte[4];
        Assert.Equal(4, await store.ReadAsync("a/r", 3, buffer, CancellationToken.None));
        Assert.Equal("3456", Encoding.ASCII.GetString(buffer));
        Assert.Equal(2, await store.ReadAsync("a/r", 8, buffer, CancellationToken.None));
        Assert.Equal(0, await store.ReadAsync("a/r", 100, buffer, CancellationToken.None));
        Assert.Equal(10, await store.LengthAsync("a/r", CancellationToken.None));
    }

    [Fact]
    public async Task An_absent_file_is_told_by_its_name_and_deleting_it_is_fine()
    {
        var store = NewStore();
        Assert.Null(await store.LengthAsync("a/none", CancellationToken.None));
        Assert.Equal("a/none", (await Assert.ThrowsAsync<VaultException>(() => store.OpenReadAsync("a/none", CancellationToken.None))).BlobName);
        Assert.Equal("a/none", (await Assert.ThrowsAsync<VaultException>(() => store.ReadAsync("a/none", 0, new byte[1], CancellationToken.None))).BlobName);
        await store.DeleteAsync("a/none", CancellationToken.None);
        await PutAsync(store, "a/some", "x");
        await store.DeleteAsync("a/some", CancellationToken.None);
        Assert.Null(await store.LengthAsync("a/some", CancellationToken.None));
    }

    [Fact]
    public async Task Listing_tells_the_names_under_a_prefix()
    {
        var store = NewStore();
        foreach (var name in (string[])["top", "a/1", "a/2", "a/b/3", "ab/4"]) await PutAsync(store, name, name);
        Assert.Equal(["a/1", "a/2", "a/b/3"], (await TestVault.ListAsync(store.ListAsync("a/", CancellationToken.None))).Order(StringComparer.Ordinal));
        Assert.Equal(["a/1"], await TestVault.ListAsync(store.ListAsync("a/1", CancellationToken.None)));
        Assert.Equal(5, (await TestVault.ListAsync(store.ListAsync("", CancellationToken.None))).Count);
        Assert.Empty(await TestVault.ListAsync(store.ListAsync("none/", CancellationToken.None)));
    }

    [Theory, InlineData(""), InlineData("/a"), InlineData("a/"), InlineData("a//b"), InlineData("../a"), InlineData("a/../b"), InlineData("a/.hidden"), InlineData("a b"), InlineData("a\\b"), InlineData("ä")]
    public async Task A_name_that_could_leave_the_store_is_refused(string name)
    {
        var store = NewStore();
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(store, name, "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ReplaceAsync(name, new byte[1], CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => store.DeleteAsync(name, CancellationToken.None));
    }

    private static Task<bool> PutAsync(IBlobStore store, string name, string text) =>
        store.PutIfAbsentAsync(name, (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), token).AsTask(), CancellationToken.None);

    private static async Task<string> GetAsync(IBlobStore store, string name)
    {
        using var reader = new StreamReader(await store.OpenReadAsync(name, CancellationToken.None));
        return await reader.ReadToEndAsync();
    }
}

public sealed class MemoryBlobStoreTests : BlobStoreContract
{
    protected override IBlobStore NewStore() => new MemoryBlobStore();
}
