using System.Text.Json;
using System.Text.RegularExpressions;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>
/// search (SOSL) and parameterizedSearch, as far as a client can tell them from the outside: every word must begin a word of some text field.
/// There is no index behind it, so a search reads every record.
/// </summary>
public sealed partial class SearchResource(OrgStore store, Func<ApiRequest, ApiAnswer> handle)
{
    private const int MostResults = 2000;

    /// <param name="Object">API name.</param>
    /// <param name="Fields">Fields to give, as SOQL lists them.</param>
    /// <param name="Rest">WHERE, ORDER BY and LIMIT.</param>
    private sealed record Scope(string Object, string Fields, string Rest);

    public ApiAnswer Sosl(ApiRequest request)
    {
        if (!request.Query.TryGetValue("q", out var text)) throw Malformed("A search string has to be specified");
        var match = Find().Match(text);
        if (!match.Success) throw Malformed("No search term found. The search term must be enclosed in braces.");
        var scopes = new List<Scope>();
        foreach (Match scope in Returning().Matches(match.Groups["returning"].Value))
        {
            var (fields, rest) = Split(scope.Groups["fields"].Value);
            scopes.Add(new Scope(scope.Groups["object"].Value, fields, rest));
        }
        return Answer(request, match.Groups["term"].Value, scopes);
    }

    public ApiAnswer Parameterized(ApiRequest request)
    {
        var scopes = new List<Scope>();
        if (request.Method == "GET")
        {
            if (!request.Query.TryGetValue("q", out var text)) throw Malformed("A search string has to be specified");
            if (request.Query.TryGetValue("sobject", out var name))
                scopes.Add(new Scope(name, request.Query.GetValueOrDefault(name + ".fields") ?? request.Query.GetValueOrDefault("fields") ?? "Id",
                    request.Query.GetValueOrDefault(name + ".limit") is { } limit ? "LIMIT " + limit : ""));
            return Answer(request, text, scopes);
        }
        var body = request.Json();
        var shared = body.TryGetProperty("fields", out var common) ? string.Join(", ", common.EnumerateArray().Select(field => field.GetString())) : "Id";
        if (body.TryGetProperty("sobjects", out var objects))
            foreach (var one in objects.EnumerateArray())
                scopes.Add(new Scope(CompositeRequest.Text(one, "name"), one.TryGetProperty("fields", out var own) ? string.Join(", ", own.EnumerateArray().Select(field => field.GetString())) : shared,
                    (one.TryGetProperty("where", out var where) ? $"WHERE {where.GetString()} " : "") + (one.TryGetProperty("limit", out var limit) ? $"LIMIT {limit}" : "")));
        return Answer(request, CompositeRequest.Text(body, "q"), scopes);
    }

    private ApiAnswer Answer(ApiRequest request, string term, List<Scope> scopes)
    {
        var words = term.Split([' ', '"', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Where(word => word is not ("AND" or "OR" or "NOT")).Select(word => word.Trim('*', '?')).Where(word => word.Length > 0).ToArray();
        if (words.Length == 0 || words.All(word => word.Length < 2)) throw Malformed($"search term must be longer than one character: {term}");
        if (scopes.Count == 0)
            scopes = [.. store.Schema.Objects.Where(type => type is { Queryable: true, Setup: false, KeyPrefix: not null, QueryRefusal: null } && type.NameField is not null).Select(type => new Scope(type.Name, "Id", ""))];
        var records = new List<JsonElement>();
        foreach (var scope in scopes)
        {
            var type = store.Schema.Find(scope.Object) ?? throw new ApiException(400, "INVALID_TYPE", $"sObject type '{scope.Object}' is not supported.");
            var ids = store.Table(type).Live().Where(row => Array.TrueForAll(words, word => Holds(type, row, word))).Select(row => row.Id).Take(MostResults - records.Count).ToList();
            if (ids.Count == 0) continue;
            var (where, tail) = scope.Rest.StartsWith("WHERE ", StringComparison.OrdinalIgnoreCase) ? Tail(scope.Rest[6..]) : ("", scope.Rest);
            var soql = $"SELECT {(scope.Fields.Length == 0 ? "Id" : scope.Fields)} FROM {type.Name} WHERE Id IN ({string.Join(",", ids.Select(id => $"'{id}'"))}){(where.Length > 0 ? $" AND ({where})" : "")} {tail}";
            var found = CompositeRequest.Materialise(handle(request with { Method = "GET", Path = ["query"], Query = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["q"] = soql } }).Json!);
            if (found.ValueKind == JsonValueKind.Array) throw new ApiException(400, found[0].GetProperty("errorCode").GetString()!, found[0].GetProperty("message").GetString()!);
            records.AddRange(found.GetProperty("records").EnumerateArray().Select(record => record.Clone()));
        }
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("searchRecords");
            foreach (var record in records) record.WriteTo(json);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static bool Holds(ObjectType type, Row row, string word)
    {
        foreach (var field in type.Fields)
        {
            if (!field.Type.IsText() || FieldReader.Text(type, field, row) is not { } text) continue;
            for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
                if (at == 0 || !char.IsLetterOrDigit(text[at - 1])) return true;
        }
        return false;
    }

    /// <summary>Fields on the one hand, WHERE and what follows on the other.</summary>
    private static (string Fields, string Tail) Split(string inside)
    {
        var at = Clause().Match(inside);
        return at.Success ? (inside[..at.Index].Trim(), inside[at.Index..].Trim()) : (inside.Trim(), "");
    }

    private static (string Where, string Tail) Tail(string text)
    {
        var at = AfterWhere().Match(text);
        return at.Success ? (text[..at.Index].Trim(), text[at.Index..].Trim()) : (text.Trim(), "");
    }

    private static ApiException Malformed(string message) => new(400, "MALFORMED_SEARCH", message);

    [GeneratedRegex(@"^\s*FIND\s*\{(?<term>[^}]*)\}(\s+IN\s+\w+\s+FIELDS)?(\s+RETURNING\s+(?<returning>.*?))?(\s+LIMIT\s+\d+)?\s*$", RegexOptions.IgnoreCase | RegexOptions.Singleline, 1000)]
    private static partial Regex Find();

    [GeneratedRegex(@"(?<object>\w+)\s*(\((?<fields>[^()]*(\([^()]*\)[^()]*)*)\))?\s*,?", RegexOptions.None, 1000)]
    private static partial Regex Returning();

    [GeneratedRegex(@"\b(WHERE|ORDER\s+BY|LIMIT|OFFSET)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Clause();

    [GeneratedRegex(@"\b(ORDER\s+BY|LIMIT|OFFSET)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AfterWhere();
}
