using System.Buffers;
using System.Text;

namespace OrgSimulator.Csv;

/// <summary>Writes CSV the way Bulk results look: every value quoted, quotes doubled. Flushes into the stream in pieces of about 64 KiB.</summary>
public sealed class CsvWriter(Stream stream, byte delimiter, string lineEnd)
{
    private const int FlushAt = 64 * 1024;
    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt * 2);
    private readonly byte[] _lineEnd = Encoding.ASCII.GetBytes(lineEnd);
    private bool _first = true;

    public void Cell(string? value)
    {
        if (!_first) Byte(delimiter);
        _first = false;
        Byte((byte)'"');
        if (value is not null)
        {
            var text = value.AsSpan();
            while (text.IndexOf('"') is var quote and >= 0)
            {
                Encoding.UTF8.GetBytes(text[..(quote + 1)], _buffer);
                Byte((byte)'"');
                text = text[(quote + 1)..];
            }
            Encoding.UTF8.GetBytes(text, _buffer);
        }
        Byte((byte)'"');
    }

    /// <summary>Bytes as they are, as one more cell or several.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        if (!_first) Byte(delimiter);
        _first = false;
        _buffer.Write(bytes);
    }

    public ValueTask EndRowAsync(CancellationToken cancellationToken)
    {
        _buffer.Write(_lineEnd);
        _first = true;
        return _buffer.WrittenCount >= FlushAt ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        _buffer.ResetWrittenCount();
    }

    private void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }
}
