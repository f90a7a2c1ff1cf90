using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;

namespace Appliance.Vault;

/// <summary>
/// Reads the org as of one snapshot. Safe for many threads; each enumeration holds at most one decoded block per overlapping segment.
/// </summary>
public sealed class SnapshotReader
{
    private const int LookupBatch = 2000;

    private readonly ContainerStore _containers;
    private readonly Dictionary<string, ObjectEntry> _objects;
    private readonly ConcurrentDictionary<string, SegmentReader> _opened = new();

    internal SnapshotReader(ContainerStore containers, SnapshotManifest manifest)
    {
        _containers = containers;
        _objects = manifest.Objects.ToDictionary(o => o.Name, StringComparer.Ordinal);
    }

    /// <summary>
    /// Newest version of each Id greater than <paramref name="afterId"/>, in order of Id (bytes). An object that the snapshot does not
    /// hold gives none.
    /// </summary>
    public async IAsyncEnumerable<StoredRecord> ReadAsync(
        string objectName, string? afterId, bool includeDeleted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var merge = new SegmentMerge(_containers, objectName, Segments(objectName), afterId);
        await foreach (var batch in merge.ReadAsync(cancellationToken))
            foreach (var record in batch)
                if (includeDeleted || !record.Deleted) yield return record;
    }

    /// <summary>Union of the segments' columns, those of the newest segment first; Id is always the first.</summary>
    public async Task<IReadOnlyList<string>> ColumnsAsync(string objectName, CancellationToken cancellationToken)
    {
        List<string> union = ["Id"];
        HashSet<string> seen = ["Id"];
        foreach (var segment in Segments(objectName).Reverse())
        {
            if (segment.Kind == SegmentKind.Tombstones) continue;
            var columns = await (await OpenAsync(objectName, segment, cancellationToken)).ColumnsAsync(cancellationToken);
            union.AddRange(columns.Names.Where(seen.Add));
        }
        return union;
    }

    /// <summary>Newest version of each of the Ids that is held, deleted ones included and flagged, in order of Id.</summary>
    public async IAsyncEnumerable<StoredRecord> LookupAsync(
        string objectName, IReadOnlyCollection<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in SegmentLookup.Sorted(ids).Chunk(LookupBatch))
        {
            var found = await LookupBatchAsync(objectName, batch, cancellationToken);
            foreach (var id in batch)
                if (found.TryGetValue(id, out var record)) yield return record;
        }
    }

    /// <summary>What is held of each of the Ids that is held at all; of most segments it takes no look at their rows.</summary>
    public async Task<IReadOnlyDictionary<string, HeldState>> StatesAsync(string objectName, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var states = new Dictionary<string, HeldState>(ids.Count, StringComparer.Ordinal);
        var missing = SegmentLookup.Sorted(ids);
        var settled = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        foreach (var segment in Segments(objectName).Reverse())
        {
            if (missing.Count == 0) break;
            if (segment.Within(missing) is not { Count: > 0 } candidates) continue;
            void Settle(byte[] id, bool deleted)
            {
                states[Encoding.UTF8.GetString(id)] = segment.Kind == SegmentKind.Tombstones ? HeldState.Buried : deleted ? HeldState.Deleted : HeldState.Live;
                settled.Add(id);
            }
            var reader = await OpenAsync(objectName, segment, cancellationToken);
            if (!reader.TryList(candidates, Settle))
                await new SegmentLookup(reader, segment.Kind == SegmentKind.Tombstones).FindAsync(candidates, (id, record) => Settle(id, record.Deleted), cancellationToken);
            if (settled.Count == 0) continue;
            missing.RemoveAll(settled.Contains);
            settled.Clear();
        }
        return states;
    }

    /// <summary>
    /// All versions of a record that the snapshot's segments hold, oldest first, each with the run that wrote it; a tombstone is a
    /// version too.
    /// </summary>
    public async IAsyncEnumerable<RecordVersion> HistoryAsync(string objectName, string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = SegmentLookup.Sorted([id]);
        foreach (var segment in Segments(objectName))
        {
            if (!segment.Spans(wanted[0])) continue;
            StoredRecord? version = null;
            await FindAsync(objectName, segment, wanted, (_, record) => version = record, cancellationToken);
            if (version is not null) yield return new RecordVersion(segment.SnapshotId, version);
        }
    }

    private async Task<Dictionary<byte[], StoredRecord>> LookupBatchAsync(string objectName, byte[][] ids, CancellationToken cancellationToken)
    {
        // The arrays of one batch are distinct Ids, so reference equality will do.
        var found = new Dictionary<byte[], StoredRecord>(ReferenceEqualityComparer.Instance);
        var settled = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        var missing = new List<byte[]>(ids);
        foreach (var segment in Segments(objectName).Reverse())
        {
            if (missing.Count == 0) break;
            var candidates = segment.Within(missing);
            if (candidates.Count == 0) continue;
            await FindAsync(objectName, segment, candidates, (id, record) =>
            {
                // A tombstone decides that the record is gone; its values still have to be found in an older segment.
                if (segment.Kind == SegmentKind.Tombstones) found.TryAdd(id, record);
                else if (settled.Add(id)) found[id] = found.ContainsKey(id) ? record.AsTombstone() : record;
            }, cancellationToken);
            missing.RemoveAll(settled.Contains);
        }
        return found;
    }

    private async Task FindAsync(
        string objectName, SegmentRef segment, IReadOnlyList<byte[]> ids, Action<byte[], StoredRecord> found, CancellationToken cancellationToken) =>
        await new SegmentLookup(await OpenAsync(objectName, segment, cancellationToken), segment.Kind == SegmentKind.Tombstones).FindAsync(ids, found, cancellationToken);

    private async Task<SegmentReader> OpenAsync(string objectName, SegmentRef segment, CancellationToken cancellationToken)
    {
        if (_opened.TryGetValue(segment.Id, out var reader)) return reader;
        return _opened.GetOrAdd(segment.Id, await SegmentReader.OpenAsync(_containers, objectName, segment, cancellationToken));
    }

    /// <summary>The segments of an object, oldest first.</summary>
    public ImmutableArray<SegmentRef> SegmentsOf(string objectName) => Segments(objectName);

    private ImmutableArray<SegmentRef> Segments(string objectName) => _objects.TryGetValue(objectName, out var entry) ? entry.Segments : [];
}
