using System.Collections.Frozen;

namespace Appliance.Vault;

/// <summary>The columns of one segment, shared by all its records.</summary>
internal sealed class ColumnSet(IReadOnlyList<string> names)
{
    private readonly FrozenDictionary<string, int> _positions = names
        .Select((name, position) => KeyValuePair.Create(name, position)).ToFrozenDictionary(StringComparer.Ordinal);

    public static readonly ColumnSet IdOnly = new(["Id"]);

    public IReadOnlyList<string> Names => names;

    public int IsDeleted { get; } = names.ToList().IndexOf("IsDeleted");

    public int Find(string name) => _positions.GetValueOrDefault(name, -1);
}
