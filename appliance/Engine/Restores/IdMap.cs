namespace Appliance.Engine.Restores;

/// <summary>
/// Which new Id a record got when it had to be created again. Kept in the vault with each restore and never thrown away, so that an old
/// snapshot can be restored a second time without creating anything twice.
/// </summary>
public sealed class IdMap
{
    // A record can be lost and created again several times; a longer chain than this would be a ring, which is a defect.
    private const int LongestChain = 1_000;
    private readonly Dictionary<string, string> _newIds = new(StringComparer.Ordinal);

    // Records that were expected to be gone and were found standing under their old Id.
    private readonly HashSet<string> _standing = new(StringComparer.Ordinal);

    public void Add(string oldId, string newId)
    {
        if (oldId == newId) _standing.Add(oldId);
        else _newIds[oldId] = newId;
    }

    /// <summary>The record has a place today, under a new Id or found standing under its own.</summary>
    public bool Contains(string oldId) => _newIds.ContainsKey(oldId) || _standing.Contains(oldId);

    /// <summary>The Id under which the record is known today; the Id itself when it was never created again.</summary>
    public string Resolve(string id)
    {
        for (var i = 0; i < LongestChain && _newIds.TryGetValue(id, out var newer); i++) id = newer;
        return id;
    }
}
