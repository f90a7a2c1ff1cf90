using System.Runtime.CompilerServices;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>
/// A run, a merge of segments, a removal and a change of the key are killed before or after each of their calls to the store, or in the middle of a write; afterwards
/// the old state or the whole new one stands, and the same deed goes through.
/// </summary>
public sealed class CrashTests
{
    private enum Moment { Before, Inside, After }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_run_killed_at_any_call_leaves_the_old_state_or_the_whole_new_one(bool encrypted)
    {
        var start = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(start, encrypted);
        var calls = new KilledStore(start.Copy(), int.MaxValue, Moment.Before);
        await RunAsync(calls, vault);
        Assert.InRange(calls.Calls, 6, 60);

        foreach (var moment in Enum.GetValues<Moment>())
            for (var call = 1; call <= calls.Calls; call++)
            {
                var disk = start.Copy();
                await Assert.ThrowsAsync<KilledException>(() => RunAsync(new KilledStore(disk, call, moment), vault));

                await using var after = await OrgVault.OpenAsync(disk, vault.Key, vault.Time, CancellationToken.None);
                var snapshots = await TestVault.ListAsync(after.ListSnapshotsAsync(CancellationToken.None));
                Assert.InRange(snapshots.Count, 2, 3);
                foreach (var id in snapshots)
                {
                    var reader = after.Open(await after.ReadManifestAsync(id, CancellationToken.None));
                    var accounts = await TestVault.ListAsync(reader.ReadAsync("Account", null, true, CancellationToken.None));
                    Assert.Equal(id == snapshots[0] ? 4 : id == snapshots[1] ? 5 : 6, accounts.Count);
                }
                var checkpoint = await after.GetDocumentAsync("checkpoints/run", CancellationToken.None);
                Assert.True(checkpoint is [.., (byte)'1'] or [.., (byte)'2']);
                Assert.Empty(await TestVault.VerifyAsync(disk, vault.Key));

                await RunAsync(disk, vault);    // the next run is not hindered by what was left
                Assert.Empty(await TestVault.VerifyAsync(disk, vault.Key));
            }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_merge_of_segments_killed_at_any_call_harms_no_snapshot(bool encrypted)
    {
        var start = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(start, encrypted);
        await AtEachCallAsync(start, store => MergeAsync(store, vault), async (disk, done) =>
        {
            Assert.Empty(await TestVault.VerifyAsync(disk, vault.Key));
            await using var after = await OrgVault.OpenAsync(disk, vault.Key, vault.Time, CancellationToken.None);
            var snapshots = await TestVault.ListAsync(after.ListSnapshotsAsync(CancellationToken.None));
            Assert.InRange(snapshots.Count, done ? 3 : 2, 3);
            // The merged snapshot holds what its parent holds, and the parent still does.
            foreach (var id in snapshots.Skip(1))
                Assert.Equal(SmallVault.NewestAccounts, await LiveAccountsAsync(after, id));
        });
    }

    [Fact]
    public async Task A_removal_killed_at_any_call_is_gone_on_with_and_harms_no_snapshot_that_stays()
    {
        var start = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(start, encrypted: true);
        await MergeAsync(start, vault);
        var before = start.Blobs.Count;
        await AtEachCallAsync(start, store => RemoveOldestAsync(store, vault), async (disk, done) =>
        {
            await using var after = await OrgVault.OpenAsync(disk, vault.Key, vault.Time, CancellationToken.None);
            var snapshots = await TestVault.ListAsync(after.ListSnapshotsAsync(CancellationToken.None));
            Assert.InRange(snapshots.Count, 1, done ? 1 : 3);
            Assert.Equal(SmallVault.NewestAccounts, await LiveAccountsAsync(after, snapshots[^1]));
            if (!done) return;
            Assert.Empty(await TestVault.VerifyAsync(disk, vault.Key));
            Assert.Null(await after.FindPruneAsync(CancellationToken.None));
            Assert.InRange(disk.Blobs.Count, 5, before - 1);
        });
    }

    [Fact]
    public async Task A_change_of_the_key_killed_at_any_call_leaves_the_old_key_or_the_new_one()
    {
        var start = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(start, encrypted: true);
        using var next = TestVault.NewKey();
        await AtEachCallAsync(start, store => RotateAsync(store, vault.Key, next), async (disk, done) =>
        {
            var opens = new List<bool>();
            foreach (var key in (MasterKey[])[vault.Key, next])
                try
                {
                    await using (await OrgVault.OpenAsync(disk, key, vault.Time, CancellationToken.None)) opens.Add(true);
                    Assert.Empty(await TestVault.VerifyAsync(disk, key));
                }
                catch (VaultException)
                {
                    opens.Add(false);
                }
            Assert.Single(opens, opened => opened);
            if (done) Assert.True(opens[1]);
        });
    }

    /// <summary>Kills the deed at each of its calls in turn, looks, lets the same deed go through, and looks again.</summary>
    private static async Task AtEachCallAsync(MemoryBlobStore start, Func<IBlobStore, Task> deed, Func<MemoryBlobStore, bool, Task> look)
    {
        var counted = new KilledStore(start.Copy(), int.MaxValue, Moment.Before);
        await deed(counted);
        Assert.InRange(counted.Calls, 2, 300);
        foreach (var moment in Enum.GetValues<Moment>())
            for (var call = 1; call <= counted.Calls; call++)
            {
                var disk = start.Copy();
                await Assert.ThrowsAsync<KilledException>(() => deed(new KilledStore(disk, call, moment)));
                await look(disk, false);
                await deed(disk);
                await look(disk, true);
            }
    }

    private static async Task<string[]> LiveAccountsAsync(OrgVault vault, Guid snapshot)
    {
        var reader = vault.Open(await vault.ReadManifestAsync(snapshot, CancellationToken.None));
        return [.. (await TestVault.ListAsync(reader.ReadAsync("Account", null, false, CancellationToken.None))).Select(r => $"{r.Id} {r["Name"]} {r["Rating__c"]}")];
    }

    /// <summary>A snapshot like the newest whose segments are merged; one that a killed attempt left is enough.</summary>
    internal static async Task MergeAsync(IBlobStore store, TestVault owner)
    {
        await using var vault = await OrgVault.OpenAsync(store, owner.Key, owner.Time, CancellationToken.None);
        var snapshots = await TestVault.ListAsync(vault.ListSnapshotsAsync(CancellationToken.None));
        if (snapshots.Count > 2) return;
        var (parent, id) = (await vault.ReadManifestAsync(snapshots[1], CancellationToken.None), owner.NewSnapshotId());
        var accounts = await vault.CompactAsync(parent.Objects.Single(o => o.Name == "Account"), new CompactionPlan(0), id, CancellationToken.None);
        await vault.WriteManifestAsync(parent with { SnapshotId = id, ParentId = parent.SnapshotId, Objects = [.. parent.Objects.Select(o => o.Name == "Account" ? accounts : o)] }, CancellationToken.None);
    }

    /// <summary>As a job does it: first what a killed removal left, then all but the newest.</summary>
    internal static async Task RemoveOldestAsync(IBlobStore store, TestVault owner)
    {
        await using var vault = await OrgVault.OpenAsync(store, owner.Key, owner.Time, CancellationToken.None);
        if (await vault.FindPruneAsync(CancellationToken.None) is { } left) await vault.PruneAsync(left, _ => { }, CancellationToken.None);
        var going = (await TestVault.ListAsync(vault.ListSnapshotsAsync(CancellationToken.None)))[..^1];
        if (going.Count == 0) return;
        var list = await vault.ListPruneAsync(going, CancellationToken.None);
        await vault.BeginPruneAsync(list, CancellationToken.None);
        await vault.PruneAsync(list, _ => { }, CancellationToken.None);
    }

    /// <summary>As an operator does it: again with the same keys, until the new one opens.</summary>
    internal static async Task RotateAsync(IBlobStore store, MasterKey from, MasterKey to)
    {
        try
        {
            await OrgVault.RekeyAsync(store, from, to, CancellationToken.None);
        }
        catch (VaultException)
        {
            await using (await OrgVault.OpenAsync(store, to, TimeProvider.System, CancellationToken.None)) { }       // it was done already
        }
    }

    internal static async Task RunAsync(IBlobStore store, TestVault owner)
    {
        await using var vault = await OrgVault.OpenAsync(store, owner.Key, owner.Time, CancellationToken.None);
        var parent = (await TestVault.ListAsync(vault.ListSnapshotsAsync(CancellationToken.None)))[1];
        var manifest = await vault.ReadManifestAsync(parent, CancellationToken.None);
        var snapshot = owner.NewSnapshotId();
        var file = await vault.PutFileAsync(new MemoryStream([.. SmallVault.Noise, 1]), CancellationToken.None);
        using var writer = vault.NewSegments("Account", snapshot, SegmentKind.Records, ["Id", "Body"]);
        writer.BeginRow();
        writer.Add("001Z"u8);
        writer.Add(System.Text.Encoding.UTF8.GetBytes(file.ToString()));
        writer.EndRow();
        var segments = await writer.SealAsync(CancellationToken.None);
        await vault.ReplaceDocumentAsync("checkpoints/run", "step 2"u8.ToArray(), CancellationToken.None);
        await vault.WriteManifestAsync(manifest with
        {
            SnapshotId = snapshot, ParentId = parent,
            Objects = [.. manifest.Objects.Select(o => o.Name == "Account" ? o with { Segments = o.Segments.AddRange(segments) } : o)],
        }, CancellationToken.None);
    }

    private sealed class KilledException() : Exception("killed");

    /// <summary>Once killed, no call goes through any more: the process is gone.</summary>
    private sealed class KilledStore(IBlobStore inner, int killedCall, Moment moment) : IBlobStore
    {
        private bool _dead;

        public int Calls { get; private set; }

        public Task<bool> PutIfAbsentAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
            CallAsync(inside => inner.PutIfAbsentAsync(name, async (stream, token) =>
            {
                await write(stream, token);
                inside();
            }, cancellationToken));

        public Task<(string Name, bool Stored)> PutNamedLastAsync(Func<Stream, CancellationToken, Task<string>> writeThenName, CancellationToken cancellationToken) =>
            CallAsync(inside => inner.PutNamedLastAsync(async (stream, token) =>
            {
                var name = await writeThenName(stream, token);
                inside();
                return name;
            }, cancellationToken));

        public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            CallAsync(async inside =>
            {
                inside();
                await inner.ReplaceAsync(name, content, cancellationToken);
                return true;
            });

        public Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken) => CallAsync(_ => inner.OpenReadAsync(name, cancellationToken));

        public Task<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken) => CallAsync(_ => inner.ReadAsync(name, offset, buffer, cancellationToken));

        public Task<long?> LengthAsync(string name, CancellationToken cancellationToken) => CallAsync(_ => inner.LengthAsync(name, cancellationToken));

        public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Die(_dead);
            await foreach (var name in inner.ListAsync(prefix, cancellationToken)) yield return name;
        }

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => CallAsync(async _ =>
        {
            await inner.DeleteAsync(name, cancellationToken);
            return true;
        });

        private async Task<T> CallAsync<T>(Func<Action, Task<T>> call)
        {
            var now = ++Calls == killedCall;
            Die(now && moment == Moment.Before);
            var result = await call(() => Die(now && moment == Moment.Inside));
            Die(now);
            return result;
        }

        private void Die(bool now)
        {
            _dead |= now;
            if (_dead) throw new KilledException();
        }
    }
}
