using System.Collections.Immutable;
using System.Text;
using Appliance.Vault;
using Microsoft.Extensions.Time.Testing;

namespace Vault.Tests;

/// <summary>A vault with its key and clock, and short ways to write and read it.</summary>
public sealed class TestVault : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 1, 31, 10, 0, 0, TimeSpan.Zero);

    private TestVault(OrgVault vault, MasterKey key, FakeTimeProvider time) => (Vault, Key, Time) = (vault, key, time);

    public OrgVault Vault { get; }

    public MasterKey Key { get; }

    public FakeTimeProvider Time { get; }

    public static KeyFile NewKey()
    {
        var folder = Directory.CreateTempSubdirectory("vault-key-");
        try
        {
            return MasterKey.CreateFile(Path.Combine(folder.FullName, "master.key"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static async Task<TestVault> CreateAsync(IBlobStore store, bool encrypted, MasterKey? key = null)
    {
        var time = new FakeTimeProvider(Start);
        key ??= NewKey();
        var description = new VaultDescription(Guid.CreateVersion7(Start), "00D000000000001EAA", encrypted);
        return new TestVault(await OrgVault.CreateAsync(store, description, key, time, CancellationToken.None), key, time);
    }

    public Guid NewSnapshotId()
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        return Guid.CreateVersion7(Time.GetUtcNow());
    }

    public SnapshotManifest Manifest(Guid id, params (string Object, IEnumerable<SegmentRef> Segments)[] objects) => new()
    {
        SnapshotId = id, VaultId = Vault.VaultId, OrgId = Vault.OrgId, Kind = SnapshotKind.Full,
        StartedAt = Time.GetUtcNow(), CompletedAt = Time.GetUtcNow(),
        Objects = [.. objects.Select(o => new ObjectEntry { Name = o.Object, Label = o.Object, Segments = [.. o.Segments] })],
    };

    public async Task<IReadOnlyList<SegmentRef>> WriteAsync(
        string objectName, Guid snapshotId, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, SegmentKind kind = SegmentKind.Records, int flushBytes = OrgVault.DefaultFlushBytes)
    {
        using var writer = Vault.NewSegments(objectName, snapshotId, kind, columns, flushBytes);
        var segments = ImmutableArray.CreateBuilder<SegmentRef>();
        foreach (var row in rows)
        {
            writer.BeginRow();
            foreach (var value in row) writer.Add(Encoding.UTF8.GetBytes(value));
            writer.EndRow();
            if (writer.ShouldSeal) segments.AddRange(await writer.SealAsync(CancellationToken.None));
        }
        segments.AddRange(await writer.SealAsync(CancellationToken.None));
        return segments.ToImmutable();
    }

    public static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items) list.Add(item);
        return list;
    }

    public static Task<List<VerifyFinding>> VerifyAsync(IBlobStore store, MasterKey? key) => ListAsync(OrgVault.VerifyAsync(store, key, null, CancellationToken.None));

    public async ValueTask DisposeAsync()
    {
        await Vault.DisposeAsync();
        Key.Dispose();
    }
}
