using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Provisioner.Delivery.Settings;

/// <summary>Reads one value by its row: either the value, or what is wrong with it.</summary>
internal static partial class SettingReader
{
    /// <param name="cloud">Decides between forms that differ by cloud; null: those are not looked at.</param>
    /// <returns>Reason is null when the value is good; Remedy is null when the row's example says enough.</returns>
    public static (object? Value, string? Reason, string? Remedy) Read(SettingKey key, string raw, string? cloud)
    {
        var text = raw.Trim();
        if (text.Length == 0) return Bad("it is empty.", $"Give it a value, or remove it with `pulumi config rm {key.Name}`.");
        return key.Kind switch
        {
            SettingKind.Text => Formed(key, text, cloud),
            SettingKind.Choice => key.Choices.Contains(text) ? (text, null, null) : Bad("there is no such choice.", $"Choose one of {string.Join(", ", key.Choices)}."),
            SettingKind.Whole => Whole(key, text),
            SettingKind.Flag => text switch { "true" => (true, null, null), "false" => (false, null, null), _ => Bad("it is neither true nor false.", "Write true or false.") },
            SettingKind.Cidr => Cidr(text, addressToo: false),
            SettingKind.AddressOrCidr => Cidr(text, addressToo: true),
            SettingKind.Cidrs => List(text, t => Cidr(t, addressToo: false), v => (IPNetwork)v),
            SettingKind.Emails => List(text, Email, v => (string)v),
            SettingKind.DomainName => Names.Read(text),
            SettingKind.Https => Https(text),
            SettingKind.Time => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? (time, null, null) : Bad("it is no time of day.", "Write hours and minutes, such as 03:00."),
            SettingKind.Resolver => Resolver(text),
            SettingKind.Map => Map(text),
            _ => throw new InvalidOperationException($"No reader for {key.Kind}."),
        };
    }

    /// <summary>Short, on one line, without control characters: what is shown of a value.</summary>
    public static string Printable(string text)
    {
        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(80)) clean.Append(Rune.IsControl(rune) || rune.Value == 0xFFFD ? " " : rune.ToString());
        return text.Length > 80 ? clean.Append('…').ToString() : clean.ToString();
    }

    internal static (object? Value, string? Reason, string? Remedy) Bad(string reason, string? remedy = null) => (null, reason, remedy);

    private static (object?, string?, string?) Formed(SettingKey key, string text, string? cloud)
    {
        if (text.Length > 131072) return Bad("it is longer than 128 KiB.", "Give only what the key is for.");
        var form = key.Forms.FirstOrDefault(f => f.Cloud is null || f.Cloud == cloud);
        if (form is null || form.Fits(text)) return (text, null, null);
        return Bad(key.Secret ? $"it must be {form.Means}." : $"it is not {form.Means}.");
    }

    private static (object?, string?, string?) Whole(SettingKey key, string text)
    {
        var (least, most) = key.Range!.Value;
        var unit = key.Unit is null ? "" : " " + key.Unit;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return Bad("it is no whole number.", $"Give a number from {least} to {most}{unit}, without the unit.");
        return number >= least && number <= most ? ((int)number, null, null) : Bad($"it is outside {least} to {most}{unit}.", $"Give a number from {least} to {most}.");
    }

    private static (object?, string?, string?) Cidr(string text, bool addressToo)
    {
        if (addressToo && IPAddress.TryParse(text, out var one) && WellFormed(text)) return (new IPNetwork(one, one.GetAddressBytes().Length * 8), null, null);
        var parts = text.Split('/');
        if (parts.Length != 2 || !WellFormed(parts[0]) || !IPAddress.TryParse(parts[0], out var address) || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            || prefix > address.GetAddressBytes().Length * 8)
            return Bad("it is no address range.", addressToo ? "Write an address or a range, such as 198.51.100.7 or 198.51.100.0/28." : "Write address/prefix, such as 10.20.0.0/16.");
        var network = Masked(address, prefix);
        return network.Equals(address) ? (new IPNetwork(network, prefix), null, null) : Bad("it has address bits beyond its prefix.", $"The network is {network}/{prefix}.");
    }

    /// <summary>Four numbers or colons: "10.1" and "0x7f.1" are addresses to the platform, but hardly what a person meant.</summary>
    private static bool WellFormed(string text) => !text.Contains('%', StringComparison.Ordinal) && (text.Contains(':', StringComparison.Ordinal) || FourNumbers().IsMatch(text));

    private static IPAddress Masked(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = prefix; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }

    private static (object?, string?, string?) Email(string text) =>
        text.Length <= 254 && EmailForm().IsMatch(text) && Names.Read(text[(text.LastIndexOf('@') + 1)..]).Reason is null ? (text, null, null) : Bad($"'{Printable(text)}' is no e-mail address.", "Write addresses such as operations@example.org.");

    private static (object?, string?, string?) Https(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0) return Bad("it is no web address.", "Write a full address that begins with https://.");
        if (uri.Scheme != "https") return Bad("it is not encrypted.", "Use its https:// address.");
        return uri.UserInfo.Length > 0 ? Bad("it carries a user name or password.", "Leave them out of the address; there are keys of their own for credentials.") : (uri, null, null);
    }

    private static (object?, string?, string?) Resolver(string text)
    {
        var portStands = text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.Count(c => c == ':') == 1;
        return IPEndPoint.TryParse(text, out var end) && (!portStands || end.Port > 0) && (text.Contains(':', StringComparison.Ordinal) || FourNumbers().IsMatch(text))
            ? (portStands ? end : new IPEndPoint(end.Address, 53), null, null)
            : Bad("it is no address of a resolver.", "Write an address, or address:port, such as 10.20.0.2.");
    }

    private static (object?, string?, string?) List<T>(string text, Func<string, (object? Value, string? Reason, string? Remedy)> read, Func<object, T> cast)
    {
        List<string> parts;
        if (text.StartsWith('['))
        {
            try
            {
                parts = JsonSerializer.Deserialize<List<string>>(text)!;
            }
            catch (Exception broken) when (broken is JsonException or ArgumentException)       // the latter: half a surrogate pair
            {
                return Bad("it is no list of texts.", "Write a YAML list, or one value after the other with commas.");
            }
        }
        else parts = [.. text.Split(',')];
        var items = ImmutableArray.CreateBuilder<T>();
        foreach (var part in parts)
        {
            var (value, reason, remedy) = read((part ?? "").Trim());
            if (reason is not null) return Bad(reason.StartsWith('\'') ? reason : $"'{Printable(part ?? "")}': {reason}", remedy);
            items.Add(cast(value!));
        }
        if (items.Count == 0) return Bad("the list is empty.", "List at least one, or remove the key.");
        var doubled = items.GroupBy(i => i).FirstOrDefault(g => g.Count() > 1);
        return doubled is null ? (items.ToImmutable(), null, null) : Bad($"{doubled.Key} stands there twice.", "List each only once.");
    }

    private static (object?, string?, string?) Map(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return Bad("it is no map of names to texts.");
            var map = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null) return Bad($"'{Printable(member.Name)}' is no text.", "Give each tag a plain text.");
                map[member.Name] = member.Value.ToString();
            }
            return (map.ToImmutable(), null, null);
        }
        catch (Exception broken) when (broken is JsonException or ArgumentException or InvalidOperationException)     // the latter two: half a surrogate pair
        {
            return Bad("it is no map of names to texts.");
        }
    }

    [GeneratedRegex(@"\A(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}\z")]
    private static partial Regex FourNumbers();

    [GeneratedRegex(@"\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+\z")]
    private static partial Regex EmailForm();
}
