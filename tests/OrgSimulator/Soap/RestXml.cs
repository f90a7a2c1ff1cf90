using System.Text.Json;
using System.Xml.Linq;

namespace OrgSimulator.Soap;

/// <summary>REST answers in the XML of the partner API.</summary>
public static class RestXml
{
    private static readonly XNamespace Partner = SoapEndpoint.Partner;
    public static readonly XNamespace SObject = "urn:sobject.partner.soap.sforce.com";

    public static XElement QueryResult(string name, JsonElement answer)
    {
        return new XElement(Partner + name, Type("QueryResult"), Done(answer), Locator(answer),
            answer.GetProperty("records").EnumerateArray().Select(record => Record("records", record)),
            new XElement(Partner + "size", answer.GetProperty("totalSize").GetInt32()));
    }

    private static XElement Done(JsonElement answer) => new(Partner + "done", answer.GetProperty("done").GetBoolean() ? "true" : "false");

    private static XElement Locator(JsonElement answer) =>
        answer.TryGetProperty("nextRecordsUrl", out var url) ? new XElement(Partner + "queryLocator", url.GetString()!.Split('/')[^1]) : Nil(Partner + "queryLocator");

    /// <summary>The object's name first, then its Id, which stands there even when nobody selected it.</summary>
    public static XElement Record(string name, JsonElement record) => new(Partner + name, Type("sf:sObject"), Fields(record));

    private static IEnumerable<XElement> Fields(JsonElement record)
    {
        yield return new XElement(SObject + "type", record.GetProperty("attributes").GetProperty("type").GetString());
        yield return record.GetProperty("attributes").TryGetProperty("url", out var url) ? new XElement(SObject + "Id", url.GetString()!.Split('/')[^1]) : Nil(SObject + "Id");
        foreach (var field in record.EnumerateObject())
            if (!field.NameEquals("attributes")) yield return Field(field.Name, field.Value);
    }

    private static XElement Field(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => Nil(SObject + name),
        JsonValueKind.Object when value.TryGetProperty("records", out var records) => new XElement(SObject + name, Type("QueryResult"),
            Done(value), Locator(value), records.EnumerateArray().Select(record => Record("records", record)),
            new XElement(Partner + "size", value.GetProperty("totalSize").GetInt32())),
        JsonValueKind.Object when value.TryGetProperty("attributes", out _) => new XElement(SObject + name, Type("sf:sObject"), Fields(value)),
        JsonValueKind.Object => new XElement(SObject + name, value.EnumerateObject().Select(part => Field(part.Name, part.Value))),
        JsonValueKind.True or JsonValueKind.False => new XElement(SObject + name, value.GetBoolean() ? "true" : "false"),
        JsonValueKind.Number => new XElement(SObject + name, value.GetRawText()),
        _ => new XElement(SObject + name, DateTime(value.GetString()!)),
    };

    /// <summary>Stamps end with Z in XML, with +0000 in JSON.</summary>
    private static string DateTime(string text) => text.Length == 28 && text.EndsWith("+0000", StringComparison.Ordinal) && text[10] == 'T' ? text[..23] + "Z" : text;

    /// <summary>A describe: members become elements, lists repeated ones.</summary>
    public static XElement Describe(string name, JsonElement value) => new(Partner + name, Members(value));

    private static IEnumerable<XElement> Members(JsonElement value)
    {
        foreach (var member in value.EnumerateObject())
            foreach (var one in member.Value.ValueKind == JsonValueKind.Array ? [.. member.Value.EnumerateArray()] : (JsonElement[])[member.Value])
                if (Value(member.Name, one) is { } element) yield return element;
    }

    private static XElement? Value(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object when name is "urls" => null,
        JsonValueKind.Object => Describe(name, value),
        JsonValueKind.True or JsonValueKind.False => new XElement(Partner + name, value.GetBoolean() ? "true" : "false"),
        JsonValueKind.Number => new XElement(Partner + name, value.GetRawText()),
        _ => new XElement(Partner + name, value.GetString()),
    };

    private static XAttribute Type(string type) => new(SoapEnvelope.Instance + "type", type);

    private static XElement Nil(XName name) => new(name, new XAttribute(SoapEnvelope.Instance + "nil", "true"));
}
