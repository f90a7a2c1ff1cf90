using System.Buffers;
using System.Text;

namespace Appliance.Vault;

/// <summary>Canonical CSV as FORMAT.md §5 has it: LF, minimal quotes, doubled quotes inside.</summary>
internal static class CsvText
{
    public static readonly SearchValues<byte> NeedQuotes = SearchValues.Create(",\"\r\n"u8);

    /// <summary>Bytes a value takes once quoted.</summary>
    public static int QuotedLength(ReadOnlySpan<byte> value) => value.Length + value.Count((byte)'"') + 2;

    /// <summary>Writes the value in quotes and returns the bytes written.</summary>
    public static int WriteQuoted(ReadOnlySpan<byte> value, Span<byte> target)
    {
        var at = 0;
        target[at++] = (byte)'"';
        while (value.IndexOf((byte)'"') is var quote and >= 0)
        {
            value[..(quote + 1)].CopyTo(target[at..]);
            at += quote + 1;
            target[at++] = (byte)'"';
            value = value[(quote + 1)..];
        }
        value.CopyTo(target[at..]);
        at += value.Length;
        target[at++] = (byte)'"';
        return at;
    }

    /// <summary>Header line or row of texts, LF included.</summary>
    public static byte[] Line(IEnumerable<string> values)
    {
        var line = new ArrayBufferWriter<byte>();
        var first = true;
        foreach (var value in values)
        {
            if (!first) line.Write(","u8);
            first = false;
            Write(line, Encoding.UTF8.GetBytes(value));
        }
        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    public static void Write(IBufferWriter<byte> target, ReadOnlySpan<byte> value)
    {
        if (!value.ContainsAny(NeedQuotes))
        {
            target.Write(value);
            return;
        }
        var span = target.GetSpan(QuotedLength(value));
        target.Advance(WriteQuoted(value, span));
    }

    /// <summary>
    /// Length of the row at the start, its LF included; -1 when the text ends before. A quote inside quotes is doubled, so each quote
    /// simply turns the state.
    /// </summary>
    public static int RowLength(ReadOnlySpan<byte> text)
    {
        var quoted = false;
        var at = 0;
        while (true)
        {
            var found = quoted ? text[at..].IndexOf((byte)'"') : text[at..].IndexOfAny((byte)'\n', (byte)'"');
            if (found < 0) return -1;
            at += found + 1;
            if (text[at - 1] == (byte)'\n') return at;
            quoted = !quoted;
        }
    }

    /// <summary>
    /// Ends of the fields of one row (LF excluded), as offsets of the comma or the row's end. Returns how many there are; more than fit
    /// are counted, not stored.
    /// </summary>
    public static int FieldEnds(ReadOnlySpan<byte> row, Span<int> ends)
    {
        var count = 0;
        var at = 0;
        var quoted = false;
        while (true)
        {
            var found = quoted ? row[at..].IndexOf((byte)'"') : row[at..].IndexOfAny((byte)',', (byte)'"');
            if (found < 0) break;
            at += found + 1;
            if (row[at - 1] == (byte)'"') quoted = !quoted;
            else
            {
                if (count < ends.Length) ends[count] = at - 1;
                count++;
            }
        }
        if (count < ends.Length) ends[count] = row.Length;
        return count + 1;
    }

    /// <summary>Field <paramref name="number"/> of a row as it stands there, quotes and all; empty when the row has not so many. Looks no further than that field.</summary>
    public static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> row, int number)
    {
        var quoted = false;
        for (int at = 0, start = 0; ;)
        {
            var found = quoted ? row[at..].IndexOf((byte)'"') : row[at..].IndexOfAny((byte)',', (byte)'"');
            if (found >= 0 && row[at + found] == (byte)'"')
            {
                quoted = !quoted;
                at += found + 1;
                continue;
            }
            if (number-- == 0) return found < 0 ? row[start..] : row[start..(at + found)];
            if (found < 0) return default;
            start = at += found + 1;
        }
    }

    /// <summary>The value of a field as it stands in a row: quotes taken off and halved where there are any.</summary>
    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> field)
    {
        if (field.Length < 2 || field[0] != (byte)'"') return field;
        var inner = field[1..^1];
        if (!inner.Contains((byte)'"')) return inner;
        var plain = new byte[inner.Length];
        var length = 0;
        for (var i = 0; i < inner.Length; i++)
        {
            plain[length++] = inner[i];
            if (inner[i] == (byte)'"') i++;
        }
        return plain.AsSpan(0, length);
    }

    public static List<string> ParseLine(ReadOnlySpan<byte> line)
    {
        var ends = new int[line.Count((byte)',') + 1];
        var count = FieldEnds(line, ends);
        var values = new List<string>(count);
        for (int i = 0, start = 0; i < count; start = ends[i] + 1, i++) values.Add(Encoding.UTF8.GetString(Value(line[start..ends[i]])));
        return values;
    }
}
