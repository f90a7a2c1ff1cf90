using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Appliance.Salesforce;

public sealed partial class Org
{
    /// <summary>Most records of one collection call.</summary>
    public const int MaxCollection = 200;

    /// <summary>
    /// Creates one record. What the org says against the record comes back as a failed result; a lost answer is a
    /// <see cref="SalesforceException.OutcomeUnknown"/> failure, because creating is never repeated blindly.
    /// </summary>
    public Task<SaveResult> CreateAsync(string objectName, JsonObject fields, CancellationToken cancellationToken) =>
        SaveOneAsync(new(HttpMethod.Post, $"sobjects/{Uri.EscapeDataString(objectName)}", $"Creating a record of {objectName}")
        {
            Content = _ => Json(writer => fields.WriteTo(writer)), Repeat = Repeat.Never, Writes = true, AnswerWithin = OrgCall.Long,
        }, cancellationToken);

    /// <summary>Creates at most 200 records, each on its own (no all-or-none); results in the same order. Never repeated blindly.</summary>
    public Task<IReadOnlyList<SaveResult>> CreateManyAsync(string objectName, IReadOnlyList<JsonObject> records, CancellationToken cancellationToken) =>
        SaveManyAsync(HttpMethod.Post, $"Creating records of {objectName}", Repeat.Never, objectName, records, cancellationToken);

    /// <summary>Updates at most 200 records, each on its own; every record names its <c>Id</c>. Updating twice does no harm, so it is repeated.</summary>
    public Task<IReadOnlyList<SaveResult>> UpdateManyAsync(string objectName, IReadOnlyList<JsonObject> records, CancellationToken cancellationToken) =>
        SaveManyAsync(HttpMethod.Patch, $"Updating records of {objectName}", Repeat.Safe, objectName, records, cancellationToken);

    private async Task<SaveResult> SaveOneAsync(OrgCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await _channel.ReadAsync(call, async (answer, token) =>
            {
                using var document = await answer.DocumentAsync(token);
                return SaveResult.Read(document.RootElement);
            }, cancellationToken);
        }
        catch (SalesforceException e) when (e is { ErrorCode: { } code, AboutRecord: true })
        {
            return new(null, false, [new(code, e.OrgText ?? e.Message, [])]);
        }
    }

    private async Task<IReadOnlyList<SaveResult>> SaveManyAsync(
        HttpMethod method, string what, Repeat repeat, string objectName, IReadOnlyList<JsonObject> records, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(records.Count, MaxCollection, nameof(records));
        if (records.Count == 0)
            return [];
        var call = new OrgCall(method, "composite/sobjects", what)
        {
            Content = _ => Json(writer => WriteCollection(writer, objectName, records)), Repeat = repeat, Writes = true, AnswerWithin = OrgCall.Long,
        };
        return await _channel.ReadAsync<IReadOnlyList<SaveResult>>(call, async (answer, token) =>
        {
            using var document = await answer.DocumentAsync(token);
            SaveResult[] results = [.. document.RootElement.EnumerateArray().Select(SaveResult.Read)];
            return results.Length == records.Count ? results : throw new JsonException("There is not one result for each record.");
        }, cancellationToken);
    }

    private static void WriteCollection(Utf8JsonWriter writer, string objectName, IReadOnlyList<JsonObject> records)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("allOrNone", false);
        writer.WriteStartArray("records");
        foreach (var record in records)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("attributes");
            writer.WriteString("type", objectName);
            writer.WriteEndObject();
            foreach (var (name, value) in record)
            {
                writer.WritePropertyName(name);
                if (value is null)
                    writer.WriteNullValue();
                else
                    value.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static ByteArrayContent Json(Action<Utf8JsonWriter> write)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
            write(writer);
        var content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        return content;
    }
}
