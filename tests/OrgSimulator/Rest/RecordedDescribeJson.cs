using System.Text.Json;
using System.Text.RegularExpressions;
using OrgSimulator.Schema;

namespace OrgSimulator.Rest;

/// <summary>Repeats what a real org said of an object; only version and host of the addresses are this org's own.</summary>
public sealed partial class RecordedDescribeJson(ApiRequest request)
{
    private readonly string _host = "http://" + (request.Header("Host") ?? "localhost");

    /// <param name="json">Where to write.</param>
    /// <param name="recorded">The object.</param>
    /// <param name="own">Writes the value of a key that the recording alone cannot tell.</param>
    public void Object(Utf8JsonWriter json, JsonElement recorded, IReadOnlyDictionary<string, Action> own)
    {
        json.WriteStartObject();
        foreach (var property in recorded.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            if (own.TryGetValue(property.Name, out var write)) write();
            else Value(json, property.Value);
        }
        json.WriteEndObject();
    }

    /// <summary>A field word for word, but for what this org may change about it.</summary>
    public static void Field(Utf8JsonWriter json, ObjectType type, Field field)
    {
        json.WriteStartObject();
        foreach (var property in field.Recorded!.Value.EnumerateObject())
            switch (property.Name)
            {
                case "createable": json.WriteBoolean(property.Name, field.Createable && (type.Createable || property.Value.GetBoolean())); break;
                case "updateable": json.WriteBoolean(property.Name, field.Updateable && (type.Updateable || property.Value.GetBoolean())); break;
                case "encrypted" when field.Shield != Shield.None: json.WriteBoolean(property.Name, true); break;
                case "filterable": json.WriteBoolean(property.Name, field.Filterable); break;
                case "sortable": json.WriteBoolean(property.Name, field.Sortable); break;
                case "groupable": json.WriteBoolean(property.Name, field.Groupable); break;
                default: property.WriteTo(json); break;
            }
        json.WriteEndObject();
    }

    public void Value(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    json.WritePropertyName(property.Name);
                    Value(json, property.Value);
                }
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Value(json, item);
                json.WriteEndArray();
                break;
            case JsonValueKind.String: json.WriteStringValue(Address(value.GetString()!)); break;
            default: value.WriteTo(json); break;
        }
    }

    private string Address(string text)
    {
        if (text.StartsWith("/services/data/v", StringComparison.Ordinal)) return Version().Replace(text, request.Base, 1);
        return text.StartsWith("https://", StringComparison.Ordinal) ? Host().Replace(text, _host, 1) : text;
    }

    [GeneratedRegex(@"^/services/data/v[^/]+")]
    private static partial Regex Version();

    [GeneratedRegex(@"^https://[^/]+")]
    private static partial Regex Host();
}
