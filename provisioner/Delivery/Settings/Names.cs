using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Provisioner.Delivery.Settings;

/// <summary>What a DNS name may look like, and which names nobody can register.</summary>
internal static partial class Names
{
    // RFC 2606, 6761, 6762, 7686, 8375, 9476 and ICANN's list of what will not be delegated.
    private static readonly ImmutableHashSet<string> Unregistrable =
        ["test", "example", "invalid", "localhost", "local", "onion", "alt", "internal", "home.arpa", "lan", "home", "corp", "mail", "intranet", "private"];

    // Suffixes under which names are registered, but which belong to no one; only those that people really mistype for a domain.
    private static readonly ImmutableHashSet<string> Suffixes =
        ["co.uk", "org.uk", "ac.uk", "gov.uk", "com.au", "net.au", "org.au", "co.nz", "co.jp", "ne.jp", "co.kr", "com.br", "com.mx", "co.in", "co.za", "com.tr", "com.sg", "com.cn", "co.il"];

    public static (object? Value, string? Reason, string? Remedy) Read(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal)) return SettingReader.Bad("it is an address, not a name.", "Leave out https:// and everything after the name.");
        if (text.EndsWith('.')) return SettingReader.Bad("it ends with a dot.", $"Write {SettingReader.Printable(text.TrimEnd('.'))}.");
        if (text.Any(c => c > 127)) return SettingReader.Bad("it has letters beyond ASCII.", Ascii(text) is { } ascii ? $"Write its encoded form: {ascii}." : "Write its encoded form (xn--…).");
        if (text.Contains('*', StringComparison.Ordinal)) return SettingReader.Bad("it is a wildcard.", "Name the one host on which the appliance answers.");
        if (text.Contains('/', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal)) return SettingReader.Bad("it is not a plain name.", "Write only the name, without port and path.");
        if (System.Net.IPAddress.TryParse(text, out _)) return SettingReader.Bad("it is an address.", "Register a name and give that: certificates and sign-in hang on it.");
        var labels = text.Split('.');
        if (text.Length > 253) return SettingReader.Bad("it is longer than 253 characters.");
        if (labels.Length < 2) return SettingReader.Bad("it has only one part.", $"Write the full name, such as {SettingReader.Printable(text)}.example.org.");
        foreach (var label in labels)
            if (!Label().IsMatch(label))
                return SettingReader.Bad($"'{SettingReader.Printable(label)}' cannot be part of a name.", "Each part has 1 to 63 letters, digits and inner hyphens.");
        return TopLabel().IsMatch(labels[^1]) ? (text.ToLowerInvariant(), null, null) : SettingReader.Bad($"'.{labels[^1]}' is no top-level domain.");
    }

    /// <summary>Why nobody can have registered this name; null when somebody can.</summary>
    public static string? WhyUnregistrable(string name)
    {
        if (Suffixes.Contains(name)) return $"{name} is a suffix under which names are registered, not a name of your own.";
        var special = Unregistrable.FirstOrDefault(s => name == s || name.EndsWith("." + s, StringComparison.Ordinal));
        return special is null ? null : $"names under .{special} cannot be registered.";
    }

    public static bool Covers(string zone, string name) => name == zone || name.EndsWith("." + zone, StringComparison.Ordinal);

    private static string? Ascii(string text)
    {
        try
        {
            return new IdnMapping().GetAscii(text).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"\A([A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{2,59})\z")]
    private static partial Regex TopLabel();
}
