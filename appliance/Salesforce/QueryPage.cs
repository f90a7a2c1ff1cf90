using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Appliance.Salesforce;

/// <summary>
/// One page of a REST query, held whole (so that a page cut off on its way is asked for again before any of its rows is given out)
/// and read row by row without a document tree. Cells point into the page; escapes and time stamps are rewritten in place.
/// </summary>
internal sealed class QueryPage(byte[] json, int length, SelectColumns columns) : IDisposable
{
    private byte[] _json = json;
    private JsonReaderState _state;
    private int _at;
    private bool _inRecords;
    private bool _ended;

    public long? TotalSize { get; private set; }

    /// <summary>Path of the next page; known when all rows are read, null on the last page.</summary>
    public string? NextPath { get; private set; }

    public bool Done { get; private set; }

    public static async Task<QueryPage> ReadAsync(Stream body, SelectColumns columns, bool inBatch, CancellationToken cancellationToken)
    {
        var json = ArrayPool<byte>.Shared.Rent(1 << 18);
        var length = 0;
        try
        {
            for (int read; (read = await body.ReadAsync(json.AsMemory(length), cancellationToken)) > 0;)
            {
                length += read;
                if (length < json.Length)
                    continue;
                var larger = ArrayPool<byte>.Shared.Rent(json.Length * 2);
                json.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(json);
                json = larger;
            }
            var from = 0;
            if (inBatch)
                (from, length) = Unwrap(json.AsSpan(0, length));
            Check(json.AsSpan(from, length - from));
            return new QueryPage(json, length, columns) { _at = from };
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(json);
            throw;
        }
    }

    /// <summary>Fills the batch with the next rows; false when there are none left.</summary>
    public bool Fill(RecordBatch batch)
    {
        batch.Reset(_json);
        if (_ended)
            return false;
        var from = _at;
        var reader = new Utf8JsonReader(_json.AsSpan(_at, length - _at), isFinalBlock: true, _state);
        while (batch.Count < RecordBatch.MaxRows && _at - from < RecordBatch.MaxBytes && (_inRecords || ToRecords(ref reader)))
        {
            reader.Read();
            if (reader.TokenType is JsonTokenType.EndArray)
            {
                _inRecords = false;
                continue;
            }
            ReadRow(ref reader, columns.Root, batch.AddRow(), from);
            _at = from + (int)reader.BytesConsumed;
        }
        _at = from + (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        return batch.Count > 0;
    }

    public void Dispose()
    {
        if (_json.Length > 0)
            ArrayPool<byte>.Shared.Return(_json);
        _json = [];
        _ended = true;
    }

    /// <summary>Reads the page's own properties up to its records; false at the end of the page.</summary>
    private bool ToRecords(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
            if (reader.TokenType is not JsonTokenType.PropertyName)
                continue;
            if (reader.ValueTextEquals("records"u8))
            {
                reader.Read();
                if (reader.TokenType is JsonTokenType.StartArray)
                    return _inRecords = true;
            }
            else if (reader.ValueTextEquals("totalSize"u8))
            {
                reader.Read();
                TotalSize = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("done"u8))
            {
                reader.Read();
                Done = reader.GetBoolean();
            }
            else if (reader.ValueTextEquals("nextRecordsUrl"u8) || reader.ValueTextEquals("nextRecordUrl"u8))   // the documentation has both
            {
                reader.Read();
                NextPath = reader.GetString() is { Length: > 0 } url ? OrgChannel.PathOf(url) : null;
            }
            else
                reader.Skip();
        }
        _ended = true;
        return false;
    }

    private void ReadRow(ref Utf8JsonReader reader, SelectColumns.Node node, Span<RecordBatch.Cell> cells, int from)
    {
        var expected = 0;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var child = node.Find(ref reader, ref expected);
            reader.Read();
            if (child is { Column: >= 0 })
                cells[child.Column] = ReadValue(ref reader, child.MayBeStamp, from);
            else if (child is not null && reader.TokenType is JsonTokenType.StartObject)
                ReadRow(ref reader, child, cells, from);
            else
                reader.Skip();
        }
    }

    private RecordBatch.Cell ReadValue(ref Utf8JsonReader reader, bool mayBeStamp, int from)
    {
        var start = from + (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return default;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:   // a compound field, kept as it is
                reader.Skip();
                return new(start, from + (int)reader.BytesConsumed - start);
            case JsonTokenType.String:
                start++;
                var cell = new RecordBatch.Cell(start, reader.ValueIsEscaped ? Unescape(ref reader, start) : reader.ValueSpan.Length);
                return mayBeStamp && IsStamp(_json.AsSpan(cell.Offset, cell.Length)) ? ToZulu(cell) : cell;
            default:
                return new(start, reader.ValueSpan.Length);
        }
    }

    private int Unescape(ref Utf8JsonReader reader, int start)
    {
        var scratch = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            int plain;
            try
            {
                plain = reader.CopyString(scratch);
            }
            catch (InvalidOperationException)
            {
                plain = LooseText.Unescape(reader.ValueSpan, scratch);   // half a surrogate pair: keep the rest of the value
            }
            scratch.AsSpan(0, plain).CopyTo(_json.AsSpan(start));
            return plain;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary><c>2024-01-01T10:00:00.000+0000</c>, as REST writes a datetime.</summary>
    private static bool IsStamp(ReadOnlySpan<byte> text) =>
        text.Length == 28 && text.EndsWith("+0000"u8) && text[4] == '-' && text[7] == '-' && text[10] == 'T'
        && text[13] == ':' && text[16] == ':' && text[19] == '.' && !text[..4].ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private RecordBatch.Cell ToZulu(RecordBatch.Cell cell)
    {
        _json[cell.Offset + 23] = (byte)'Z';
        return cell with { Length = 24 };
    }

    /// <summary>Reads through once, so that a broken page fails before its first row is out.</summary>
    private static void Check(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            throw new JsonException("The answer is not a query page.");
        while (reader.Read())
        {
            // only well-formedness is asked for
        }
    }

    /// <summary>The result of the only request of a composite batch, which carries a query too long for an address.</summary>
    private static (int From, int To) Unwrap(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var (status, from, to) = (200, -1, -1);
        while (reader.Read())
        {
            if (reader.TokenType is not JsonTokenType.PropertyName)
                continue;
            if (reader.ValueTextEquals("statusCode"u8))
            {
                reader.Read();
                status = reader.GetInt32();
            }
            else if (reader.ValueTextEquals("result"u8))
            {
                reader.Read();
                from = (int)reader.TokenStartIndex;
                reader.Skip();
                to = (int)reader.BytesConsumed;
            }
        }
        if (from < 0)
            throw new JsonException("The batch has no result.");
        if (status >= 300)
            throw FailedAnswer.Parse((System.Net.HttpStatusCode)status, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json[from..to]))).ToException("Querying", creating: false);
        return (from, to);
    }
}
