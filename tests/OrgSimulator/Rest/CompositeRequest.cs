using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>composite and composite/graph: calls in one, the later ones naming results of the earlier by <c>@{reference.path}</c>.</summary>
public sealed partial class CompositeRequest(Dml dml, Func<ApiRequest, ApiAnswer> handle)
{
    private const int MostCalls = 25;
    private const int MostQueries = 5;
    private const int MostNodes = 500;
    private const int MostGraphs = 75;
    private const int MostDepth = 15;
    private const int FailedGraphsBeforeHalt = 14;

    private sealed record Call(string Reference, string Method, string Url, JsonElement? Body);

    private sealed record Answered(string Reference, int Status, JsonElement? Body, string? Location)
    {
        public bool Failed => Status >= 400;
    }

    public ApiAnswer Run(ApiRequest request)
    {
        var body = request.Json();
        var calls = Calls(body, "compositeRequest");
        if (calls.Count > MostCalls) throw new ApiException(400, "LIMIT_EXCEEDED", $"The compositeRequest can contain at most {MostCalls} subrequests");
        if (calls.Count(IsCostly) > MostQueries)
            throw new ApiException(400, "LIMIT_EXCEEDED", $"The compositeRequest can contain at most {MostQueries} subrequests that are sObject Collections, Query or QueryAll requests");
        if (calls.GroupBy(call => call.Reference).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ApiException(400, "INVALID_INPUT", $"Duplicate ReferenceId provided in the request: {twice.Key}");
        var answers = body.TryGetProperty("allOrNone", out var all) && all.ValueKind == JsonValueKind.True ? Atomic(request, calls).Answers : Loose(request, calls);
        return ApiAnswer.Of(json => Response(json, answers));
    }

    /// <summary>Up to 75 graphs of 500 nodes in all, each carried out whole or not at all.</summary>
    public ApiAnswer RunGraphs(ApiRequest request)
    {
        var body = request.Json();
        if (!body.TryGetProperty("graphs", out var list) || list.ValueKind != JsonValueKind.Array) throw new ApiException(400, "JSON_PARSER_ERROR", "graphs is missing");
        var graphs = list.EnumerateArray().Select(graph => (Id: Text(graph, "graphId"), Calls: Calls(graph, "compositeRequest"))).ToList();
        if (graphs.Count > MostGraphs) throw new ApiException(400, "LIMIT_EXCEEDED", $"A request can contain at most {MostGraphs} graphs");
        if (graphs.Sum(graph => graph.Calls.Count) > MostNodes) throw new ApiException(400, "LIMIT_EXCEEDED", $"A request can contain at most {MostNodes} nodes");
        var results = new List<(string Id, List<Answered> Answers, bool Successful)>();
        foreach (var (id, calls) in graphs)
        {
            var (answers, successful) = results.Count(result => !result.Successful) >= FailedGraphsBeforeHalt
                ? (calls.ConvertAll(call => Halted(call.Reference, "The graph was not processed because too many graphs before it failed.")), false)
                : Depth(calls) > MostDepth
                    ? (calls.ConvertAll(call => Halted(call.Reference, $"The maximum depth of a graph is {MostDepth}.")), false)
                    : Atomic(request, calls);
            results.Add((id, answers, successful));
        }
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("graphs");
            foreach (var (id, answers, successful) in results)
            {
                json.WriteStartObject();
                json.WriteString("graphId", id);
                json.WritePropertyName("graphResponse");
                Response(json, answers);
                json.WriteBoolean("isSuccessful", successful);
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

    private List<Answered> Loose(ApiRequest request, List<Call> calls)
    {
        var results = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        return calls.ConvertAll(call => Answer(request, call, results));
    }

    /// <summary>One failure undoes everything: what went well before it is halted, too, in hindsight.</summary>
    private (List<Answered> Answers, bool Successful) Atomic(ApiRequest request, List<Call> calls)
    {
        const string because = "The transaction was rolled back since another operation in the same transaction failed.";
        var answers = new List<Answered>();
        var successful = dml.Transaction(() =>
        {
            var results = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var call in calls)
            {
                answers.Add(Answer(request, call, results));
                if (answers[^1].Failed || HoldsFailure(call, answers[^1])) return false;
            }
            return true;
        });
        if (successful) return (answers, true);
        return ([.. calls.Select((call, i) => i == answers.Count - 1 ? answers[i] : Halted(call.Reference, because))], false);
    }

    private Answered Answer(ApiRequest request, Call call, Dictionary<string, JsonElement> results)
    {
        try
        {
            var url = Substitute(call.Url, results);
            var payload = call.Body is { } input ? Encoding.UTF8.GetBytes(Substitute(input.GetRawText(), results)) : [];
            var answer = handle(Sub(request, call.Method, url, payload));
            if (answer.Stream is not null) return Failure(call.Reference, 400, "INVALID_INPUT", "Binary data cannot be read or written in a composite request");
            if (answer.Json is not { } write) return new Answered(call.Reference, answer.Status, null, null);
            var body = Materialise(write);
            results[call.Reference] = body;
            var location = answer.Status == 201 && body.ValueKind == JsonValueKind.Object && body.TryGetProperty("id", out var id) ? $"{url.Split('?')[0].TrimEnd('/')}/{id.GetString()}" : null;
            return new Answered(call.Reference, answer.Status, body, location);
        }
        catch (ApiException refused)
        {
            return Failure(call.Reference, refused.Status, refused.Code, refused.Message);
        }
    }

    /// <summary>Collections answer 200 though records failed; the outer allOrNone overrides theirs.</summary>
    private static bool HoldsFailure(Call call, Answered answer) => call.Url.Contains("composite/sobjects", StringComparison.OrdinalIgnoreCase) && answer.Body is { ValueKind: JsonValueKind.Array } rows
        && rows.EnumerateArray().Any(row => row.ValueKind == JsonValueKind.Object && row.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.False);

    private static bool IsCostly(Call call) => call.Url.Contains("/query", StringComparison.OrdinalIgnoreCase) || call.Url.Contains("/composite/sobjects", StringComparison.OrdinalIgnoreCase);

    private static int Depth(List<Call> calls)
    {
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var call in calls)
            depths[call.Reference] = 1 + Reference().Matches(call.Url + call.Body?.GetRawText()).Select(match => depths.GetValueOrDefault(match.Groups[1].Value)).DefaultIfEmpty().Max();
        return depths.Values.DefaultIfEmpty().Max();
    }

    private static List<Call> Calls(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var calls) || calls.ValueKind != JsonValueKind.Array) throw new ApiException(400, "JSON_PARSER_ERROR", $"{name} is missing");
        return [.. calls.EnumerateArray().Select(call => new Call(Text(call, "referenceId"), Text(call, "method"), Text(call, "url"), call.TryGetProperty("body", out var input) ? input.Clone() : null))];
    }

    /// <summary>A text that must be there.</summary>
    public static string Text(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()! : throw new ApiException(400, "JSON_PARSER_ERROR", $"{name} is missing or no text");

    private static Answered Halted(string reference, string message) => Failure(reference, 400, "PROCESSING_HALTED", message);

    private static Answered Failure(string reference, int status, string code, string message) => new(reference, status, Materialise(ApiAnswer.Failure(status, code, message).Json!), null);

    private static void Response(Utf8JsonWriter json, List<Answered> answers)
    {
        json.WriteStartObject();
        json.WriteStartArray("compositeResponse");
        foreach (var answer in answers)
        {
            json.WriteStartObject();
            json.WritePropertyName("body");
            if (answer.Body is { } body) body.WriteTo(json);
            else json.WriteNullValue();
            json.WriteStartObject("httpHeaders");
            if (answer.Location is { } location) json.WriteString("Location", location);
            json.WriteEndObject();
            json.WriteNumber("httpStatusCode", answer.Status);
            json.WriteString("referenceId", answer.Reference);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static JsonElement Materialise(Action<Utf8JsonWriter> write)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory)) write(json);
        using var document = JsonDocument.Parse(memory.ToArray());
        return document.RootElement.Clone();
    }

    private static string Substitute(string text, Dictionary<string, JsonElement> results) => Reference().Replace(text, match =>
    {
        var reference = match.Groups[1].Value;
        var missing = new ApiException(400, "PROCESSING_HALTED", $"Invalid reference specified. No value for {match.Value[2..^1]} found in {reference}");
        if (!results.TryGetValue(reference, out var element)) throw missing;
        foreach (Capture step in match.Groups[2].Captures)
        {
            var name = step.Value.TrimStart('.');
            if (name.StartsWith('['))
            {
                if (!int.TryParse(name.Trim('[', ']'), System.Globalization.CultureInfo.InvariantCulture, out var index) || element.ValueKind != JsonValueKind.Array || index >= element.GetArrayLength()) throw missing;
                element = element[index];
            }
            else if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) throw missing;
        }
        return element.ToString();
    });

    [GeneratedRegex(@"@\{(\w+)(\.\w+|\[\d+\])*\}")]
    private static partial Regex Reference();
}
