using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Cloud.Tests;

/// <summary>What a recording says that the program asked for. Secret values are replaced by null: what is left may be seen by anybody.</summary>
/// <param name="Waits">URNs of what must stand before it is made.</param>
internal sealed record Registration(string Type, string Name, JsonObject Inputs, bool Protect, IReadOnlyList<string> Waits)
{
    private const string Marker = "4dabf18193072939515e22adb298388d";
    private const string SecretMark = "1b47061264138c4ac30d75fd1eb44270";

    public string? Text(string path) => Node(path)?.ToString();

    public JsonNode? Node(string path) => path.Split('.').Aggregate((JsonNode?)Inputs, (node, name) => node is JsonObject o ? o[name] : null);

    public override string ToString() => $"{Type} {Name}";

    /// <summary>Read once: many tests look at the same recording.</summary>
    public static IReadOnlyList<Registration> Of(string recording) => Known.GetOrAdd(recording, Read);

    private static readonly ConcurrentDictionary<string, IReadOnlyList<Registration>> Known = new();

    private static IReadOnlyList<Registration> Read(string recording) =>
    [
        .. Calls(recording).Where(c => Method(c) == "RegisterResource").Select(c => c["request"]!.AsObject())
            .Select(r => new Registration((string)r["type"]!, (string)r["name"]!, Open(r["object"]) as JsonObject ?? [], (bool?)r["protect"] ?? false, [.. Texts(r["dependencies"])])),
    ];

    /// <summary>Everything in a recording that is not under a secret's marker.</summary>
    public static IEnumerable<string> OpenTexts(string recording) => Texts(Open(JsonNode.Parse(File.ReadAllText(recording))));

    public static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => Texts(p.Value).Prepend(p.Key)),
        JsonArray a => a.SelectMany(Texts),
        JsonValue v when v.TryGetValue(out string? text) => [text],
        _ => [],
    };

    public static JsonNode? Open(JsonNode? node) => node switch
    {
        JsonObject o when (string?)(o[Marker] as JsonValue) == SecretMark => null,
        JsonObject o => new JsonObject(o.Select(p => KeyValuePair.Create(p.Key, Open(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Open)]),
        _ => node?.DeepClone(),
    };

    private static IEnumerable<JsonObject> Calls(string recording) => JsonNode.Parse(File.ReadAllText(recording))!["runs"]!.AsObject().SelectMany(r => r.Value!["calls"]!.AsArray()).Select(c => c!.AsObject());

    private static string Method(JsonObject call) => ((string)call["method"]!).Split('/')[^1];
}
