using System.Text;

namespace Appliance.Vault;

/// <summary>Walks the rows of one segment in order of Id, one decoded block at a time. Not thread-safe.</summary>
internal sealed class SegmentCursor(SegmentReader segment, int precedence, bool tombstones) : IDisposable
{
    private PlainBlock? _block;
    private int _nextBlock;
    private int _at, _rowLength, _idLength;

    /// <summary>Position in the manifest's list: the higher wins.</summary>
    public int Precedence => precedence;

    public bool Tombstones => tombstones;

    public ReadOnlySpan<byte> Id => _block!.Memory.Span.Slice(_at, _idLength);

    /// <summary>The row without its LF.</summary>
    public ReadOnlySpan<byte> Row => _block!.Memory.Span.Slice(_at, _rowLength - 1);

    public async Task<StoredRecord> RecordAsync(bool tombstone, CancellationToken cancellationToken)
    {
        var columns = await segment.ColumnsAsync(cancellationToken);
        return new StoredRecord(Row, columns, tombstone, segment.Name);
    }

    /// <summary>
    /// Goes to the first row whose Id is greater than <paramref name="afterId"/>, or greater than or equal when <paramref
    /// name="inclusive"/>; null: to the first row.
    /// </summary>
    public async ValueTask<bool> SeekAsync(byte[]? afterId, bool inclusive, CancellationToken cancellationToken)
    {
        if (afterId is null) return await MoveNextAsync(cancellationToken);
        _nextBlock = segment.FindBlock(afterId);
        while (await MoveNextAsync(cancellationToken))
        {
            var compared = Id.SequenceCompareTo(afterId);
            if (compared > 0 || (inclusive && compared == 0)) return true;
        }
        return false;
    }

    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (_block is not null)
        {
            _at += _rowLength;
            if (ReadRow()) return true;
        }
        while (_nextBlock < segment.Blocks)
        {
            _block?.Dispose();
            _block = null;
            (_block, _at) = await segment.ReadRowsAsync(_nextBlock++, cancellationToken);
            if (ReadRow()) return true;
        }
        _block?.Dispose();
        _block = null;
        return false;
    }

    public void Dispose() => _block?.Dispose();

    private bool ReadRow()
    {
        var rest = _block!.Memory.Span[_at..];
        if (rest.IsEmpty) return false;
        _rowLength = CsvText.RowLength(rest);
        if (_rowLength < 0) throw VaultException.Damaged(segment.Name, "a row has no end");
        _idLength = rest.IndexOfAny((byte)',', (byte)'\n');
        return true;
    }

    public override string ToString() => _block is null ? segment.Name : $"{segment.Name} at {Encoding.UTF8.GetString(Id)}";
}
