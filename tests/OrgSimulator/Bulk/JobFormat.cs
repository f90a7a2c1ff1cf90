using System.Globalization;
using System.Text.Json;
using OrgSimulator.Rest;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Bulk;

/// <summary>Ids of jobs: one row of numbers for both kinds.</summary>
public sealed class JobNumbers(OrgStore store)
{
    private long _last;

    /// <summary>Jobs and their results are kept seven days.</summary>
    public const int KeptSeconds = 7 * 86_400;
    private const int ListPage = 1000;

    /// <summary>All jobs of a kind, 1,000 to a page, in no order that a client could rely on.</summary>
    public static ApiAnswer List<T>(ApiRequest request, string kind, IReadOnlyDictionary<string, T> jobs, Action<Utf8JsonWriter, T> write)
    {
        var other = request.Query.TryGetValue("jobType", out var wanted) && wanted.Length > 0 && !wanted.Equals(kind, StringComparison.OrdinalIgnoreCase);
        var offset = request.Query.TryGetValue("queryLocator", out var locator) && locator.Length > 0 ? Locator.Read(kind, locator) : 0;
        var ids = other ? [] : jobs.Keys.Order(StringComparer.Ordinal).Skip(offset).Take(ListPage + 1).ToList();
        var more = ids.Count > ListPage;
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("done", !more);
            json.WriteStartArray("records");
            foreach (var id in ids.Take(ListPage))
                if (jobs.TryGetValue(id, out var job)) write(json, job);
            json.WriteEndArray();
            json.WriteString("nextRecordsUrl", more ? $"{request.Base}/jobs/{request.Path[1]}?queryLocator={Locator.Write(kind, offset + ListPage)}" : null);
            json.WriteEndObject();
        });
    }

    public string Next() => SalesforceId.Compose("750", store.Instance, store.FirstNumber + Interlocked.Increment(ref _last));
}

/// <summary>Delimiter and line ending that a job was created with.</summary>
public sealed record JobFormat(string DelimiterName, char Delimiter, string LineEndingName)
{
    public string LineEnd => LineEndingName == "CRLF" ? "\r\n" : "\n";

    public static JobFormat Read(JsonElement body)
    {
        var type = Text(body, "contentType") ?? "CSV";
        if (type != "CSV") throw new ApiException(400, "API_ERROR", $"Unsupported content type: {type}");
        var name = Text(body, "columnDelimiter") ?? "COMMA";
        var delimiter = name switch
        {
            "COMMA" => ',',
            "TAB" => '\t',
            "PIPE" => '|',
            "SEMICOLON" => ';',
            "CARET" => '^',
            "BACKQUOTE" => '`',
            _ => throw new ApiException(400, "API_ERROR", $"Invalid column delimiter: {name}"),
        };
        var ending = Text(body, "lineEnding") ?? "LF";
        if (ending is not ("LF" or "CRLF")) throw new ApiException(400, "API_ERROR", $"Invalid line ending: {ending}");
        return new JobFormat(name, delimiter, ending);
    }

    public static string? Text(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static int Number(ApiRequest request, string name, int otherwise) =>
        request.Query.TryGetValue(name, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : otherwise;
}

/// <summary>Page marks: opaque, URL-safe and unpadded, because clients paste them into addresses unescaped.</summary>
public static class Locator
{
    public static string Write(string jobId, int offset) =>
        Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"0:{jobId}:{offset}")))
            .TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static int Read(string jobId, string locator)
    {
        var padded = locator.Replace('-', '+').Replace('_', '/').PadRight((locator.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        if (Convert.TryFromBase64String(padded, bytes, out var length)
            && System.Text.Encoding.ASCII.GetString(bytes, 0, length).Split(':') is ["0", var id, var offset] && id == jobId
            && int.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var at)) return at;
        throw new ApiException(400, "INVALID_LOCATOR", "The locator is invalid");
    }
}
