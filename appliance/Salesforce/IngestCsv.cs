using System.Buffers;
using System.Text;

namespace Appliance.Salesforce;

/// <summary>
/// Writes the CSV of a Bulk ingest job: UTF-8, comma, LF; quotes only where they are needed. An empty value is left alone by the org on update;
/// with <paramref name="emptyIsNull"/> it is written as <c>#N/A</c>, which clears the field.
/// </summary>
public sealed class IngestCsv : IDisposable
{
    private const int FlushBytes = 64 * 1024;

    // Blanks too: leading and trailing ones must survive every reader on the way.
    private static readonly SearchValues<byte> NeedsQuotes = SearchValues.Create("\",\r\n \t"u8);

    private readonly Stream _target;
    private readonly int _columns;
    private readonly bool _emptyIsNull;
    private readonly ArrayBufferWriter<byte> _pending = new(FlushBytes * 2);
    private int _column;

    public IngestCsv(Stream target, IReadOnlyList<string> columns, bool emptyIsNull = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count, nameof(columns));
        _target = target;
        _columns = columns.Count;
        foreach (var column in columns)
            Add(column);
        EndRow();
        Rows = 0;
        _emptyIsNull = emptyIsNull;
    }

    /// <summary>Rows ended so far, the header not counted.</summary>
    public long Rows { get; private set; }

    /// <summary>Bytes written so far, with those not flushed yet. A job takes 100 MB.</summary>
    public long Bytes { get; private set; }

    public void Add(string? value)
    {
        if (value is null || value.Length == 0)
        {
            Add(ReadOnlySpan<byte>.Empty);
            return;
        }
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(value.Length));
        Add(bytes.AsSpan(0, Encoding.UTF8.GetBytes(value, bytes)));
        ArrayPool<byte>.Shared.Return(bytes);
    }

    public void Add(ReadOnlySpan<byte> value)
    {
        if (_column == _columns)
            throw new InvalidOperationException($"The row has {_columns} columns already.");
        if (_column++ > 0)
            Write(","u8);
        if (value.IsEmpty)
            Write(_emptyIsNull ? "#N/A"u8 : _columns == 1 ? "\"\""u8 : default);   // a lone empty value would be an empty line
        else if (value.ContainsAny(NeedsQuotes))
            WriteQuoted(value);
        else
            Write(value);
    }

    public void EndRow()
    {
        if (_column != _columns)
            throw new InvalidOperationException($"The row has {_column} values instead of {_columns}.");
        _column = 0;
        Rows++;
        Write("\n"u8);
        if (_pending.WrittenCount >= FlushBytes)
            Flush();
    }

    /// <summary>Hands everything to the stream; the stream stays open.</summary>
    public void Flush()
    {
        _target.Write(_pending.WrittenSpan);
        _pending.ResetWrittenCount();
    }

    public void Dispose() => Flush();

    private void WriteQuoted(ReadOnlySpan<byte> value)
    {
        Write("\""u8);
        for (int quote; (quote = value.IndexOf((byte)'"')) >= 0; value = value[(quote + 1)..])
        {
            Write(value[..(quote + 1)]);
            Write("\""u8);
        }
        Write(value);
        Write("\""u8);
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        _pending.Write(text);
        Bytes += text.Length;
    }
}
