using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PulumiEngine.Tests;

/// <summary>Calls of a recording in a form in which two runs can be compared: what has no order is sorted, what differs by chance is named alike.</summary>
internal static partial class WireText
{
    /// <summary>Lists that are sets on the wire.</summary>
    private static readonly string[] Sets = ["dependencies", "urns"];

    /// <summary>One line per call, sorted. Debug messages and how often a feature is asked for are chance.</summary>
    public static IReadOnlyList<string> Calls(JsonNode run) => [.. run["calls"]!.AsArray()
        .Select(c => (Method: (string)c!["method"]!, Request: c["request"]!.AsObject()))
        .Where(c => !c.Method.EndsWith("/Log", StringComparison.Ordinal) || c.Request.ContainsKey("severity"))
        .Select(c => Line(c.Method, c.Request)).Distinct().Order(StringComparer.Ordinal)];

    private static string Line(string method, JsonObject request)
    {
        var text = $"{method} {Canonical(request)?.ToJsonString()}";
        text = Guid().Replace(text, "GUID");
        // Where the program lies and how its stack trace reads is not the protocol's.
        return StackTrace().Replace(ProgramPath().Replace(text, "Running program '…'"), "");
    }

    private static JsonNode? Canonical(JsonNode? node, string name = "") => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Canonical(m.Value, m.Key)))),
        JsonArray list when Sets.Contains(name) => new JsonArray([.. list.Select(e => (string)e!).Order(StringComparer.Ordinal).Select(e => JsonValue.Create(e))]),
        JsonArray list => new JsonArray([.. list.Select(e => Canonical(e))]),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex("(?<=::)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Guid();

    [GeneratedRegex("Running program .*?(?= failed)")]
    private static partial Regex ProgramPath();

    [GeneratedRegex(@"\\n   at .*?(?="")")]
    private static partial Regex StackTrace();
}
