using System.Text.Json;

namespace Provisioner.Delivery.Settings;

/// <summary>A stack's configuration as Pulumi hands it to a program: flat keys, everything text, objects as JSON.</summary>
/// <param name="Stack">Name of the stack.</param>
/// <param name="Values">"namespace:key" → text. Only keys of <see cref="Namespace"/> are read; the others belong to Pulumi's providers.</param>
/// <param name="SecretKeys">The keys that Pulumi keeps encrypted.</param>
public sealed record StackInput(string Stack, IReadOnlyDictionary<string, string> Values, IReadOnlySet<string> SecretKeys)
{
    public const string Namespace = "appliance";

    /// <summary>From what Pulumi sets in the program's environment: PULUMI_CONFIG (JSON object) and PULUMI_CONFIG_SECRET_KEYS (JSON array).</summary>
    /// <exception cref="FormatException">One of them is no such JSON.</exception>
    public static StackInput Parse(string stack, string? configJson, string? secretKeysJson)
    {
        try
        {
            return new StackInput(
                stack,
                string.IsNullOrEmpty(configJson) ? new Dictionary<string, string>() : JsonSerializer.Deserialize<Dictionary<string, string>>(configJson)!,
                string.IsNullOrEmpty(secretKeysJson) ? new HashSet<string>() : JsonSerializer.Deserialize<HashSet<string>>(secretKeysJson)!);
        }
        catch (JsonException broken)
        {
            throw new FormatException("PULUMI_CONFIG and PULUMI_CONFIG_SECRET_KEYS must be a JSON object of texts and a JSON array of keys.", broken);
        }
    }
}
