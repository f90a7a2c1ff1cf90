using System.Text;

namespace Appliance.Vault;

/// <summary>Finds single records: only blocks that the index and the Id filter cannot rule out are read, each once.</summary>
internal sealed class SegmentLookup(SegmentReader segment, bool tombstones)
{
    /// <summary>Tells every wanted Id that the segment holds to <paramref name="found"/>. Ids must be sorted.</summary>
    public async Task FindAsync(IReadOnlyList<byte[]> sortedIds, Action<byte[], StoredRecord> found, CancellationToken cancellationToken)
    {
        var i = 0;
        while (i < sortedIds.Count)
        {
            var block = segment.BlockThatMayHold(sortedIds[i]);
            var wanted = new List<byte[]>();
            if (block >= 0) wanted.Add(sortedIds[i]);
            for (i++; i < sortedIds.Count && block >= 0; i++)
            {
                if (segment.FindBlock(sortedIds[i]) != block) break;
                if (segment.BlockThatMayHold(sortedIds[i]) == block) wanted.Add(sortedIds[i]);
            }
            if (block >= 0) await FindInBlockAsync(block, wanted, found, cancellationToken);
        }
    }

    private async Task FindInBlockAsync(int number, List<byte[]> wanted, Action<byte[], StoredRecord> found, CancellationToken cancellationToken)
    {
        var (block, at) = await segment.ReadRowsAsync(number, cancellationToken);
        using (block)
        {
            var columns = await segment.ColumnsAsync(cancellationToken);
            foreach (var id in wanted) at = FindRow(block.Memory.Span, at, id, columns, found);
        }
    }

    // Returns where the search for the next, greater Id goes on.
    private int FindRow(ReadOnlySpan<byte> rows, int at, byte[] id, ColumnSet columns, Action<byte[], StoredRecord> found)
    {
        while (at < rows.Length)
        {
            var rest = rows[at..];
            var length = CsvText.RowLength(rest);
            if (length < 0) throw VaultException.Damaged(segment.Name, "a row has no end");
            var idLength = rest.IndexOfAny((byte)',', (byte)'\n');
            var compared = rest[..idLength].SequenceCompareTo(id);
            if (compared > 0) return at;
            at += length;
            if (compared < 0) continue;
            found(id, new StoredRecord(rest[..(length - 1)], idLength, columns, tombstones, segment.Name));
            return at;
        }
        return at;
    }

    public static List<byte[]> Sorted(IEnumerable<string> ids)
    {
        var sorted = ids.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes).ToList();
        sorted.Sort((a, b) => a.AsSpan().SequenceCompareTo(b));
        return sorted;
    }
}
