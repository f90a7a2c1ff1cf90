using System.Text.Json;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>Reads the record that a client sent as JSON.</summary>
public static class RecordInputJson
{
    public static RecordInput Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) throw new ApiException(400, "JSON_PARSER_ERROR", "The JSON of a record must be an object");
        var record = new RecordInput();
        foreach (var property in body.EnumerateObject())
        {
            if (property.NameEquals("attributes")) continue;
            if (property.Name.Equals("Id", StringComparison.OrdinalIgnoreCase)) record.Id = property.Value.GetString();
            else if (property.Value.ValueKind == JsonValueKind.Object) ReadParentKey(record, property);
            else record.Set(property.Name, Text(property.Value));
        }
        return record;
    }

    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new ApiException(400, "JSON_PARSER_ERROR", $"Cannot deserialize a field from {value.ValueKind}"),
    };

    private static void ReadParentKey(RecordInput record, JsonProperty property)
    {
        foreach (var key in property.Value.EnumerateObject())
            if (!key.NameEquals("attributes")) record.Set($"{property.Name}.{key.Name}", Text(key.Value));
    }
}
