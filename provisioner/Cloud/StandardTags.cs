using Provisioner.Delivery.Settings;
using Pulumi;

namespace Provisioner.Cloud;

/// <summary>The tags (GCP: labels) that every resource of a stack carries: the user's own, and those by which a fleet is counted.</summary>
internal static class StandardTags
{
    public static Dictionary<string, string> Of(StackSettings settings)
    {
        var tags = new Dictionary<string, string>(settings.Tags)
        {
            ["appliance"] = "backup-archive",
            ["appliance-stack"] = settings.Stack,
            ["appliance-mode"] = settings.Mode == HostingMode.Flosum ? "flosum" : "customer",
        };
        if (settings.Fleet is { } fleet)
        {
            tags["appliance-customer"] = fleet.Customer;
            tags["appliance-wave"] = $"{fleet.Wave}";
        }
        return tags;
    }

    /// <summary>The same for a cloud without default tags.</summary>
    public static InputMap<string> All(StackSettings settings) => Map(Of(settings));

    /// <summary>GCP takes lower-case letters, digits, "_" and "-" in a label, and at most 63 of them.</summary>
    public static InputMap<string> Labels(StackSettings settings) =>
        Map(Of(settings).DistinctBy(t => Label(t.Key)).ToDictionary(t => Label(t.Key), t => Label(t.Value)));

    public static InputMap<string> Map(IReadOnlyDictionary<string, string> tags)
    {
        var map = new InputMap<string>();
        foreach (var (key, value) in tags) map.Add(key, value);
        return map;
    }

    private static string Label(string text)
    {
        var letters = new string([.. text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '-')]);
        return letters[..Math.Min(63, letters.Length)];
    }
}
