namespace OrgSimulator.Loading;

/// <summary>A record as it stands in a data file, before types and Ids.</summary>
/// <param name="Key">Its local id or reference name, by which other records point to it; empty when nobody can.</param>
/// <param name="Place">File and line or position, for messages.</param>
/// <param name="Values">Field name, text, and whether the text is the key of another record.</param>
public sealed record LoadedRecord(string Key, string Place, IReadOnlyList<LoadedValue> Values);

/// <param name="Field">Field name as the file spells it.</param>
/// <param name="Text">Value; null for none.</param>
/// <param name="Reference">For a lookup: the name of the set of keys to look in, and the key is the text.</param>
public readonly record struct LoadedValue(string Field, string? Text, string? Reference = null);

/// <summary>All records that a folder holds for one object.</summary>
public sealed class LoadedObject(string name)
{
    public string Name { get; } = name;
    public List<LoadedRecord> Records { get; } = [];

    /// <summary>Sets of keys in which its records can be looked up.</summary>
    public List<string> KeySets { get; } = [];

    /// <summary>Whether a key that stands twice is an error; otherwise the later record has it.</summary>
    public bool KeysAreUnique { get; init; }

    /// <summary>Lookups that the folder declares: field to object.</summary>
    public Dictionary<string, string> Lookups { get; } = new(StringComparer.OrdinalIgnoreCase);
}
