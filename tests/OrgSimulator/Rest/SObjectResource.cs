using System.Globalization;
using System.Text.Json;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>Everything under sobjects: describe, single records by Id or external id, file bytes, getDeleted and getUpdated.</summary>
public sealed class SObjectResource(Dml dml, SimulatorOptions options)
{
    private readonly OrgStore _store = dml.Store;

    public ApiAnswer Handle(ApiRequest request)
    {
        var path = request.Path;
        var method = request.Method;
        if (path.Count == 1) return method is "GET" or "HEAD" ? Global(request) : throw ApiException.NotAllowed(method, "HEAD, GET");
        var type = _store.Schema.Find(path[1]) ?? throw ApiException.NotFound;
        switch (path.Count)
        {
            case 2: return method switch
            {
                "POST" => Create(request, type),
                "GET" => Basic(request, type),
                _ => throw ApiException.NotAllowed(method, "HEAD, GET, POST"),
            };
            case 3 when path[2].Equals("describe", StringComparison.OrdinalIgnoreCase):
                return Unchanged(request) ?? Dated(ApiAnswer.Of(json => new DescribeJson(_store, request).Object(json, type)));
            case 3 when path[2].Equals("deleted", StringComparison.OrdinalIgnoreCase): return Replication.Deleted(_store, type, request, options.ReplicationIdLimit);
            case 3 when path[2].Equals("updated", StringComparison.OrdinalIgnoreCase): return Replication.Updated(_store, type, request, options.ReplicationIdLimit);
            case 3: return ById(request, type, method, path[2]);
            case 4 when SalesforceId.Complete(path[2]) is not null && type.Find(path[3]) is { Type: FieldType.Base64 } blob:
                return Bytes(type, path[2], blob);
            case 4: return ByKey(request, type, method, path[2], path[3]);
            case 6 when path[3].Equals("richTextImageFields", StringComparison.OrdinalIgnoreCase): return RichTextImage(type, path[2], path[4], path[5]);
            // A slash in a key that the client did not escape.
            case > 4 when type.Find(path[2]) is { ExternalId: true }: return ByKey(request, type, method, path[2], string.Join('/', path.Skip(3)));
            default: throw ApiException.NotFound;
        }
    }

    private ApiAnswer RichTextImage(ObjectType type, string id, string fieldName, string reference)
    {
        if (SalesforceId.Complete(id) is not { } whole || _store.Table(type).FindLive(whole) is not { } row || type.Find(fieldName) is not { Html: true } field
            || FieldReader.Text(type, field, row) is not { } text || reference.Length < 15 || !text.Contains("refid=" + reference[..15], StringComparison.Ordinal)) throw ApiException.NotFound;
        return new ApiAnswer(200) { ContentType = "image/png", Stream = (body, cancellationToken) => body.WriteAsync(RichTextImages.Png(reference), cancellationToken).AsTask() };
    }

    /// <summary>304 when nothing of the schema has changed since the client last asked.</summary>
    private ApiAnswer? Unchanged(ApiRequest request) =>
        Since(request, "If-Modified-Since") is { } seen && seen >= Changed ? new ApiAnswer(304) : null;

    private static DateTimeOffset? Since(ApiRequest request, string header) =>
        DateTimeOffset.TryParse(request.Header(header), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static DateTimeOffset Modified(Row row) => DateTimeOffset.FromUnixTimeSeconds(row.Modified);

    /// <summary>A client that read the record before may ask to write only over what it has seen.</summary>
    private void MustBeUnmodified(ApiRequest request, ObjectType type, string id)
    {
        if (Since(request, "If-Unmodified-Since") is { } seen && _store.Table(type).FindLive(id) is { } row && Modified(row) > seen)
            throw new ApiException(412, "PRECONDITION_FAILED", "The record has been modified since the time given in If-Unmodified-Since");
    }

    private DateTimeOffset Changed => _store.Schema.ChangedAt is { } at && at > _store.Started ? at : _store.Started;

    private ApiAnswer Dated(ApiAnswer answer)
    {
        answer.Headers["Last-Modified"] = Changed.ToString("R", CultureInfo.InvariantCulture);
        return answer;
    }

    private ApiAnswer Global(ApiRequest request) => Unchanged(request) ?? Dated(ApiAnswer.Of(new DescribeJson(_store, request).Global));

    private ApiAnswer Basic(ApiRequest request, ObjectType type) => ApiAnswer.Of(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("objectDescribe");
        new DescribeJson(_store, request).Summary(json, type);
        json.WriteStartArray("recentItems");
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private ApiAnswer Create(ApiRequest request, ObjectType type)
    {
        var record = request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true
            ? Multipart.Record(request, type) : RecordInputJson.Read(request.Json());
        return Saved(dml.Insert(type, [record])[0], 201);
    }

    private ApiAnswer ById(ApiRequest request, ObjectType type, string method, string given)
    {
        if (SalesforceId.Complete(given) is not { } id) throw new ApiException(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + given);
        switch (method)
        {
            case "GET":
                if (_store.Table(type).FindLive(id) is not { } row) throw ApiException.NotFound;
                var answer = Since(request, "If-Modified-Since") is { } seen && seen >= Modified(row) ? new ApiAnswer(304)
                    : ApiAnswer.Of(json => new RecordJson(_store, request.Base).Record(json, type, row, Fields(request, type)));
                answer.Headers["Last-Modified"] = Modified(row).ToString("R", CultureInfo.InvariantCulture);
                return answer;
            case "PATCH":
                MustBeUnmodified(request, type, id);
                var record = RecordInputJson.Read(request.Json());
                if (record.Id is not null) throw new ApiException(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.");
                record.Id = given;
                return Fail(dml.Update(type, [record])[0]) ?? ApiAnswer.Nothing;
            case "DELETE":
                MustBeUnmodified(request, type, id);
                return Fail(dml.Delete([given], of: type)[0]) ?? ApiAnswer.Nothing;
            default: throw ApiException.NotAllowed(method, "HEAD, GET, PATCH, DELETE");
        }
    }

    private ApiAnswer ByKey(ApiRequest request, ObjectType type, string method, string fieldName, string value)
    {
        if (type.Find(fieldName) is not { } key || !(key.ExternalId || key.IdLookup))
            throw new ApiException(404, "NOT_FOUND", $"Provided external ID field does not exist or is not accessible: {fieldName}");
        if (key.Source == FieldSource.Id) return ById(request, type, method, value);
        var found = _store.FindBy(_store.Table(type), key, value);
        if (found.Count > 1 && method != "POST")
            return ApiAnswer.Of(json =>
            {
                json.WriteStartArray();
                foreach (var row in found) json.WriteStringValue($"{request.Base}/sobjects/{type.Name}/{row.Id}");
                json.WriteEndArray();
            }, 300);
        switch (method)
        {
            case "GET":
                if (found.Count == 0) throw ApiException.NotFound;
                return ApiAnswer.Of(json => new RecordJson(_store, request.Base).Record(json, type, found[0], Fields(request, type)));
            case "DELETE":
                if (found.Count == 0) throw ApiException.NotFound;
                return Fail(dml.Delete([found[0].Id])[0]) ?? ApiAnswer.Nothing;
            case "PATCH":
                var record = RecordInputJson.Read(request.Json());
                if (record.Fields.Exists(pair => pair.Key.Equals(key.Name, StringComparison.OrdinalIgnoreCase)))
                    throw new ApiException(400, "INVALID_FIELD", $"The {key.Name} field should not be specified in the sobject data.");
                if (found.Count == 0 && request.Query.TryGetValue("updateOnly", out var only) && only.Equals("true", StringComparison.OrdinalIgnoreCase)) throw ApiException.NotFound;
                record.Set(key.Name, value);
                var result = dml.Upsert(type, key, [record])[0];
                if (result.Success && !result.Created && request.Version < 46) return ApiAnswer.Nothing;
                return Saved(result, result.Created ? 201 : 200, withCreated: true);
            default: throw ApiException.NotAllowed(method, "HEAD, GET, PATCH, DELETE");
        }
    }

    private ApiAnswer Bytes(ObjectType type, string given, Field field)
    {
        if (_store.Table(type).FindLive(SalesforceId.Complete(given)!) is not { } row || row[field.Slot] is not { } blob) throw ApiException.NotFound;
        var content = _store.Blob(blob);
        return new ApiAnswer(200) { ContentType = "application/octet-stream", Stream = (body, cancellationToken) => body.WriteAsync(content, cancellationToken).AsTask() };
    }

    private static IReadOnlyList<Field> Fields(ApiRequest request, ObjectType type)
    {
        if (!request.Query.TryGetValue("fields", out var wanted)) return type.Fields;
        return [.. wanted.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name => type.Find(name)
            ?? throw new ApiException(400, "INVALID_FIELD", $"No such column '{name}' on sobject of type {type.Name}", [name]))];
    }

    private static ApiAnswer? Fail(SaveResult result) => result.Error is { } error ? ApiException.Of(error).Answer() : null;

    private static ApiAnswer Saved(SaveResult result, int status, bool withCreated = false) => Fail(result) ?? ApiAnswer.Of(json => Write(json, result, withCreated), status);

    public static void Write(Utf8JsonWriter json, SaveResult result, bool withCreated = false)
    {
        json.WriteStartObject();
        if (result.Id is not null && (result.Success || !result.Created)) json.WriteString("id", result.Id);
        json.WriteBoolean("success", result.Success);
        json.WriteStartArray("errors");
        if (result.Error is { } error) ApiAnswer.WriteError(json, "statusCode", error.Code, error.Message, error.Fields);
        json.WriteEndArray();
        if (withCreated && result.Success) json.WriteBoolean("created", result.Created);
        json.WriteEndObject();
    }
}

/// <summary>getDeleted and getUpdated.</summary>
public static class Replication
{
    public static ApiAnswer Deleted(OrgStore store, ObjectType type, ApiRequest request, int most)
    {
        var (start, end) = Window(type, request, store, 15);
        var table = store.Table(type);
        var deleted = table.Deleted().Select(row => (row.Id, At: row.DeletedAt)).Concat(table.Purged)
            .Where(gone => gone.At >= start && gone.At <= end && gone.At >= store.DeleteLogBegins).OrderBy(gone => gone.At).ToList();
        if (deleted.Count > most) throw new ApiException(400, "EXCEEDED_ID_LIMIT", "exceeded id limit");
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("deletedRecords");
            foreach (var (id, at) in deleted)
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("deletedDate", FieldReader.RestDateTime(FieldReader.Stamp(at)));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("earliestDateAvailable", FieldReader.RestDateTime(FieldReader.Stamp(Math.Max(store.DeleteLogBegins, store.Now - (uint)OrgStore.BinAge.TotalSeconds))));
            json.WriteString("latestDateCovered", FieldReader.RestDateTime(FieldReader.Stamp(end / 60 * 60)));
            json.WriteEndObject();
        });
    }

    public static ApiAnswer Updated(OrgStore store, ObjectType type, ApiRequest request, int most)
    {
        var (start, end) = Window(type, request, store, 30);
        var ids = Soql.Reach.Stamped(store.Table(type).Snapshot(), start, end + 1).Where(row => !row.IsDeleted && row.Modstamp >= start && row.Modstamp <= end)
            .Select(row => row.Id).Take(most + 1).ToList();
        if (ids.Count > most) throw new ApiException(400, "EXCEEDED_ID_LIMIT", "exceeded id limit");
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("ids");
            foreach (var id in ids) json.WriteStringValue(id);
            json.WriteEndArray();
            json.WriteString("latestDateCovered", FieldReader.RestDateTime(FieldReader.Stamp(end / 60 * 60)));
            json.WriteEndObject();
        });
    }

    private static (uint Start, uint End) Window(ObjectType type, ApiRequest request, OrgStore store, int days)
    {
        if (!type.Replicateable) throw new ApiException(400, "INVALID_TYPE_FOR_OPERATION", $"entity type {type.Name} is not replicatable");
        var (start, end) = (Read("start"), Read("end"));
        if (end < start + 60) throw new ApiException(400, "INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate");
        if (store.Now - Math.Min(store.Now, start) > days * 86_400L) throw new ApiException(400, "INVALID_REPLICATION_DATE", $"startDate cannot be more than {days} days ago");
        return (start, end);

        uint Read(string name) => request.Query.TryGetValue(name, out var text)
            && DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (uint)Math.Max(0, at.ToUnixTimeSeconds() / 60 * 60)      // seconds are ignored
            : throw new ApiException(400, "INVALID_REPLICATION_DATE", $"invalid or missing {name}");
    }
}
