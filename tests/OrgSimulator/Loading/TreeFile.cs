using System.Text.Json;
using OrgSimulator.Schema;
using OrgSimulator.Soql;

namespace OrgSimulator.Loading;

/// <summary>One tree JSON file: records with attributes, fields in any letter case, <c>@name</c> for a record of the same plan.</summary>
public sealed class TreeFile(string path, JsonElement root)
{
    private readonly Dictionary<string, string> _types = References(root.GetProperty("records"));

    public static bool IsTree(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("records", out var records)
        && records.ValueKind == JsonValueKind.Array && records.EnumerateArray().All(record => record.ValueKind == JsonValueKind.Object && TypeOf(record) is not null);

    /// <summary>References in the files that no record of the files bears.</summary>
    public static List<string> Unresolved(IReadOnlyList<TreeFile> files, OrgSchema schema)
    {
        var known = Known(files);
        return [.. files.SelectMany(file => file.AllRecords(file.Records)).SelectMany(record => record.EnumerateObject()
            .Where(property => Reference(property) is { } name && !known.ContainsKey(name) && schema.Find(TypeOf(record)!)?.Find(property.Name) is null or { Type: FieldType.Reference })
            .Where(property => Reference(property) is { } name && !known.ContainsKey(name))
            .Select(property => $"{property.Name} {property.Value.GetString()}"))];
    }

    /// <summary>Its records, one <see cref="LoadedObject"/> per object, children after parents.</summary>
    public List<LoadedObject> Load(string keySet, IReadOnlyList<TreeFile> plan, OrgSchema schema)
    {
        var objects = new List<LoadedObject>();
        Read(Records, null, objects, keySet, Known(plan), schema);
        return objects;
    }

    private JsonElement Records => root.GetProperty("records");

    private static Dictionary<string, string> Known(IReadOnlyList<TreeFile> files)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, type) in files.SelectMany(file => file._types)) known[name] = type;
        return known;
    }

    private void Read(JsonElement records, (string Relation, string ParentType, string ParentKey)? under, List<LoadedObject> objects, string keySet,
        Dictionary<string, string> known, OrgSchema schema)
    {
        var number = 0;
        foreach (var record in records.EnumerateArray())
        {
            number++;
            var typeName = TypeOf(record) ?? throw new LoadException(path, null, $"record {number} has no attributes.type", "Add the object's name");
            var type = schema.Find(typeName);
            var loaded = objects.Find(existing => existing.Name.Equals(typeName, StringComparison.OrdinalIgnoreCase));
            if (loaded is null) objects.Add(loaded = new LoadedObject(type?.Name ?? typeName));
            var key = Key(record) ?? $"{path}#{typeName}{loaded.Records.Count}";
            var values = new List<LoadedValue>();
            if (under is var (relation, parentType, parentKey))
            {
                var lookup = type?.Fields.FirstOrDefault(field => field.ReferenceTo.Contains(parentType) && relation.Equals(Binder.ChildName(new ChildLink(type, field)), StringComparison.OrdinalIgnoreCase))
                    ?? throw new LoadException(path, null, $"{parentType} has no child relationship {relation} to {typeName}", "Use the name that the describe of the parent gives");
                values.Add(new LoadedValue(lookup.Name, parentKey, keySet));
            }
            foreach (var property in record.EnumerateObject())
            {
                if (property.NameEquals("attributes")) continue;
                if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("records", out _)) continue;
                var field = type?.Find(property.Name);
                if (Reference(property) is { } name && (field?.Type == FieldType.Reference || field is null && known.ContainsKey(name)))
                {
                    if (field is null) loaded.Lookups[property.Name] = known[name];
                    values.Add(new LoadedValue(field?.Name ?? property.Name, name, keySet));
                }
                else values.Add(new LoadedValue(field?.Name ?? property.Name, Text(property, number)));
            }
            loaded.Records.Add(new LoadedRecord(key, $"{path}, record {number}", values));
            foreach (var property in record.EnumerateObject())
                if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("records", out var children))
                    Read(children, (property.Name, type?.Name ?? typeName, key), objects, keySet, known, schema);
        }
    }

    private string? Text(JsonProperty property, int record) => property.Value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => property.Value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => property.Value.GetRawText(),
        _ => throw new LoadException(path, null, $"record {record}: {property.Name} is neither text, number, boolean nor null", "Children must be {\"records\": [...]}"),
    };

    private IEnumerable<JsonElement> AllRecords(JsonElement records)
    {
        foreach (var record in records.EnumerateArray())
        {
            yield return record;
            foreach (var property in record.EnumerateObject())
                if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("records", out var children))
                    foreach (var child in AllRecords(children)) yield return child;
        }
    }

    private static Dictionary<string, string> References(JsonElement records)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var record in records.EnumerateArray())
        {
            if (Key(record) is { } key) types[key] = TypeOf(record)!;
            foreach (var property in record.EnumerateObject())
                if (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("records", out var children))
                    foreach (var (name, type) in References(children)) types[name] = type;
        }
        return types;
    }

    private static string? Reference(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() is ['@', _, ..] text && text.AsSpan(1).IndexOfAny(" \n\t@") < 0 ? text[1..] : null;

    private static string? Key(JsonElement record) =>
        record.TryGetProperty("attributes", out var attributes) && attributes.TryGetProperty("referenceId", out var name) ? name.GetString() : null;

    private static string? TypeOf(JsonElement record) =>
        record.TryGetProperty("attributes", out var attributes) && attributes.TryGetProperty("type", out var type) ? type.GetString() : null;
}
