using System.Text.Json;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>Collections, trees, batches and composites.</summary>
public sealed class CompositeResource(Dml dml, ApiMeter meter, Func<ApiRequest, ApiAnswer> handle)
{
    private readonly CompositeRequest _composite = new(dml, handle);
    private readonly OrgStore _store = dml.Store;

    public ApiAnswer Handle(ApiRequest request)
    {
        if (request.Path.Count == 1) return request.Method == "POST" ? _composite.Run(request) : throw ApiException.NotAllowed(request.Method, "POST");
        return request.Path[1].ToLowerInvariant() switch
        {
            "sobjects" => Collection(request),
            "tree" when request.Path.Count == 3 && request.Method == "POST" => new TreeRequest(dml, request).Run(Type(request.Path[2])),
            "batch" when request.Method == "POST" => Batch(request),
            "graph" when request.Method == "POST" => _composite.RunGraphs(request),
            _ => throw ApiException.NotFound,
        };
    }

    private ApiAnswer Collection(ApiRequest request)
    {
        var path = request.Path;
        switch (request.Method)
        {
            case "POST" when path.Count == 2: return Save(request, insert: true);
            case "PATCH" when path.Count == 2: return Save(request, insert: false);
            case "PATCH" when path.Count == 4: return Upsert(request, Type(path[2]), path[3]);
            case "DELETE" when path.Count == 2:
                var ids = List(request, "ids");
                if (ids.Length > 200) throw TooMany(200);
                return Results(dml.Delete(ids, request.Query.TryGetValue("allOrNone", out var all) && all.Equals("true", StringComparison.OrdinalIgnoreCase)));
            case "GET" when path.Count == 3: return Retrieve(request, Type(path[2]), List(request, "ids"), List(request, "fields"));
            case "POST" when path.Count == 3:
                var body = request.Json();
                return Retrieve(request, Type(path[2]), Strings(body, "ids"), Strings(body, "fields"));
            default: throw ApiException.NotAllowed(request.Method, "GET, POST, PATCH, DELETE");
        }
    }

    private ApiAnswer Save(ApiRequest request, bool insert)
    {
        var body = request.Json();
        var records = Records(body).Select(json => (Type: TypeOf(json), Record: RecordInputJson.Read(json))).ToList();
        var chunks = records.Count == 0 ? 0 : 1 + records.Zip(records.Skip(1)).Count(pair => pair.First.Type != pair.Second.Type);
        if (chunks > 10) throw new ApiException(400, "INVALID_INPUT", "Cannot have more than 10 chunks per operation. Rearrange the requests to reduce chunking.");
        return Results(dml.Save(records, insert, AllOrNone(body)));
    }

    private ApiAnswer Upsert(ApiRequest request, ObjectType type, string fieldName)
    {
        var body = request.Json();
        if (type.Find(fieldName) is not { } key || !(key.ExternalId || key.IdLookup))
            throw new ApiException(404, "NOT_FOUND", $"Provided external ID field does not exist or is not accessible: {fieldName}");
        return Results(dml.Upsert(type, key, [.. Records(body).Select(RecordInputJson.Read)], AllOrNone(body)), withCreated: true);
    }

    private ApiAnswer Retrieve(ApiRequest request, ObjectType type, string[] ids, string[] names)
    {
        if (ids.Length > 2000) throw TooMany(2000);
        var fields = names.Select(name => type.Find(name) ?? throw new ApiException(400, "INVALID_FIELD", $"No such column '{name}' on sobject of type {type.Name}", [name])).ToList();
        var writer = new RecordJson(_store, request.Base);
        return ApiAnswer.Of(json =>
        {
            json.WriteStartArray();
            foreach (var given in ids)
            {
                if (SalesforceId.Complete(given) is { } id && _store.Table(type).FindLive(id) is { } row) writer.Record(json, type, row, fields);
                else json.WriteNullValue();
            }
            json.WriteEndArray();
        });
    }

    private ApiAnswer Batch(ApiRequest request)
    {
        var body = request.Json();
        if (!body.TryGetProperty("batchRequests", out var requests) || requests.ValueKind != JsonValueKind.Array)
            throw new ApiException(400, "JSON_PARSER_ERROR", "batchRequests is missing");
        if (requests.GetArrayLength() > 25) throw new ApiException(400, "LIMIT_EXCEEDED", "Batch size of the request exceeds the limit of 25");
        var halt = body.TryGetProperty("haltOnError", out var stop) && stop.ValueKind == JsonValueKind.True;
        var answers = new List<ApiAnswer>();
        foreach (var sub in requests.EnumerateArray())
        {
            if (halt && answers.Exists(answer => answer.Status >= 400))
            {
                answers.Add(ApiAnswer.Failure(412, "BATCH_PROCESSING_HALTED", "Batch processing was halted by a failure"));
                continue;
            }
            if (answers.Count > 0) meter.Count();       // each of them counts; the first is the call itself
            var payload = sub.TryGetProperty("richInput", out var input) ? JsonSerializer.SerializeToUtf8Bytes(input) : [];
            var answer = handle(CompositeRequest.Sub(request, CompositeRequest.Text(sub, "method"), CompositeRequest.Text(sub, "url"), payload));
            answers.Add(answer.Stream is null ? answer : ApiAnswer.Failure(400, "INVALID_INPUT", "Binary data cannot be read or written in a batch request"));
        }
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("hasErrors", answers.Exists(answer => answer.Status >= 400));
            json.WriteStartArray("results");
            foreach (var answer in answers)
            {
                json.WriteStartObject();
                json.WriteNumber("statusCode", answer.Status);
                json.WritePropertyName("result");
                if (answer.Json is { } write) write(json);
                else json.WriteNullValue();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private ObjectType Type(string name) => _store.Schema.Find(name) ?? throw ApiException.NotFound;

    private ObjectType TypeOf(JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object) throw new ApiException(400, "JSON_PARSER_ERROR", "The JSON of a record must be an object");
        var name = record.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object && attributes.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
        if (name is null) throw new ApiException(400, "INVALID_INPUT", "Include an attributes type in each record");
        return _store.Schema.Find(name) ?? throw new ApiException(400, "INVALID_TYPE", $"sObject type '{name}' is not supported. If you are attempting to use a custom object, "
            + "be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.");
    }

    private static List<JsonElement> Records(JsonElement body)
    {
        if (!body.TryGetProperty("records", out var records) || records.ValueKind != JsonValueKind.Array) throw new ApiException(400, "JSON_PARSER_ERROR", "records is missing");
        return records.GetArrayLength() <= 200 ? [.. records.EnumerateArray()] : throw TooMany(200);
    }

    private static bool AllOrNone(JsonElement body) => body.TryGetProperty("allOrNone", out var flag) && flag.ValueKind == JsonValueKind.True;

    private static ApiException TooMany(int limit) => new(400, "EXCEEDED_MAX_SIZE_REQUEST", $"record limit reached. cannot submit more than {limit} records into this call");

    private static string[] List(ApiRequest request, string name) =>
        request.Query.TryGetValue(name, out var text) ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : throw new ApiException(400, "INVALID_INPUT", $"{name} is missing");

    private static string[] Strings(JsonElement body, string name) =>
        body.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")]
            : throw new ApiException(400, "INVALID_INPUT", $"{name} is missing");

    private static ApiAnswer Results(IReadOnlyList<SaveResult> results, bool withCreated = false) => ApiAnswer.Of(json =>
    {
        json.WriteStartArray();
        foreach (var result in results) SObjectResource.Write(json, result, withCreated);
        json.WriteEndArray();
    });
}
