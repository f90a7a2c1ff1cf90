namespace OrgSimulator.Tests.RandomDml;

/// <summary>A record as the model knows it; <c>Deed</c> is 0 while it lives, and equal for all records that one delete took along.</summary>
public sealed record ModelRecord(string Type, string Id, IReadOnlyDictionary<string, string?> Fields, int Deed = 0, bool Itself = false)
{
    public string? this[string field] => Fields.GetValueOrDefault(field);
    public bool Lives => Deed == 0;

    public ModelRecord With(IEnumerable<KeyValuePair<string, string?>> changes)
    {
        var fields = new Dictionary<string, string?>(Fields);
        foreach (var (field, value) in changes) fields[field] = value;
        return this with { Fields = fields };
    }
}

/// <summary>
/// What an org must hold after some DML, in plain dictionaries: the rules of the platform written down once more, as simply as they can be said.
/// Every method tells whether the deed succeeds; with false nothing has changed.
/// </summary>
public sealed class OrgModel
{
    /// <summary>Lookups: child, field, parent, and whether a deleted parent takes the child along (else the lookup is emptied).</summary>
    public static readonly (string Child, string Field, string Parent, bool Cascade)[] Lookups =
    [
        ("Account", "ParentId", "Account", false), ("Contact", "AccountId", "Account", true), ("Contact", "ReportsToId", "Contact", false),
        ("Order__c", "Buyer__c", "Account", false), ("Line__c", "Order__c", "Order__c", true),
    ];

    private readonly Dictionary<string, ModelRecord> _records = [];
    private List<(string Id, ModelRecord? Before)> _undo = [];
    private int _deeds;

    public IEnumerable<ModelRecord> All => _records.Values;
    public ModelRecord? Find(string id) => _records.GetValueOrDefault(id);

    public void Begin() => _undo = [];

    public void RollBack()
    {
        for (var i = _undo.Count - 1; i >= 0; i--)
            if (_undo[i].Before is { } before) _records[_undo[i].Id] = before;
            else _records.Remove(_undo[i].Id);
        _undo = [];
    }

    /// <summary>Whether the values may stand; the id is only known when the org has answered.</summary>
    public bool MayInsert(string type, IReadOnlyDictionary<string, string?> values) => Fit(type, values, null) && Required(type).All(field => Clean(values.GetValueOrDefault(field)) is not null);

    public void Insert(string type, string id, IReadOnlyDictionary<string, string?> values) =>
        Put(new ModelRecord(type, id, values.ToDictionary(pair => pair.Key, pair => Clean(pair.Value))));

    public bool Update(string id, IReadOnlyDictionary<string, string?> values)
    {
        if (Find(id) is not { Lives: true } record || !Fit(record.Type, values, record)) return false;
        var after = record.With(values.Select(pair => new KeyValuePair<string, string?>(pair.Key, Clean(pair.Value))));
        if (Required(record.Type).Any(field => after[field] is null)) return false;
        Put(after);
        return true;
    }

    public string? Holder(string key) => All.FirstOrDefault(record => record.Lives && key.Trim().Equals(record["Key__c"], StringComparison.OrdinalIgnoreCase))?.Id;

    /// <summary>Ids of one object; those that cannot be deleted are left alone.</summary>
    public bool[] Delete(IReadOnlyList<string> ids, bool hard)
    {
        var results = ids.Select(id => Find(id) is { } record && (record.Lives || hard)).ToArray();
        var roots = ids.Where((_, i) => results[i]).Distinct().ToList();
        var deeds = roots.ToDictionary(id => id, id => Find(id)!.Lives ? ++_deeds : Find(id)!.Deed);
        Bury(deeds, itself: true);
        if (hard)
            foreach (var record in All.Where(record => !record.Lives && deeds.ContainsValue(record.Deed)).ToList()) Remove(record);
        return results;
    }

    private void Bury(Dictionary<string, int> deeds, bool itself)
    {
        foreach (var (id, deed) in deeds)
            if (Find(id) is { Lives: true } record) Put(record with { Deed = deed, Itself = itself });
        foreach (var (child, field, _, cascade) in Lookups)
        {
            var orphans = All.Where(record => record.Lives && record.Type == child && record[field] is { } parent && deeds.ContainsKey(parent)).ToList();
            if (orphans.Count == 0) continue;
            if (cascade) Bury(orphans.ToDictionary(record => record.Id, record => deeds[record[field]!]), itself: false);
            else
                foreach (var record in orphans) Put(record.With([new(field, null)]));
        }
    }

    public bool Undelete(string id)
    {
        if (Find(id) is not { Lives: false, Itself: true } record) return false;
        if (record.Type == "Line__c" && Find(record["Order__c"]!) is not { Lives: true }) return false;
        var back = All.Where(other => other.Deed == record.Deed).ToList();
        if (back.Any(other => other["Key__c"] is { } key && Holder(key) is not null)) return false;
        foreach (var other in back) Put(other with { Deed = 0, Itself = false });
        return true;
    }

    public bool Empty(string id)
    {
        if (Find(id) is not { Lives: false } record) return false;
        foreach (var other in All.Where(other => other.Deed == record.Deed).ToList()) Remove(other);
        return true;
    }

    /// <summary>Number of lines and sum of their quantities.</summary>
    public (int Count, decimal Sum) Totals(string order)
    {
        var lines = All.Where(record => record.Lives && record.Type == "Line__c" && record["Order__c"] == order).ToList();
        return (lines.Count, lines.Sum(line => line["Qty__c"] is { } quantity ? decimal.Parse(quantity, System.Globalization.CultureInfo.InvariantCulture) : 0));
    }

    private static string[] Required(string type) => type switch { "Account" => ["Name"], "Contact" => ["LastName"], "Line__c" => ["Order__c"], _ => [] };

    private bool Fit(string type, IReadOnlyDictionary<string, string?> values, ModelRecord? old)
    {
        foreach (var (child, field, parent, _) in Lookups)
            if (child == type && Clean(values.GetValueOrDefault(field)) is { } target && target != old?[field] && Find(target) is not { Lives: true } is var bad && (bad || Find(target)!.Type != parent))
                return false;
        return Clean(values.GetValueOrDefault("Key__c")) is not { } key || Holder(key) is not { } holder || holder == old?.Id;
    }

    /// <summary>Text without white space around it; none is no value.</summary>
    private static string? Clean(string? value) => value?.Trim() is { Length: > 0 } text ? text : null;

    private void Put(ModelRecord record)
    {
        _undo.Add((record.Id, Find(record.Id)));
        _records[record.Id] = record;
    }

    private void Remove(ModelRecord record)
    {
        _undo.Add((record.Id, record));
        _records.Remove(record.Id);
    }
}
