using System.Buffers;

namespace Appliance.Vault;

/// <summary>Where one row lies. The Id is its first field and never quoted, so it is the row's first bytes.</summary>
internal readonly record struct RowPlace(int Chunk, int Start, int Length, byte IdLength);

/// <summary>
/// Rows as canonical CSV in pooled chunks the size of a block. A row never crosses a chunk, so that rows which come in order of Id
/// are compressed straight out of the chunks, without another copy.
/// </summary>
internal sealed class RowBuffer(byte[] header) : IDisposable
{
    private readonly List<byte[]> _chunks = [];
    private readonly List<int> _used = [];
    private RowPlace[] _rows = [];
    private byte[] _chunk = [];
    private int _rowStart, _end, _idLength;

    public int Rows { get; private set; }

    /// <summary>Bytes of finished rows and the header line.</summary>
    public long Bytes { get; private set; }

    public int Chunks => _chunks.Count;

    public ReadOnlySpan<RowPlace> Places => _rows.AsSpan(0, Rows);

    public ReadOnlySpan<byte> ChunkBytes(int chunk) => _chunks[chunk].AsSpan(0, _used[chunk]);

    public ReadOnlySpan<byte> Row(in RowPlace row) => _chunks[row.Chunk].AsSpan(row.Start, row.Length);

    public ReadOnlySpan<byte> Id(in RowPlace row) => _chunks[row.Chunk].AsSpan(row.Start, row.IdLength);

    public void Begin()
    {
        if (_chunks.Count == 0)
        {
            NewChunk(Math.Max(ContainerFormat.BlockBytes, header.Length), 0);
            header.CopyTo(_chunk, 0);
            _used[0] = header.Length;
            Bytes = header.Length;
        }
        _rowStart = _end = _used[^1];
    }

    public void AppendId(ReadOnlySpan<byte> id)
    {
        _idLength = id.Length;
        id.CopyTo(Room(id.Length));
        _end += id.Length;
    }

    public void AppendField(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            Room(1)[0] = (byte)',';
            _end++;
            return;
        }
        if (!value.ContainsAny(CsvText.NeedQuotes))
        {
            var room = Room(value.Length + 1);
            room[0] = (byte)',';
            value.CopyTo(room[1..]);
            _end += value.Length + 1;
            return;
        }
        var quoted = Room(CsvText.QuotedLength(value) + 1);
        quoted[0] = (byte)',';
        _end += CsvText.WriteQuoted(value, quoted[1..]) + 1;
    }

    public void End()
    {
        Room(1)[0] = (byte)'\n';
        _end++;
        if (Rows == _rows.Length) GrowRows();
        _rows[Rows++] = new RowPlace(_chunks.Count - 1, _rowStart, _end - _rowStart, (byte)_idLength);
        Bytes += _end - _rowStart;
        _used[^1] = _end;
    }

    /// <summary>Forgets all rows; the buffers go back to the pool.</summary>
    public void Clear()
    {
        foreach (var chunk in _chunks) ArrayPool<byte>.Shared.Return(chunk);
        _chunks.Clear();
        _used.Clear();
        _chunk = [];
        Rows = 0;
        Bytes = 0;
    }

    public void Dispose()
    {
        Clear();
        if (_rows.Length > 0) ArrayPool<RowPlace>.Shared.Return(_rows);
        _rows = [];
    }

    private Span<byte> Room(int bytes)
    {
        if (_chunk.Length - _end < bytes) MoveRow(bytes);
        return _chunk.AsSpan(_end);
    }

    // The unfinished row goes to a new chunk; only a row larger than a block gets a larger one.
    private void MoveRow(int bytes)
    {
        var length = _end - _rowStart;
        var from = _chunk;
        var start = _rowStart;
        var needed = (long)length + bytes;
        if (needed > ContainerFormat.LargestBlock)
            throw new VaultException(FailureKind.Permanent, "One record is larger than 64 MiB.", "Leave the object's largest text fields out of the backup.");
        var size = needed <= ContainerFormat.BlockBytes ? ContainerFormat.BlockBytes : Math.Min(2 * needed, ContainerFormat.LargestBlock);
        // A chunk that held nothing but this row is not kept.
        var alone = start == 0;
        if (alone)
        {
            _chunks.RemoveAt(_chunks.Count - 1);
            _used.RemoveAt(_used.Count - 1);
        }
        NewChunk((int)size, 0);
        from.AsSpan(start, length).CopyTo(_chunk);
        if (alone) ArrayPool<byte>.Shared.Return(from);
        (_rowStart, _end) = (0, length);
    }

    private void NewChunk(int size, int used)
    {
        _chunk = ArrayPool<byte>.Shared.Rent(size);
        _chunks.Add(_chunk);
        _used.Add(used);
    }

    private void GrowRows()
    {
        var larger = ArrayPool<RowPlace>.Shared.Rent(Math.Max(1024, _rows.Length * 2));
        _rows.AsSpan(0, Rows).CopyTo(larger);
        if (_rows.Length > 0) ArrayPool<RowPlace>.Shared.Return(_rows);
        _rows = larger;
    }
}
