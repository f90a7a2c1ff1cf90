using System.Text.Json;
using OrgSimulator.Schema;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>composite/tree: parents and children in one body, all or nothing.</summary>
public sealed class TreeRequest(Dml dml, ApiRequest request)
{
    private readonly List<(string Reference, SaveResult Result)> _results = [];
    private readonly HashSet<string> _types = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _references = new(StringComparer.Ordinal);
    private int _count;

    public ApiAnswer Run(ObjectType type)
    {
        var records = request.Json().TryGetProperty("records", out var list) ? list : throw new ApiException(400, "JSON_PARSER_ERROR", "records is missing");
        Count(records, 1);
        dml.Transaction(() =>
        {
            Insert(type, records, null);
            return _results.TrueForAll(item => item.Result.Success);
        });
        var failed = _results.Where(item => !item.Result.Success).ToList();
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("hasErrors", failed.Count > 0);
            json.WriteStartArray("results");
            foreach (var (reference, result) in failed.Count > 0 ? failed : _results)
            {
                json.WriteStartObject();
                json.WriteString("referenceId", reference);
                if (result.Error is { } error)
                {
                    json.WriteStartArray("errors");
                    ApiAnswer.WriteError(json, "statusCode", error.Code, error.Message, error.Fields);
                    json.WriteEndArray();
                }
                else json.WriteString("id", result.Id);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }, failed.Count > 0 ? 400 : 201);
    }

    private void Count(JsonElement records, int level)
    {
        if (level > 5) throw new ApiException(400, "INVALID_INPUT", "The request exceeds the maximum depth of 5");
        foreach (var record in records.EnumerateArray())
        {
            if (++_count > 200) throw new ApiException(400, "INVALID_INPUT", "The request exceeds the maximum of 200 records");
            if (record.TryGetProperty("attributes", out var attributes) && attributes.TryGetProperty("type", out var name) && _types.Add(name.GetString()!) && _types.Count > 5)
                throw new ApiException(400, "INVALID_INPUT", "The request exceeds the maximum of 5 types");
            if (record.TryGetProperty("attributes", out attributes) && attributes.TryGetProperty("referenceId", out var reference) && !_references.Add(reference.GetString()!))
                throw new ApiException(400, "INVALID_INPUT", $"Duplicate ReferenceId provided in the request: {reference.GetString()}");
            foreach (var children in Children(record)) Count(children.Value.GetProperty("records"), level + 1);
        }
    }

    private void Insert(ObjectType type, JsonElement records, (Field Lookup, string Parent)? under)
    {
        foreach (var record in records.EnumerateArray())
        {
            var reference = record.TryGetProperty("attributes", out var attributes) && attributes.TryGetProperty("referenceId", out var name) ? name.GetString()! : "";
            var input = new RecordInput();
            foreach (var property in record.EnumerateObject())
                if (!property.NameEquals("attributes") && property.Value.ValueKind != JsonValueKind.Object) input.Set(property.Name, RecordInputJson.Text(property.Value));
            if (under is var (lookup, parent)) input.Set(lookup.Name, parent);
            var result = dml.Insert(type, [input])[0];
            _results.Add((reference, result));
            if (!result.Success) continue;
            foreach (var children in Children(record))
            {
                var link = dml.Store.Schema.ChildrenOf(type).FirstOrDefault(link => children.Name.Equals(Binder.ChildName(link), StringComparison.OrdinalIgnoreCase))
                    ?? throw new ApiException(400, "INVALID_FIELD", $"No such relation '{children.Name}' on sobject of type {type.Name}");
                Insert(link.Child, children.Value.GetProperty("records"), (link.Lookup, result.Id!));
            }
        }
    }

    private static IEnumerable<JsonProperty> Children(JsonElement record) =>
        record.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("records", out _));
}
