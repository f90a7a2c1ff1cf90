using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PulumiEngine.Projects;

/// <summary>
/// Pulumi.STACK.yaml as the program gets it: a flat map of texts (objects as JSON) and which keys are secret.
/// Secrets that Pulumi encrypted (<c>secure: v1:…</c>) can be read with Pulumi's key alone, so here they count as absent; a test form,
/// <c>secure: local:TEXT</c>, is read, and callers hand in secrets of their own.
/// </summary>
public sealed partial record StackFile(IReadOnlyDictionary<string, string> Values, IReadOnlySet<string> SecretKeys, IReadOnlyList<string> UnreadableKeys, IReadOnlyDictionary<string, bool> Announced)
{
    // Announced: keys that the file's comments tell the user to set (`# pulumi config set [--secret] KEY`), and whether they are secret.

    private const string TestForm = "local:";

    /// <param name="project">Keys without a namespace belong to the project.</param>
    public static StackFile Load(string path, string project)
    {
        var values = new Dictionary<string, string>();
        var secrets = new HashSet<string>();
        var unreadable = new List<string>();
        foreach (var (given, node) in Yaml.Load(path)["config"] as JsonObject ?? [])
        {
            var key = given.Contains(':', StringComparison.Ordinal) ? given : $"{project}:{given}";
            var (secret, readable) = (false, true);
            var value = Show(node, ref secret, ref readable);
            if (secret) secrets.Add(key);
            if (!readable) unreadable.Add(key);
            else if (value is not null) values[key] = Text(value);
        }
        var announced = new Dictionary<string, bool>();
        foreach (Match match in Announcement().Matches(File.ReadAllText(path)))
        {
            var key = match.Groups["key"].Value;
            key = key.Contains(':', StringComparison.Ordinal) ? key : $"{project}:{key}";
            if (!values.ContainsKey(key) && !unreadable.Contains(key)) announced[key] = match.Groups["secret"].Success;
        }
        return new StackFile(values, secrets, unreadable, announced);
    }

    private static JsonNode? Show(JsonNode? node, ref bool secret, ref bool readable)
    {
        switch (node)
        {
            case JsonObject { Count: 1 } map when map.TryGetPropertyValue("secure", out var cipher) && cipher is JsonValue:
                secret = true;
                var text = (string)cipher!;
                if (text.StartsWith(TestForm, StringComparison.Ordinal)) return JsonValue.Create(text[TestForm.Length..]);
                readable = false;
                return null;
            case JsonObject map:
                var members = new JsonObject();
                foreach (var (name, member) in map) members[name] = Show(member, ref secret, ref readable)?.DeepClone();
                return members;
            case JsonArray list:
                var elements = new JsonArray();
                foreach (var element in list) elements.Add(Show(element, ref secret, ref readable)?.DeepClone());
                return elements;
            default: return node;
        }
    }

    private static string Text(JsonNode value) => value switch
    {
        JsonValue plain when plain.GetValueKind() is JsonValueKind.String => (string)plain!,
        _ => value.ToJsonString(),
    };

    [GeneratedRegex(@"^#\s*pulumi config set (?<secret>--secret )?(?<key>[\w:.]+)", RegexOptions.Multiline)]
    private static partial Regex Announcement();
}
