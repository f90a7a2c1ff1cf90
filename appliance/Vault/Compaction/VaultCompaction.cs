using System.Collections.Immutable;

namespace Appliance.Vault;

/// <summary>Merges segments of one object into new ones that hold the newest version of each Id. Killed anywhere it leaves segments that nothing names.</summary>
internal sealed class VaultCompaction(ContainerStore containers, string objectName, Guid snapshotId, int flushBytes)
{
    /// <summary>The segments that may stand in a manifest in place of these, oldest first.</summary>
    public async Task<ImmutableArray<SegmentRef>> MergeAsync(ImmutableArray<SegmentRef> segments, CancellationToken cancellationToken)
    {
        var columns = await ColumnsAsync(segments, cancellationToken);
        using var rows = new SegmentWriter(containers, objectName, snapshotId, SegmentKind.Records, columns, flushBytes);
        using var graves = new SegmentWriter(containers, objectName, snapshotId, SegmentKind.Tombstones, ["Id"], flushBytes);
        var merged = ImmutableArray.CreateBuilder<SegmentRef>();
        var buried = ImmutableArray.CreateBuilder<SegmentRef>();
        using var merge = new SegmentMerge(containers, objectName, segments, afterId: null);
        await foreach (var batch in merge.ReadAsync(cancellationToken))
        {
            foreach (var record in batch)
            {
                // What is gone keeps its last values: the row stands in the records, the grave above it.
                if (record.IsTombstone) Bury(graves, record);
                if (record.Columns.Count > 1 || !record.IsTombstone) Copy(rows, record, columns);
            }
            if (rows.ShouldSeal) merged.AddRange(await rows.SealAsync(cancellationToken));
            if (graves.ShouldSeal) buried.AddRange(await graves.SealAsync(cancellationToken));
        }
        merged.AddRange(await rows.SealAsync(cancellationToken));
        buried.AddRange(await graves.SealAsync(cancellationToken));
        merged.AddRange(buried);
        return merged.ToImmutable();
    }

    private static void Bury(SegmentWriter graves, StoredRecord record)
    {
        graves.BeginRow();
        graves.Add(record.Utf8(0));
        graves.EndRow();
    }

    private static void Copy(SegmentWriter rows, StoredRecord record, IReadOnlyList<string> columns)
    {
        rows.BeginRow();
        foreach (var column in columns) rows.Add(record.Utf8(column));
        rows.EndRow();
    }

    // Those of the newest segment first: a column that was dropped keeps its values, at the end.
    private async Task<IReadOnlyList<string>> ColumnsAsync(ImmutableArray<SegmentRef> segments, CancellationToken cancellationToken)
    {
        var union = new List<string> { "Id" };
        var seen = new HashSet<string>(StringComparer.Ordinal) { "Id" };
        foreach (var segment in segments.Reverse().Where(s => s.Kind == SegmentKind.Records))
            union.AddRange((await (await SegmentReader.OpenAsync(containers, objectName, segment, cancellationToken)).ColumnsAsync(cancellationToken)).Names.Where(seen.Add));
        return union;
    }
}
