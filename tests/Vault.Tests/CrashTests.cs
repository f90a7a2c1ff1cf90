using System.Runtime.CompilerServices;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>
/// A run is killed before or after each of its calls to the store, or in the middle of a write; afterwards the old state or the whole
/// new one stands.
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
