using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrgSimulator.Rest;

/// <summary>composite: up to 25 calls in one, the later ones naming results of the earlier by <c>@{reference.path}</c>.</summary>
public static partial class CompositeRequest
{
    public static ApiAnswer Run(ApiRequest request, Func<ApiRequest, ApiAnswer> handle)
    {
        var body = request.Json();
        if (!body.TryGetProperty("compositeRequest", out var calls) || calls.ValueKind != JsonValueKind.Array)
            throw new ApiException(400, "JSON_PARSER_ERROR", "compositeRequest is missing");
        if (calls.GetArrayLength() > 25) throw new ApiException(400, "LIMIT_EXCEEDED", "The compositeRequest can contain at most 25 subrequests");
        var results = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var answers = new List<(string Reference, ApiAnswer Answer)>();
        foreach (var call in calls.EnumerateArray())
        {
            var reference = call.GetProperty("referenceId").GetString()!;
            var url = Substitute(call.GetProperty("url").GetString()!, results);
            var payload = call.TryGetProperty("body", out var input) ? System.Text.Encoding.UTF8.GetBytes(Substitute(input.GetRawText(), results)) : [];
            var answer = handle(Sub(request, call.GetProperty("method").GetString()!, url, payload));
            if (answer.Json is { } write) results[reference] = Materialise(write);
            answers.Add((reference, answer));
        }
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("compositeResponse");
            foreach (var (reference, answer) in answers)
            {
                json.WriteStartObject();
                json.WritePropertyName("body");
                if (results.TryGetValue(reference, out var result)) result.WriteTo(json);
                else json.WriteNullValue();
                json.WriteStartObject("httpHeaders");
                json.WriteEndObject();
                json.WriteNumber("httpStatusCode", answer.Status);
                json.WriteString("referenceId", reference);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>A call inside another: its address may begin with /services/data or with the version.</summary>
    public static ApiRequest Sub(ApiRequest outer, string method, string url, byte[] body)
    {
        var target = RequestTarget.Parse(url.StartsWith("/services/data/", StringComparison.OrdinalIgnoreCase) ? url : "/services/data/" + url.TrimStart('/'));
        var version = target.Version ?? throw ApiException.NotFound;
        return outer with { Method = method.ToUpperInvariant(), Version = version, Path = target.Rest, Query = target.Query, Body = body, ContentType = "application/json" };
    }

    private static JsonElement Materialise(Action<Utf8JsonWriter> write)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory)) write(json);
        using var document = JsonDocument.Parse(memory.ToArray());
        return document.RootElement.Clone();
    }

    private static string Substitute(string text, Dictionary<string, JsonElement> results) => Reference().Replace(text, match =>
    {
        if (!results.TryGetValue(match.Groups[1].Value, out var element)) return match.Value;
        foreach (Capture step in match.Groups[2].Captures)
        {
            var name = step.Value.TrimStart('.');
            if (name.StartsWith('['))
            {
                var index = int.Parse(name.Trim('[', ']'), System.Globalization.CultureInfo.InvariantCulture);
                if (element.ValueKind != JsonValueKind.Array || index >= element.GetArrayLength()) return match.Value;
                element = element[index];
            }
            else if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return match.Value;
        }
        return element.ToString();
    });

    [GeneratedRegex(@"@\{(\w+)(\.\w+|\[\d+\])*\}")]
    private static partial Regex Reference();
}
