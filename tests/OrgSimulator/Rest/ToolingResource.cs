using System.Globalization;
using System.Text.RegularExpressions;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>
/// Of the Tooling API the one question that tells a custom field from another of its name: <c>SELECT Id, EntityDefinition.QualifiedApiName, DeveloperName, NamespacePrefix FROM CustomField</c>.
/// </summary>
public sealed partial class ToolingResource(OrgStore store)
{
    private const int PageRows = 2000;

    public ApiAnswer Handle(ApiRequest request)
    {
        if (request.Path.Count < 2 || !request.Path[1].Equals("query", StringComparison.OrdinalIgnoreCase)) throw ApiException.NotFound;
        if (request.Method != "GET") throw ApiException.NotAllowed(request.Method, "HEAD, GET");
        var offset = 0;
        if (request.Path.Count > 2 && !int.TryParse(request.Path[2].AsSpan(request.Path[2].LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out offset))
            throw new ApiException(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
        if (request.Path.Count == 2 && (!request.Query.TryGetValue("q", out var soql) || !Known().IsMatch(soql)))
            throw new ApiException(400, "INVALID_TYPE", "this simulator's Tooling API knows no question but the one for the ids of custom fields");
        var fields = store.Schema.Objects.SelectMany(type => type.Fields.Where(field => field.Custom && !field.Name.EndsWith("__pc", StringComparison.Ordinal)).Select(field => (type, field))).ToList();
        return ApiAnswer.Of(json =>
        {
            var page = fields.Skip(offset).Take(PageRows).ToList();
            json.WriteStartObject();
            json.WriteNumber("size", page.Count);
            json.WriteNumber("totalSize", fields.Count);
            json.WriteBoolean("done", offset + page.Count == fields.Count);
            if (offset + page.Count < fields.Count) json.WriteString("nextRecordsUrl", string.Create(CultureInfo.InvariantCulture, $"{request.Base}/tooling/query/01g000000000001AAA-{offset + page.Count}"));
            json.WriteString("entityTypeName", "CustomField");
            json.WriteStartArray("records");
            foreach (var (type, field) in page)
            {
                var (prefix, name) = Parts(field.Name);
                json.WriteStartObject();
                json.WriteStartObject("attributes");
                json.WriteString("type", "CustomField");
                json.WriteEndObject();
                json.WriteString("Id", IdOf(type, field));
                json.WriteStartObject("EntityDefinition");
                json.WriteString("QualifiedApiName", type.Name);
                json.WriteEndObject();
                json.WriteString("DeveloperName", name);
                json.WriteString("NamespacePrefix", prefix);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>A field that is made again gets a slot of its own, and an object a prefix: with them its id is another one.</summary>
    private string IdOf(ObjectType type, Field field)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in $"{type.KeyPrefix}.{type.Name}.{field.Name}.{field.Slot}") hash = (hash ^ letter) * 1099511628211UL;
        return SalesforceId.Compose("00N", store.Instance, (long)(hash % 839_299_365_868_340_224UL));        // 62^10
    }

    private static (string? Prefix, string Name) Parts(string field)
    {
        var bare = field[..field.LastIndexOf("__", StringComparison.Ordinal)];
        var at = bare.IndexOf("__", StringComparison.Ordinal);
        return at < 0 ? (null, bare) : (bare[..at], bare[(at + 2)..]);
    }

    [GeneratedRegex(@"^\s*SELECT Id, EntityDefinition\.QualifiedApiName, DeveloperName, NamespacePrefix FROM CustomField\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Known();
}
