using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Provisioner.Delivery.Settings;

/// <summary>A stack's file (Pulumi.NAME.yaml), read as Pulumi would hand it to the program.</summary>
/// <param name="Input">Without the sealed secrets.</param>
/// <param name="SealedKeys">Secrets that stand there encrypted; only Pulumi opens them.</param>
public sealed record StackFile(StackInput Input, ImmutableArray<string> SealedKeys)
{
    /// <exception cref="FormatException">The file is no stack file; the message says where.</exception>
    public static StackFile Parse(string stack, string yaml)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var sealedKeys = ImmutableArray.CreateBuilder<string>();
        try
        {
            var documents = new YamlStream();
            documents.Load(new StringReader(yaml));
            if (documents.Documents.Count == 0) return new StackFile(new StackInput(stack, values, ImmutableHashSet<string>.Empty), []);
            if (documents.Documents[0].RootNode is not YamlMappingNode root) throw new FormatException("The stack's file holds no map.");
            if (!root.Children.TryGetValue("config", out var config)) return new StackFile(new StackInput(stack, values, ImmutableHashSet<string>.Empty), []);
            if (config is not YamlMappingNode keys) throw new FormatException("config in the stack's file is no map.");
            foreach (var (name, value) in keys.Children)
            {
                var key = (name as YamlScalarNode)?.Value ?? throw new FormatException($"Line {name.Start.Line}: a key must be a text.");
                if (HoldsSecure(value)) sealedKeys.Add(key);
                else values[key] = value is YamlScalarNode scalar ? scalar.Value ?? "" : Json(value)?.ToJsonString() ?? "";
            }
        }
        catch (YamlException broken)
        {
            throw new FormatException($"The stack's file is no YAML: line {broken.Start.Line}: {broken.Message}", broken);
        }
        return new StackFile(new StackInput(stack, values, sealedKeys.ToHashSet()), sealedKeys.ToImmutable());
    }

    /// <summary>The stack's name by its file's: "acme" of "stacks/Pulumi.acme.yaml"; null for a file that is named otherwise.</summary>
    public static string? NameOf(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith("Pulumi.", StringComparison.Ordinal) && Path.GetExtension(name) is ".yaml" or ".yml" && Path.GetFileNameWithoutExtension(name) is { Length: > 7 } stem ? stem[7..] : null;
    }

    /// <summary>The same stack with its secrets opened.</summary>
    public StackInput With(IEnumerable<KeyValuePair<string, string>> secrets)
    {
        var values = new Dictionary<string, string>(Input.Values, StringComparer.Ordinal);
        var keys = new HashSet<string>(Input.SecretKeys);
        foreach (var (key, value) in secrets)
        {
            values[key] = value;
            keys.Add(key);
        }
        return Input with { Values = values, SecretKeys = keys };
    }

    private static bool HoldsSecure(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.ContainsKey("secure") || map.Children.Values.Any(HoldsSecure),
        YamlSequenceNode list => list.Children.Any(HoldsSecure),
        _ => false,
    };

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", Json(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value ?? ""),
        YamlScalarNode text => text.Value,
        _ => null,
    };

    private static JsonNode? Plain(string text) =>
        text is "" or "~" or "null" ? null
        : text is "true" or "false" ? text == "true"
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : text;
}
