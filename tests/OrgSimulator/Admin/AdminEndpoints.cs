using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrgSimulator.Rest;
using OrgSimulator.Rules;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Admin;

/// <summary>What only the simulator has: the whole org as NDJSON, and deliberate harm. No path of Salesforce begins with two underscores.</summary>
public sealed class AdminEndpoints(Dml dml, Faults faults, Changes changes)
{
    public async Task HandleAsync(HttpContext context, RequestTarget target)
    {
        try
        {
            switch (target.Segments[0].ToLowerInvariant(), context.Request.Method)
            {
                case ("__dump", "GET"):
                    context.Response.ContentType = "application/x-ndjson";
                    await new Dump(dml.Store).WriteAsync(context.Response.Body, context.RequestAborted);
                    break;
                case ("__info", "GET"):
                    await HttpAnswers.WriteAsync(context, ApiAnswer.Of(Info));
                    break;
                case ("__rules", "GET"):
                    await HttpAnswers.WriteAsync(context, ApiAnswer.Of(dml.Store.Rules.Rules.Write));
                    break;
                case ("__rules", "POST"):
                    using (var body = new MemoryStream())
                    {
                        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                        lock (dml.Store.WriteLock)
                        {
                            SchemaRules.Apply(dml.Store, OrgRules.Parse(body.ToArray()));
                            NoteChange();
                        }
                    }
                    await HttpAnswers.WriteAsync(context, ApiAnswer.Nothing);
                    break;
                case ("__damage", "POST"):
                    var asked = await BodyAsync<DamageRequest>(context) ?? new DamageRequest();
                    var done = new Damage(dml).Run(asked);
                    await HttpAnswers.WriteAsync(context, ApiAnswer.Of(json => JsonSerializer.Serialize(json, done, JsonSerializerOptions.Web)));
                    break;
                case ("__sabotage", "POST"):
                    var sabotage = await BodyAsync<SabotageRequest>(context) ?? new SabotageRequest();
                    var spoilt = new Sabotage(dml.Store).Run(sabotage);
                    await HttpAnswers.WriteAsync(context, ApiAnswer.Of(json => JsonSerializer.Serialize(json, spoilt, JsonSerializerOptions.Web)));
                    break;
                case ("__change", "POST"):
                    var changed = changes.Run(await BodyAsync<ChangeRequest>(context) ?? new ChangeRequest(1));
                    await HttpAnswers.WriteAsync(context, ApiAnswer.Of(json => JsonSerializer.Serialize(json, changed, JsonSerializerOptions.Web)));
                    break;
                case ("__faults", "POST"):
                    var planned = await PlannedAsync(context);
                    foreach (var fault in planned) fault.Check(dml.Store);      // all of them or none
                    foreach (var fault in planned) faults.Plan(fault);
                    await HttpAnswers.WriteAsync(context, ApiAnswer.Of(Faults));
                    break;
                case ("__faults", "DELETE"):
                    faults.Planned.Clear();
                    await HttpAnswers.WriteAsync(context, ApiAnswer.Of(Faults));
                    break;
                case ("__faults", "GET"):
                    await HttpAnswers.WriteAsync(context, ApiAnswer.Of(Faults));
                    break;
                default:
                    await HttpAnswers.WriteAsync(context, ApiException.NotFound.Answer());
                    break;
            }
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)
        {
            await HttpAnswers.WriteAsync(context, ApiAnswer.Failure(400, "BAD_REQUEST", problem.Message));
        }
    }

    /// <summary>Clients see seconds only, so that a second change within one must seem to come in the next.</summary>
    private void NoteChange()
    {
        var (last, now) = (dml.Store.Schema.ChangedAt ?? dml.Store.Started, DateTimeOffset.FromUnixTimeSeconds(dml.Store.Now));
        dml.Store.Schema.ChangedAt = now > last ? now : last.AddSeconds(1);
    }

    private void Info(Utf8JsonWriter json)
    {
        var tables = dml.Store.Schema.Objects.Select(dml.Store.Table).Select(table => (table.Type, Live: table.LiveCount)).ToList();
        json.WriteStartObject();
        json.WriteNumber("objects", tables.Count(table => table.Live > 0));
        json.WriteNumber("records", tables.Sum(table => table.Live));
        json.WriteNumber("files", tables.Where(table => table.Type.Fields.Any(field => field.Type == FieldType.Base64)).Sum(table => table.Live));
        json.WriteNumber("seed", dml.Store.Seed);
        json.WriteEndObject();
    }

    private void Faults(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("seed", faults.Planned.Seed);
        json.WriteStartArray("faults");
        foreach (var (fault, seen, met) in faults.Planned.Entries)
        {
            json.WriteStartObject();
            json.WriteString("fault", fault.ToString());
            json.WriteNumber("matching", seen);
            json.WriteNumber("met", met);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("unmet");
        foreach (var unmet in faults.Planned.Unmet) json.WriteStringValue(unmet);
        json.WriteEndArray();
        json.WriteStartArray("trace");
        foreach (var happened in faults.Planned.Trace) json.WriteStringValue(happened);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>One fault or a list of them.</summary>
    private static async Task<PlannedFault[]> PlannedAsync(HttpContext context)
    {
        using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var faults = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.Deserialize<PlannedFault?[]>(Lenient)! : [document.RootElement.Deserialize<PlannedFault>(Lenient)];
        return Array.TrueForAll(faults, fault => fault is not null) ? [.. faults.OfType<PlannedFault>()] : throw new JsonException("a fault is an object with a kind");
    }

    private static readonly JsonSerializerOptions Lenient = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    private static async Task<T?> BodyAsync<T>(HttpContext context) where T : class
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.Length == 0 ? null : JsonSerializer.Deserialize<T>(body.GetBuffer().AsSpan(0, (int)body.Length), JsonSerializerOptions.Web);
    }
}

/// <summary>All live records, object by object in Id order, one JSON line each; the schema lines come first.</summary>
public sealed class Dump(OrgStore store)
{
    private const int FlushAt = 256 * 1024;

    public async Task WriteAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushAt * 2);
        await using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        var types = store.Schema.Objects.Where(type => type.Queryable && type.QueryRefusal is null).OrderBy(type => type.Name, StringComparer.Ordinal).ToList();
        foreach (var type in types)
        {
            WriteSchema(json, type);
            EndLine();
        }
        foreach (var type in types)
        {
            var fields = type.Fields.Where(field => !field.Type.IsCompound()).Select(field => (JsonEncodedText.Encode(field.Name), field)).ToArray();
            foreach (var row in store.Table(type).Live())
            {
                WriteRecord(json, type, fields, row);
                EndLine();
                if (buffer.WrittenCount < FlushAt) continue;
                await body.WriteAsync(buffer.WrittenMemory, cancellationToken);
                buffer.ResetWrittenCount();
            }
        }
        await body.WriteAsync(buffer.WrittenMemory, cancellationToken);

        void EndLine()
        {
            json.Flush();
            buffer.Write("\n"u8);
            json.Reset();
        }
    }

    private static void WriteSchema(Utf8JsonWriter json, ObjectType type)
    {
        json.WriteStartObject();
        json.WriteString("schema", type.Name);
        json.WriteStartArray("fields");
        foreach (var field in type.Fields)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WriteString("type", field.Type.Name());
            json.WriteBoolean("createable", field.Createable && type.Createable);
            json.WriteBoolean("updateable", field.Updateable && type.Updateable);
            json.WriteBoolean("calculated", field.Calculated);
            json.WriteBoolean("autoNumber", field.AutoNumber);
            json.WriteStartArray("referenceTo");
            foreach (var target in field.ReferenceTo) json.WriteStringValue(target);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteBoolean("createable", type.Createable);
        json.WriteEndObject();
    }

    private void WriteRecord(Utf8JsonWriter json, ObjectType type, (JsonEncodedText Name, Field Field)[] fields, Row row)
    {
        json.WriteStartObject();
        json.WriteString("object", type.Name);
        json.WriteString("id", row.Id);
        json.WriteStartObject("fields");
        foreach (var (name, field) in fields)
        {
            json.WritePropertyName(name);
            var text = FieldReader.Text(type, field, row);
            RecordJson.Value(json, field.Type, field.Type == FieldType.Base64 && text is not null ? store.BlobName(text) : text);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
