using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Appliance.Salesforce;

/// <summary>
/// Cuts CSV (RFC 4180, comma, LF or CRLF) into rows without copying values: cells point into the read buffer, doubled quotes are undone in place.
/// Empty lines are skipped. A text that ends inside a quoted value or has a row of another width is a transient failure: it was cut off on its way.
/// </summary>
public sealed class CsvSplitter(Stream csv, int bufferBytes = RecordBatch.MaxBytes) : IDisposable
{
    private const int MostBufferBytes = 1 << 30;
    private const byte Quote = (byte)'"';

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(bufferBytes);
    private Field[] _row = new Field[64];
    private int _fields;
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Rows given out so far, the header not counted.</summary>
    public long Rows { get; private set; }

    /// <summary>Reads to the end, once. The same batch object is filled again for every step.</summary>
    public async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await FillAsync(cancellationToken);
        if (_end >= 3 && _buffer.AsSpan(0, 3).SequenceEqual(Encoding.UTF8.Preamble))
            _start = 3;
        string[]? columns;
        while ((columns = Header()) is null)
        {
            if (_ended)
                yield break;
            await FillAsync(cancellationToken);
        }

        using var batch = new RecordBatch(columns);
        while (true)
        {
            while (Split(batch))
                yield return batch;
            if (_ended)
                break;
            await FillAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>Moves the unfinished row to the front and reads until the buffer is full or the text ends.</summary>
    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        else if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MostBufferBytes)
                throw Broken("one row is larger than 1 GiB");
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        var room = _buffer.Length - _end;
        var read = await csv.ReadAtLeastAsync(_buffer.AsMemory(_end), room, throwOnEndOfStream: false, cancellationToken);
        _end += read;
        _ended = read < room;
    }

    private string[]? Header()
    {
        while (_start < _end)
        {
            var length = ScanRow(_buffer.AsSpan(_start, _end - _start));
            if (length < 0)
                return null;
            var at = _start;
            _start += length;
            if (IsEmptyLine)
                continue;
            var names = new string[_fields];
            for (var i = 0; i < names.Length; i++)
            {
                var cell = Cell(at, _row[i]);
                names[i] = Encoding.UTF8.GetString(_buffer, cell.Offset, cell.Length);
            }
            return names;
        }
        return null;
    }

    private bool IsEmptyLine => _fields == 1 && _row[0] is { Length: 0, Quoted: false };

    private bool Split(RecordBatch batch)
    {
        batch.Reset(_buffer);
        while (batch.Count < RecordBatch.MaxRows && _start < _end)
        {
            var length = ScanRow(_buffer.AsSpan(_start, _end - _start));
            if (length < 0)
                break;
            if (!IsEmptyLine)
            {
                if (_fields != batch.Columns.Count)
                    throw Broken($"row {Rows + batch.Count + 1} has {_fields} values instead of {batch.Columns.Count}");
                var cells = batch.AddRow();
                for (var i = 0; i < cells.Length; i++)
                    cells[i] = Cell(_start, _row[i]);
            }
            _start += length;
        }
        Rows += batch.Count;
        return batch.Count > 0;
    }

    /// <summary>Only now, with the whole row there, may the buffer be changed: an unfinished row is scanned again.</summary>
    private RecordBatch.Cell Cell(int rowStart, Field field)
    {
        var from = rowStart + field.Offset;
        if (!field.Doubled)
            return new(from, field.Length);
        var text = _buffer.AsSpan(from, field.Length);
        var to = 0;
        for (var at = 0; at < text.Length;)
        {
            var run = text[at..].IndexOf(Quote);
            if (run < 0)
            {
                text[at..].CopyTo(text[to..]);
                to += text.Length - at;
                break;
            }
            text.Slice(at, run + 1).CopyTo(text[to..]);
            to += run + 1;
            at += run + 2;
        }
        return new(from, to);
    }

    /// <summary>Finds the fields of the row at the start of <paramref name="text"/>; the row's length with its line end, or -1 when it is unfinished.</summary>
    private int ScanRow(ReadOnlySpan<byte> text)
    {
        _fields = 0;
        var at = 0;
        while (true)
        {
            if (at == text.Length)
            {
                if (!_ended)
                    return -1;
                Add(new(at, 0, false, false));   // the text ends behind a comma
                return at;
            }
            if (text[at] == Quote)
            {
                var end = ScanQuoted(text, at + 1);
                if (end < 0)
                    return -1;
                if (end == text.Length)
                    return _ended ? end : -1;
                switch (text[end])
                {
                    case (byte)',':
                        at = end + 1;
                        continue;
                    case (byte)'\n':
                        return end + 1;
                    case (byte)'\r' when end + 1 < text.Length && text[end + 1] == '\n':
                        return end + 2;
                    case (byte)'\r' when end + 1 == text.Length:
                        return _ended ? end + 1 : -1;
                    default:
                        throw Broken("there is text behind a closing quote");
                }
            }
            var stop = text[at..].IndexOfAny((byte)',', (byte)'\n');
            if (stop >= 0 && text[at + stop] == ',')
            {
                Add(new(at, stop, false, false));
                at += stop + 1;
                continue;
            }
            if (stop < 0 && !_ended)
                return -1;
            var length = stop < 0 ? text.Length - at : stop;
            var next = stop < 0 ? text.Length : at + stop + 1;
            Add(new(at, length > 0 && text[at + length - 1] == '\r' ? length - 1 : length, false, false));
            return next;
        }
    }

    /// <summary>Adds the quoted field that begins at <paramref name="from"/>; where its closing quote ends, or -1 when that is not there yet.</summary>
    private int ScanQuoted(ReadOnlySpan<byte> text, int from)
    {
        var doubled = false;
        var at = from;
        while (true)
        {
            var quote = text[at..].IndexOf(Quote);
            if (quote < 0)
                return _ended ? throw Broken("it ends inside a value") : -1;
            at += quote;
            if (at + 1 == text.Length && !_ended)
                return -1;   // the next byte decides whether this quote is doubled
            if (at + 1 == text.Length || text[at + 1] != Quote)
            {
                Add(new(from, at - from, true, doubled));
                return at + 1;
            }
            doubled = true;
            at += 2;
        }
    }

    private void Add(Field field)
    {
        if (_fields == _row.Length)
            Array.Resize(ref _row, _row.Length * 2);
        _row[_fields++] = field;
    }

    private static SalesforceException Broken(string how) =>
        new(FailureKind.Transient, $"The CSV is broken: {how}.", "Nothing to do: the page is read again.");

    private readonly record struct Field(int Offset, int Length, bool Quoted, bool Doubled);
}
