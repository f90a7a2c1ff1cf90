using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Provisioner.Delivery.Settings;

/// <summary>One key that a stack may set: the row from which it is parsed, documented and offered by editors.</summary>
/// <param name="Name">Without the namespace, such as "storageSize".</param>
/// <param name="Meaning">A sentence for the page.</param>
internal sealed record SettingKey(string Name, SettingKind Kind, string Meaning)
{
    public string Chapter { get; init; } = "";
    /// <summary>What the key takes when nothing is set.</summary>
    public string? Default { get; init; }
    /// <summary>Defaults that differ by cloud.</summary>
    public ImmutableDictionary<string, string>? DefaultByCloud { get; init; }
    public ImmutableArray<string> Choices { get; init; } = [];
    /// <summary>Range of a whole number, both ends included.</summary>
    public (int Least, int Most)? Range { get; init; }
    public string? Unit { get; init; }
    /// <summary>Forms of a text; one that names a cloud holds only there.</summary>
    public ImmutableArray<Form> Forms { get; init; } = [];
    /// <summary>The key may be set only where all of these hold.</summary>
    public ImmutableArray<Where> Only { get; init; } = [];
    /// <summary>The key must be set where all of these hold; null: never; empty: always.</summary>
    public ImmutableArray<Where>? Required { get; init; }
    /// <summary>Must be given with `pulumi config set --secret`.</summary>
    public bool Secret { get; init; }
    public string? Example { get; init; }

    public string FullName => $"{StackInput.Namespace}:{Name}";
}

internal enum SettingKind { Text, Choice, Whole, Flag, Cidr, AddressOrCidr, Cidrs, Emails, DomainName, Https, Time, Resolver, Map }

/// <summary>Another key has one of these values.</summary>
internal sealed record Where(string Key, params string[] Values)
{
    public override string ToString() => $"{Key} is {(Values.Length == 1 ? Values[0] : string.Join(", ", Values[..^1]) + " or " + Values[^1])}";
}

/// <summary>A form that a text must have.</summary>
/// <param name="Means">What it is, for people: "twelve digits".</param>
internal sealed record Form(string? Cloud, string Pattern, string Means)
{
    // Without backtracking no text, however long, takes more than linear time.
    private readonly Lazy<Regex> _regex = new(() => new Regex($@"\A(?:{Pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    public bool Fits(string text) => _regex.Value.IsMatch(text);
}
