using System.Text;

namespace Appliance.Vault;

/// <summary>Looks at the rows of one segment: order, counts, the block index and filter, and the files that its records name.</summary>
internal sealed class SegmentContentCheck(Action<ContentReference> onReference)
{
    private byte[] _before = [];
    private int _columns, _isDeleted = -1;

    public long Rows { get; private set; }

    /// <summary>Null when the block is what the index says.</summary>
    public string? Check(ContainerReader container, int number, ReadOnlyMemory<byte> block)
    {
        var entry = container.Index.Blocks[number];
        var rows = block.Span;
        if (number == 0)
        {
            var header = CsvText.RowLength(rows);
            if (header <= 0) return "it has no header line";
            var columns = CsvText.ParseLine(rows[..(header - 1)]);
            if (columns[0] != "Id" || (container.Index.Columns is { } named && !named.SequenceEqual(columns))) return "its header line is not the one of its index";
            (_columns, _isDeleted) = (columns.Count, columns.ToList().IndexOf("IsDeleted"));
            rows = rows[header..];
        }
        var count = 0;
        while (!rows.IsEmpty)
        {
            var length = CsvText.RowLength(rows);
            if (length < 0) return $"block {number}: a row has no end";
            var row = rows[..(length - 1)];
            if (_columns > 0 && CsvText.FieldEnds(row, []) != _columns) return $"block {number}: a row has not as many values as there are columns";
            var id = row.IndexOf((byte)',') is var comma and >= 0 ? row[..comma] : row;
            if (_before.AsSpan().SequenceCompareTo(id) >= 0) return $"block {number}: its rows are not in order of Id";
            if (count == 0 && !id.SequenceEqual(entry.FirstId)) return $"block {number}: its first Id is not the one of its index";
            if (!container.MayHold(number, id)) return $"block {number}: the Id filter denies an Id that it holds";
            if (container.Ids() is { } ids && ids.Find(number, id) == ListedRow.Deleted != (_isDeleted >= 0 && CsvText.Field(row, _isDeleted).SequenceEqual("true"u8)))
                return $"block {number}: the list of Ids tells another state than a row";
            _before = id.ToArray();
            rows = rows[length..];
            count++;
        }
        Rows += count;
        ContentReferences.Scan(block.Span, onReference);
        return count != entry.Rows || !_before.AsSpan().SequenceEqual(entry.LastId) ? $"block {number}: its rows are not those of its index" : null;
    }

    /// <summary>Null when the segment is the one that the manifest names.</summary>
    public static string? Compare(ContainerReader container, SegmentRef named)
    {
        var blocks = container.Index.Blocks;
        var same = container.StoredBytes == named.StoredBytes && blocks.Sum(b => (long)b.Rows) == named.Rows && blocks.Sum(b => (long)b.PlainLength) == named.PlainBytes
            && (container.Tail.Kind == ContainerKind.Records) == (named.Kind == SegmentKind.Records)
            && blocks.Count > 0 && Encoding.UTF8.GetString(blocks[0].FirstId) == named.FirstId && Encoding.UTF8.GetString(blocks[^1].LastId) == named.LastId;
        return same ? null : "it is not the segment that the manifest describes";
    }
}
