using System.Text;

namespace Appliance.Vault;

/// <summary>Walks the rows of one segment in order of Id, one decoded block at a time. Not thread-safe.</summary>
internal sealed class SegmentCursor(SegmentReader segment, int precedence, bool tombstones) : IDisposable
{
    private PlainBlock? _block;
    private byte[] _bytes = [];         // of the block
    private int _end, _nextBlock;
    private int _at, _rowLength, _idLength;

    /// <summary>Position in the manifest's list: the higher wins.</summary>
    public int Precedence => precedence;

    public bool Tombstones => tombstones;

    public ReadOnlySpan<byte> Id => _bytes.AsSpan(_at, _idLength);

    public IdOrder Order { get; private set; }

    /// <summary>The row without its LF.</summary>
    public ReadOnlySpan<byte> Row => _bytes.AsSpan(_at, _rowLength - 1);

    /// <summary>The block's last row is behind the cursor, which still stands on it: <see cref="MoveNextAsync"/> has to be asked.</summary>
    public bool BlockEnded { get; private set; }

    /// <summary>The row under the cursor.</summary>
    public StoredRecord Record(bool tombstone) => new(Row, _idLength, segment.Columns, tombstone, segment.Name);

    /// <summary>Goes on within the decoded block; false when that has come to its end.</summary>
    public bool MoveInBlock()
    {
        if (_at + _rowLength >= _end)
        {
            BlockEnded = true;
            return false;
        }
        _at += _rowLength;
        ReadRow();
        return true;
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
        if (_block is not null && MoveInBlock()) return true;
        while (_nextBlock < segment.Blocks)
        {
            Dispose();
            (_block, _at) = await segment.ReadRowsAsync(_nextBlock++, cancellationToken);
            (_bytes, _end, BlockEnded) = (_block.Bytes, _block.Length, false);
            if (_at >= _end) continue;
            ReadRow();
            return true;
        }
        Dispose();
        return false;
    }

    public void Dispose()
    {
        _block?.Dispose();
        (_block, _bytes) = (null, []);
    }

    private void ReadRow()
    {
        var rest = _bytes.AsSpan(_at, _end - _at);
        _rowLength = CsvText.RowLength(rest);
        if (_rowLength < 0) throw VaultException.Damaged(segment.Name, "a row has no end");
        _idLength = rest.IndexOfAny((byte)',', (byte)'\n');
        Order = IdOrder.Of(rest[.._idLength]);
    }

    public override string ToString() => _block is null ? segment.Name : $"{segment.Name} at {Encoding.UTF8.GetString(Id)}";
}
