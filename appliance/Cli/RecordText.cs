using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>Writes records as CSV (RFC 4180, LF) or JSON lines over one list of columns.</summary>
internal sealed class RecordText(IReadOnlyList<string> columns, bool json)
{
    private static readonly SearchValues<char> s_needQuotes = SearchValues.Create(",\"\r\n");
    private static readonly JsonWriterOptions s_jsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The header line; none for JSON.</summary>
    public string Header => json ? "" : string.Join(',', columns.Select(Quoted)) + "\n";

    /// <param name="record">The record.</param>
    /// <param name="replace">Values that are to stand in place of the stored ones, by column.</param>
    public string Line(StoredRecord record, IReadOnlyDictionary<string, string>? replace = null)
    {
        if (!json) return string.Join(',', columns.Select(c => Quoted(Value(c) ?? ""))) + "\n";
        using var buffer = new MemoryStream();
        using (var line = new Utf8JsonWriter(buffer, s_jsonOptions))
        {
            line.WriteStartObject();
            foreach (var column in columns)
                if (Value(column) is { } value) line.WriteString(column, value);
                else line.WriteNull(column);
            line.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";

        string? Value(string column) => replace?.GetValueOrDefault(column) ?? record[column];
    }

    internal static string Quoted(string value) =>
        value.AsSpan().ContainsAny(s_needQuotes) ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
