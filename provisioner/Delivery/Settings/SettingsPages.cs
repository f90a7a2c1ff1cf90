using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Provisioner.Delivery.Settings;

/// <summary>What is written from the table of keys: the list for people (stacks/README.md) and the schema for editors (stacks/settings.schema.json).</summary>
public static class SettingsPages
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All keys as Markdown tables, chapter by chapter.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder();
        foreach (var chapter in SettingKeys.All.GroupBy(k => k.Chapter))
        {
            page.Append(CultureInfo.InvariantCulture, $"### {chapter.Key}\n\n| key | meaning | value | needed, where |\n|---|---|---|---|\n");
            foreach (var key in chapter) page.Append(CultureInfo.InvariantCulture, $"| `{key.Name}` | {key.Meaning} | {Value(key)} | {Place(key)} |\n");
            page.Append('\n');
        }
        return page.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>JSON schema (draft-07, which YAML editors read) of a Pulumi.NAME.yaml of this project.</summary>
    public static string Schema()
    {
        var keys = new JsonObject();
        foreach (var key in SettingKeys.All) keys[key.FullName] = Property(key);
        return new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "A stack of the Backup & Archive appliance",
            ["description"] = "Written from the table of keys in provisioner/Delivery/Settings; what the keys mean together is judged by the program.",
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["config"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = keys,
                    ["patternProperties"] = new JsonObject { ["^(?!" + StackInput.Namespace + ":)"] = true },
                    ["additionalProperties"] = false,
                    ["required"] = new JsonArray([.. SettingKeys.All.Where(k => k.Required is { IsEmpty: true }).Select(k => (JsonNode)k.FullName)]),
                },
            },
        }.ToJsonString(Layout) + "\n";
    }

    private static string Value(SettingKey key)
    {
        var form = key.Kind switch
        {
            SettingKind.Choice => string.Join(", ", key.Choices.Select(c => $"`{c}`")),
            SettingKind.Whole => $"{key.Range!.Value.Least} to {key.Range.Value.Most}{(key.Unit is null ? "" : " " + key.Unit)}",
            SettingKind.Flag => "`true`, `false`",
            SettingKind.Text => key.Secret ? "" : string.Join("; ", key.Forms.Select(f => f.Cloud is null ? f.Means : $"{f.Cloud}: {f.Means}")),
            SettingKind.Cidr => "address/prefix",
            SettingKind.AddressOrCidr => "an address, or address/prefix",
            SettingKind.Cidrs => "a list of address/prefix",
            SettingKind.Emails => "e-mail addresses",
            SettingKind.DomainName => "a full name",
            SettingKind.Https => "an https:// address",
            SettingKind.Time => "HH:MM",
            SettingKind.Resolver => "address[:port]",
            SettingKind.Map => "a map of texts",
            _ => "",
        };
        var parts = new List<string>();
        if (key.Secret) parts.Add("**secret**");
        if (form.Length > 0) parts.Add(form);
        if (key.Default is { } value) parts.Add($"default `{value}`");
        if (key.DefaultByCloud is { } table) parts.Add("default " + string.Join(", ", table.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}: `{t.Value}`")));
        if (key.Example is { } example && key.Kind != SettingKind.Choice) parts.Add($"e.g. `{example}`");
        return string.Join("; ", parts).Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Place(SettingKey key)
    {
        var parts = new List<string>();
        if (key.Required is { } required) parts.Add(required.IsEmpty ? "always needed" : "needed where " + string.Join(" and ", required));
        if (!key.Only.IsEmpty && (key.Required is not { } same || !same.SequenceEqual(key.Only))) parts.Add("only where " + string.Join(" and ", key.Only));
        return string.Join("; ", parts);
    }

    private static JsonObject Property(SettingKey key)
    {
        if (key.Secret)
        {
            return new JsonObject
            {
                ["description"] = key.Meaning + " Set it with: pulumi config set --secret " + key.Name,
                ["type"] = "object", ["properties"] = new JsonObject { ["secure"] = new JsonObject { ["type"] = "string" } }, ["required"] = new JsonArray("secure"), ["additionalProperties"] = false,
            };
        }
        var property = new JsonObject { ["description"] = key.Meaning };
        switch (key.Kind)
        {
            case SettingKind.Choice:
                property["enum"] = new JsonArray([.. key.Choices.Select(c => (JsonNode)c).Concat(key.Choices.Where(c => int.TryParse(c, out _)).Select(c => (JsonNode)int.Parse(c, CultureInfo.InvariantCulture)))]);
                break;
            case SettingKind.Whole:
                property["type"] = "integer";
                (property["minimum"], property["maximum"]) = (key.Range!.Value.Least, key.Range.Value.Most);
                break;
            case SettingKind.Flag: property["type"] = "boolean"; break;
            case SettingKind.Cidrs or SettingKind.Emails:
                property["type"] = new JsonArray("array", "string");
                property["items"] = new JsonObject { ["type"] = "string" };
                break;
            case SettingKind.Map:
                property["type"] = "object";
                property["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") };
                break;
            default:
                property["type"] = "string";
                if (key.Forms is [{ Cloud: null } form]) property["pattern"] = $"^(?:{form.Pattern})$";
                break;
        }
        if (key.Default is { } value) property["default"] = key.Kind switch
        {
            SettingKind.Whole => int.Parse(value, CultureInfo.InvariantCulture), SettingKind.Flag => value == "true", _ => value,
        };
        return property;
    }
}
