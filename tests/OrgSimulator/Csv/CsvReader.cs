using System.Text;

namespace OrgSimulator.Csv;

/// <summary>CSV that breaks its own rules.</summary>
public sealed class CsvException(int line, string message) : Exception(message)
{
    public int Line { get; } = line;
}

/// <summary>
/// Reads CSV from memory: RFC 4180 with any one-byte delimiter, LF or CRLF, a BOM skipped. Every record also says where
/// its bytes stand, so that they can be echoed untouched.
/// </summary>
public sealed class CsvReader(ReadOnlyMemory<byte> text, char delimiter = ',', bool strict = false)
{
    private int _at = text.Span.StartsWith("\uFEFF"u8) ? 3 : 0;
    private int _line = 1;

    /// <summary>Cells of the current record; null where the cell is empty and not quoted.</summary>
    public List<string> Cells { get; } = [];

    /// <summary>Line on which the current record begins, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>The bytes of the current record without its line end.</summary>
    public ReadOnlyMemory<byte> Raw { get; private set; }

    /// <summary>Moves to the next record; blank lines are no records.</summary>
    public bool Read()
    {
        var bytes = text.Span;
        while (_at < bytes.Length && bytes[_at] is (byte)'\n' or (byte)'\r' && (bytes[_at] == '\n' || _at + 1 < bytes.Length && bytes[_at + 1] == '\n' || _at + 1 == bytes.Length))
        {
            if (bytes[_at] == '\n') _line++;
            _at++;
        }
        if (_at >= bytes.Length) return false;
        Cells.Clear();
        Line = _line;
        var start = _at;
        while (true)
        {
            Cells.Add(Cell(bytes));
            if (_at >= bytes.Length)
            {
                Raw = text[start.._at];
                return true;
            }
            if (bytes[_at] == delimiter)
            {
                _at++;
                if (_at >= bytes.Length) Cells.Add("");
                if (_at >= bytes.Length)
                {
                    Raw = text[start.._at];
                    return true;
                }
                continue;
            }
            Raw = text[start.._at];
            if (bytes[_at] == '\r') _at++;
            if (_at < bytes.Length && bytes[_at] == '\n') _at++;
            _line++;
            return true;
        }
    }

    private string Cell(ReadOnlySpan<byte> bytes)
    {
        if (_at < bytes.Length && bytes[_at] == '"') return Quoted(bytes);
        var start = _at;
        var length = bytes[_at..].IndexOfAny((byte)delimiter, (byte)'\n', (byte)'\r');
        _at = length < 0 ? bytes.Length : _at + length;
        if (strict && bytes[start.._at].Contains((byte)'"')) throw new CsvException(_line, "a quote stands inside a value that is not quoted");
        return Encoding.UTF8.GetString(bytes[start.._at]);
    }

    private string Quoted(ReadOnlySpan<byte> bytes)
    {
        var openedOn = _line;
        var start = ++_at;
        var doubled = false;
        while (true)
        {
            var length = bytes[_at..].IndexOf((byte)'"');
            if (length < 0) throw new CsvException(openedOn, "a quoted value is never closed");
            _at += length + 1;
            if (_at >= bytes.Length || bytes[_at] != '"') break;
            doubled = true;
            _at++;
        }
        var value = bytes[start..(_at - 1)];
        _line += value.Count((byte)'\n');
        if (_at < bytes.Length && bytes[_at] != delimiter && bytes[_at] is not ((byte)'\n' or (byte)'\r'))
            throw new CsvException(_line, "text stands between a closing quote and the next delimiter");
        var decoded = Encoding.UTF8.GetString(value);
        return doubled ? decoded.Replace("\"\"", "\"", StringComparison.Ordinal) : decoded;
    }
}
