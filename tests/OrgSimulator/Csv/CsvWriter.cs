using System.Text;
using OrgSimulator.Schema;

namespace OrgSimulator.Csv;

/// <summary>
/// Writes CSV the way Bulk results look: every value quoted, quotes doubled. Flushes into the stream in pieces of about 64 KiB.
/// Ids and stamps, half of the cells of an export, go straight into bytes.
/// </summary>
public sealed class CsvWriter(Stream stream, byte delimiter, string lineEnd)
{
    private const int FlushAt = 64 * 1024;
    private readonly byte[] _lineEnd = Encoding.ASCII.GetBytes(lineEnd);
    private readonly byte[] _day = new byte[10];
    private byte[] _buffer = new byte[FlushAt * 2];
    private int _count;
    private long _dayNumber = -1;
    private bool _first = true;

    public void Cell(string? value)
    {
        Open(value is null ? 2 : value.Length * 4 + 2);
        if (value is not null)
        {
            var text = value.AsSpan();
            while (text.IndexOf('"') is var quote and >= 0)
            {
                _count += Encoding.UTF8.GetBytes(text[..(quote + 1)], _buffer.AsSpan(_count));
                _buffer[_count++] = (byte)'"';
                text = text[(quote + 1)..];
            }
            _count += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_count));
        }
        _buffer[_count++] = (byte)'"';
    }

    /// <summary>An Id of its parts.</summary>
    public void Id(string keyPrefix, string instance, long number)
    {
        Open(20);
        Span<char> id = stackalloc char[18];
        SalesforceId.Compose(id, keyPrefix, instance, number);
        for (var i = 0; i < 18; i++) _buffer[_count + i] = (byte)id[i];
        _count += 18;
        _buffer[_count++] = (byte)'"';
    }

    /// <param name="seconds">Since 1970.</param>
    public void Stamp(uint seconds)
    {
        Open(26);
        var (day, second) = (seconds / 86_400, (int)(seconds % 86_400));
        if (day != _dayNumber)
        {
            DateTime.UnixEpoch.AddDays(day).TryFormat(_day, out _, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
            _dayNumber = day;
        }
        _day.CopyTo(_buffer, _count);
        var at = _buffer.AsSpan(_count + 10);
        "T00:00:00.000Z\""u8.CopyTo(at);
        Two(at[1..], second / 3600);
        Two(at[4..], second / 60 % 60);
        Two(at[7..], second % 60);
        _count += 25;

        static void Two(Span<byte> at, int number)
        {
            at[0] = (byte)('0' + number / 10);
            at[1] = (byte)('0' + number % 10);
        }
    }

    /// <summary>Bytes as they are, as one more cell or several.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Room(bytes.Length + 1);
        if (!_first) _buffer[_count++] = delimiter;
        _first = false;
        bytes.CopyTo(_buffer.AsSpan(_count));
        _count += bytes.Length;
    }

    public ValueTask EndRowAsync(CancellationToken cancellationToken)
    {
        Room(_lineEnd.Length);
        _lineEnd.CopyTo(_buffer, _count);
        _count += _lineEnd.Length;
        _first = true;
        return _count >= FlushAt ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_buffer.AsMemory(0, _count), cancellationToken);
        _count = 0;
    }

    private void Open(int bytes)
    {
        Room(bytes + 2);
        if (!_first) _buffer[_count++] = delimiter;
        _first = false;
        _buffer[_count++] = (byte)'"';
    }

    private void Room(int bytes)
    {
        if (_count + bytes > _buffer.Length) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _count + bytes));
    }
}
