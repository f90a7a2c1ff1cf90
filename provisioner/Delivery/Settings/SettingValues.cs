using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Provisioner.Delivery.Settings;

/// <summary>The values of a stack, each read by its row of the table; what could not be read is a mistake, and counts as absent.</summary>
internal sealed class SettingValues
{
    private readonly StackInput _input;
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private readonly List<SettingsMistake> _mistakes = [];

    public SettingValues(StackInput input)
    {
        _input = input;
        ReportUnknown();
        foreach (var key in SettingKeys.All) Read(key);
        var withoutPlace = SettingKeys.All.Where(k => Has(k.Name) && !Allowed(k)).ToList();
        foreach (var key in withoutPlace) Report(key.Name, $"it has no meaning here: it belongs where {string.Join(" and ", key.Only.Where(w => Holds(w) == false))}.", "Remove it.");
        foreach (var key in SettingKeys.All) ReportMissing(key);
    }

    public ImmutableArray<SettingsMistake> Mistakes => [.. _mistakes];

    /// <summary>Something stands there, good or bad.</summary>
    public bool Has(string key) => _input.Values.ContainsKey(SettingKeys.ByName[key].FullName);

    /// <summary>What stands there could not be read, so nothing more is said about it.</summary>
    public bool IsBroken(string key) => _broken.Contains(key);

    public string? Text(string key) => Value(key) as string;
    public int? Whole(string key) => Value(key) as int?;
    public bool Flag(string key) => Value(key) is true;
    public Uri? Address(string key) => Value(key) as Uri;
    public IPNetwork? Cidr(string key) => Value(key) as IPNetwork?;
    public TimeOnly Time(string key) => Value(key) is TimeOnly time ? time : default;
    public IPEndPoint? EndPoint(string key) => Value(key) as IPEndPoint;
    public ImmutableArray<IPNetwork> Cidrs(string key) => Value(key) is ImmutableArray<IPNetwork> list ? list : [];
    public ImmutableArray<string> Texts(string key) => Value(key) is ImmutableArray<string> list ? list : [];
    public ImmutableSortedDictionary<string, string> Map(string key) => Value(key) as ImmutableSortedDictionary<string, string> ?? ImmutableSortedDictionary<string, string>.Empty;
    public Secret? Secret(string key) => Text(key) is { } text ? new Secret(text) : null;

    /// <summary>Records a mistake; a key that already has one of its own form is left alone.</summary>
    public void Report(string key, string reason, string remedy) =>
        _mistakes.Add(new SettingsMistake(SettingKeys.ByName[key].FullName, Shown(key), Sentence(reason), remedy));

    /// <summary>Whether the row's key may be set here. True as well while the key that decides is itself broken.</summary>
    public bool Allowed(SettingKey key) => key.Only.All(w => Holds(w) != false);

    private object? Value(string name)
    {
        var key = SettingKeys.ByName[name];
        if (_values.TryGetValue(name, out var value)) return Allowed(key) ? value : null;
        if (_broken.Contains(name) || Default(key) is not { } text || !Allowed(key)) return null;
        return SettingReader.Read(key, text, cloud: null).Value;
    }

    private string? Default(SettingKey key) => key.DefaultByCloud is { } table ? Text("cloud") is { } cloud ? table.GetValueOrDefault(cloud) : null : key.Default;

    /// <summary>Null: cannot be told, because the deciding key is missing or broken.</summary>
    private bool? Holds(Where where)
    {
        if (_broken.Contains(where.Key)) return null;
        return Text(where.Key) is { } value ? where.Values.Contains(value) : SettingKeys.ByName[where.Key].Required is { IsEmpty: true } ? null : false;
    }

    private void Read(SettingKey key)
    {
        if (!_input.Values.TryGetValue(key.FullName, out var text)) return;
        if (key.Secret && !_input.SecretKeys.Contains(key.FullName))
        {
            _broken.Add(key.Name);
            Report(key.Name, "it is a secret and stands in the stack's file in clear.", $"Set it anew with `pulumi config set --secret {key.Name}`, and count the old value as known to others.");
            return;
        }
        var (value, reason, remedy) = SettingReader.Read(key, text ?? "", Text("cloud"));
        if (reason is null)
        {
            _values[key.Name] = value!;
            return;
        }
        _broken.Add(key.Name);
        Report(key.Name, reason, remedy ?? $"Give {(key.Secret ? "it anew" : $"a value such as {key.Example ?? Default(key) ?? key.Choices.FirstOrDefault()}")}, or remove the key.");
    }

    private void ReportMissing(SettingKey key)
    {
        if (Has(key.Name) || key.Required is not { } where || !where.All(w => Holds(w) == true)) return;
        var because = where.IsEmpty ? "every stack needs it." : $"it is needed where {string.Join(" and ", where)}.";
        Report(key.Name, $"it is missing; {because}",
            key.Secret ? $"Set it with `pulumi config set --secret {key.Name}`." : $"Set it with `pulumi config set {key.Name} …`{(key.Example is { } example ? $", for example {example}" : key.Choices.IsEmpty ? "" : $": {string.Join(", ", key.Choices)}")}.");
    }

    private void ReportUnknown()
    {
        foreach (var full in _input.Values.Keys.Where(k => k.StartsWith(StackInput.Namespace + ":", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var name = full[(StackInput.Namespace.Length + 1)..];
            if (SettingKeys.ByName.ContainsKey(name)) continue;
            var nearest = SettingKeys.All.Select(k => k.Name).MinBy(k => Distance(k, name))!;
            // The value is not shown: a misspelt key may well hold a secret.
            _mistakes.Add(new SettingsMistake(SettingReader.Printable(full), null, "There is no such key.",
                Distance(nearest, name) <= 3 ? $"Probably {nearest} is meant." : "stacks/README.md lists all keys; remove this one."));
        }
    }

    private string? Shown(string name)
    {
        var key = SettingKeys.ByName[name];
        if (!_input.Values.TryGetValue(key.FullName, out var text) || text is null) return null;
        return key.Secret || _input.SecretKeys.Contains(key.FullName) || text.Contains("PRIVATE KEY", StringComparison.Ordinal) ? "[secret]" : SettingReader.Printable(text);
    }

    private static string Sentence(string text) => char.ToUpper(text[0], CultureInfo.InvariantCulture) + text[1..];

    /// <summary>Edit distance, capped by the length of a key worth comparing.</summary>
    private static int Distance(string a, string b)
    {
        if (b.Length > 64) return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost));
            }
        }
        return row[^1];
    }
}
