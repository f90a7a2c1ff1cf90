using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>Removing snapshots frees what only they held, harms no other snapshot, and goes on after a kill at any moment.</summary>
public sealed class PruningTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task What_only_the_removed_snapshot_held_goes_and_all_else_stays(bool encrypted)
    {
        var store = new MemoryBlobStore();
        await using var vault = await ThreeSnapshotsAsync(store, encrypted);
        var snapshots = await TestVault.ListAsync(vault.Vault.ListSnapshotsAsync(CancellationToken.None));
        var before = await TestVault.ListAsync(store.ListAsync("", CancellationToken.None));
        var third = await ReadAllAsync(vault.Vault, snapshots[2]);

        var list = await vault.Vault.ListPruneAsync([snapshots[0], snapshots[1]], CancellationToken.None);
        Assert.Equal(before.Order(), (await TestVault.ListAsync(store.ListAsync("", CancellationToken.None))).Order());
        await vault.Vault.BeginPruneAsync(list, CancellationToken.None);
        await vault.Vault.PruneAsync(list, _ => { }, CancellationToken.None);

        Assert.Equal([snapshots[2]], await TestVault.ListAsync(vault.Vault.ListSnapshotsAsync(CancellationToken.None)));
        Assert.Equal(third, await ReadAllAsync(vault.Vault, snapshots[2]));
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
        Assert.Null(await vault.Vault.FindPruneAsync(CancellationToken.None));
        var gone = before.Except(await TestVault.ListAsync(store.ListAsync("", CancellationToken.None))).ToList();
        // Two manifests, the middle run's own segment, and the file that only it named: with their sidecars where encrypted.
        Assert.Equal(encrypted ? 6 : 4, gone.Count);
        Assert.Equal(2, list.Containers.Length);
        Assert.True(list.Bytes > 0);
    }

    [Fact]
    public async Task Killed_at_any_call_the_removal_is_gone_on_with_and_nothing_else_is_harmed()
    {
        for (var call = 1; ; call++)
        {
            var store = new MemoryBlobStore();
            await using var vault = await ThreeSnapshotsAsync(store, encrypted: true);
            var snapshots = await TestVault.ListAsync(vault.Vault.ListSnapshotsAsync(CancellationToken.None));
            var kept = await ReadAllAsync(vault.Vault, snapshots[2]);
            var killed = new DeleteStops(store, call);
            var whole = await TryAsync(killed, vault, snapshots);
            Assert.Equal(kept, await ReadAllAsync(vault.Vault, snapshots[2]));

            if (await vault.Vault.FindPruneAsync(CancellationToken.None) is { } rest) await vault.Vault.PruneAsync(rest, _ => { }, CancellationToken.None);
            Assert.Equal([snapshots[2]], await TestVault.ListAsync(vault.Vault.ListSnapshotsAsync(CancellationToken.None)));
            Assert.Equal(kept, await ReadAllAsync(vault.Vault, snapshots[2]));
            Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
            if (whole)
            {
                Assert.InRange(call, 6, 20);
                return;
            }
        }
    }

    [Fact]
    public async Task A_file_that_came_into_use_again_before_the_removal_was_gone_on_with_stays()
    {
        var store = new MemoryBlobStore();
        await using var vault = await ThreeSnapshotsAsync(store, encrypted: true);
        var snapshots = await TestVault.ListAsync(vault.Vault.ListSnapshotsAsync(CancellationToken.None));
        await vault.Vault.BeginPruneAsync(await vault.Vault.ListPruneAsync([snapshots[1]], CancellationToken.None), CancellationToken.None);

        var (id, file) = (vault.NewSnapshotId(), await vault.Vault.PutFileAsync(new MemoryStream("only in the middle"u8.ToArray()), CancellationToken.None));
        var rows = await vault.WriteAsync("Account", id, SmallVault.Columns, [["001X", "Again", "false", file.ToString()]]);
        await vault.Vault.WriteManifestAsync(vault.Manifest(id, ("Account", rows)), CancellationToken.None);

        var rest = await vault.Vault.FindPruneAsync(CancellationToken.None);
        await vault.Vault.PruneAsync(rest!, _ => { }, CancellationToken.None);
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
        await using var content = await vault.Vault.OpenFileAsync(file, CancellationToken.None);
        Assert.Equal(file.Length, content.Length);
    }

    [Theory, InlineData("objects/Account"), InlineData("unchanged/Lead"), InlineData("metadata/done")]
    public async Task A_file_that_an_unfinished_run_names_stays(string checkpointed)
    {
        await using var vault = await ThreeSnapshotsAsync(new MemoryBlobStore(), encrypted: true);
        var snapshots = await TestVault.ListAsync(vault.Vault.ListSnapshotsAsync(CancellationToken.None));
        Assert.Equal(2, (await vault.Vault.ListPruneAsync([snapshots[1]], CancellationToken.None)).Containers.Length);

        var (run, file) = (vault.NewSnapshotId(), await vault.Vault.PutFileAsync(new MemoryStream("only in the middle"u8.ToArray()), CancellationToken.None));
        var ofAccount = new { NextLocator = "x", Segments = await vault.WriteAsync("Account", run, SmallVault.Columns, [["001X", "Again", "false", checkpointed is "metadata/done" ? "" : file.ToString()]]) };
        object checkpoint = checkpointed switch
        {
            "objects/Account" => ofAccount,
            "unchanged/Lead" => new { Lead = new { Segments = Array.Empty<SegmentRef>() }, Account = ofAccount },
            _ => new { Files = new[] { new { Path = "classes/A.cls", Content = file.ToString() } } },
        };
        await vault.Vault.ReplaceDocumentAsync($"runs/{run:N}/{checkpointed}.json", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(checkpoint), CancellationToken.None);
        Assert.Single((await vault.Vault.ListPruneAsync([snapshots[1]], CancellationToken.None)).Containers);     // the run's own segment of the middle snapshot, no file
    }

    // Two snapshots of SmallVault, of which the middle one gets a file that the third no longer names.
    private static async Task<TestVault> ThreeSnapshotsAsync(IBlobStore store, bool encrypted)
    {
        var vault = await SmallVault.WriteAsync(store, encrypted);
        var second = (await TestVault.ListAsync(vault.Vault.ListSnapshotsAsync(CancellationToken.None)))[1];
        var manifest = await vault.Vault.ReadManifestAsync(second, CancellationToken.None);
        var (middle, last) = (vault.NewSnapshotId(), Guid.Empty);
        var file = await vault.Vault.PutFileAsync(new MemoryStream("only in the middle"u8.ToArray()), CancellationToken.None);
        var own = await vault.WriteAsync("Account", middle, SmallVault.Columns, [["001A", "Middle", "false", file.ToString()]]);
        await vault.Vault.WriteManifestAsync(manifest with
        {
            SnapshotId = middle, ParentId = second,
            Objects = [.. manifest.Objects.Select(o => o.Name == "Account" ? o with { Segments = o.Segments.AddRange(own) } : o)],
        }, CancellationToken.None);
        last = vault.NewSnapshotId();
        await vault.Vault.WriteManifestAsync(manifest with { SnapshotId = last, ParentId = middle }, CancellationToken.None);
        await store.DeleteAsync(ManifestName(store, (await TestVault.ListAsync(vault.Vault.ListSnapshotsAsync(CancellationToken.None)))[0]), CancellationToken.None);
        return vault;
    }

    private static string ManifestName(IBlobStore store, Guid id) =>
        store.ListAsync($"manifests/{id:D}", CancellationToken.None).ToBlockingEnumerable().Single();

    private static async Task<bool> TryAsync(IBlobStore store, TestVault owner, List<Guid> snapshots)
    {
        try
        {
            await using var vault = await OrgVault.OpenAsync(store, owner.Key, owner.Time, CancellationToken.None);
            var list = await vault.ListPruneAsync([snapshots[0], snapshots[1]], CancellationToken.None);
            await owner.Vault.BeginPruneAsync(list, CancellationToken.None);
            await vault.PruneAsync(list, _ => { }, CancellationToken.None);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<List<string>> ReadAllAsync(OrgVault vault, Guid snapshot)
    {
        var manifest = await vault.ReadManifestAsync(snapshot, CancellationToken.None);
        var (reader, rows) = (vault.Open(manifest), new List<string>());
        foreach (var entry in manifest.Objects)
            foreach (var record in await TestVault.ListAsync(reader.ReadAsync(entry.Name, null, true, CancellationToken.None)))
            {
                var cells = Enumerable.Range(0, record.Columns.Count).Select(i => System.Text.Encoding.UTF8.GetString(record.Utf8(i))).ToList();
                foreach (var cell in cells)
                    if (ContentReference.TryParse(System.Text.Encoding.UTF8.GetBytes(cell), out var file)) await using (await vault.OpenFileAsync(file, CancellationToken.None)) { }
                rows.Add($"{entry.Name} {string.Join('|', cells)}");
            }
        return rows;
    }

    /// <summary>The process dies at its n-th delete, every second time after the deed.</summary>
    private sealed class DeleteStops(MemoryBlobStore inner, int stopAt) : IBlobStore
    {
        private int _calls;

        public async Task DeleteAsync(string name, CancellationToken cancellationToken)
        {
            var now = ++_calls >= stopAt;
            if (now && stopAt % 2 == 0) await inner.DeleteAsync(name, cancellationToken);
            if (now) throw new OperationCanceledException("killed");
            await inner.DeleteAsync(name, cancellationToken);
        }

        public Task<bool> PutIfAbsentAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) => inner.PutIfAbsentAsync(name, write, cancellationToken);

        public Task<(string Name, bool Stored)> PutNamedLastAsync(Func<Stream, CancellationToken, Task<string>> writeThenName, CancellationToken cancellationToken) =>
            inner.PutNamedLastAsync(writeThenName, cancellationToken);

        public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => inner.ReplaceAsync(name, content, cancellationToken);

        public Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken) => inner.OpenReadAsync(name, cancellationToken);

        public Task<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken) => inner.ReadAsync(name, offset, buffer, cancellationToken);

        public Task<long?> LengthAsync(string name, CancellationToken cancellationToken) => inner.LengthAsync(name, cancellationToken);

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);
    }
}
