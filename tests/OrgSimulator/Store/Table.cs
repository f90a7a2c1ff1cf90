using System.Collections.Immutable;
using OrgSimulator.Generating;
using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>
/// The records of one object in Id order. Reading needs no lock; writing is done under the lock of the store.
/// Generated records take no room until they are changed.
/// </summary>
public sealed class Table(ObjectType type)
{
    private static readonly ImmutableSortedSet<Row> Empty = ImmutableSortedSet.Create<Row>(Comparer<Row>.Create((x, y) => x.Number.CompareTo(y.Number)));
    private readonly Dictionary<Field, ValueIndex> _indexes = [];
    private TableSnapshot _now = new(null, Empty, 0);
    private readonly Dictionary<Field, long> _autoNumbers = [];

    public ObjectType Type { get; } = type;
    public List<(string Id, uint At)> Purged { get; } = [];
    public long NextNumber { get; set; } = 1;

    /// <summary>Counts for one field that numbers itself: 1, 2, 3 …</summary>
    public long NextAutoNumber(Field field) => _autoNumbers[field] = _autoNumbers.GetValueOrDefault(field) + 1;

    /// <summary>Takes so many numbers of the field at once and gives the first.</summary>
    public long ReserveAutoNumbers(Field field, long count)
    {
        var first = _autoNumbers.GetValueOrDefault(field) + 1;
        _autoNumbers[field] = first + count - 1;
        return first;
    }

    public TableSnapshot Snapshot() => Volatile.Read(ref _now);

    /// <summary>Rows as they stand now, deleted ones included.</summary>
    public IEnumerable<Row> All() => Snapshot().Rows();

    public IEnumerable<Row> Live() => All().Where(row => !row.IsDeleted);

    /// <summary>Rows in the recycle bin, however many records there are.</summary>
    public IEnumerable<Row> Deleted() => Snapshot().Own.Where(row => row is { IsDeleted: true, IsPurged: false });

    public int LiveCount => Snapshot().LiveCount;

    public Row? Find(string id) => id.Length >= 15 && Snapshot().Find(SalesforceId.Number(id)) is { } row && id.AsSpan(0, 15).SequenceEqual(row.Id.AsSpan(0, 15)) ? row : null;

    public Row? FindLive(string id) => Find(id) is { IsDeleted: false } row ? row : null;

    /// <summary>Gives the table its generated records; their numbers must be reserved.</summary>
    public void Generate(GeneratedRows made)
    {
        var now = Snapshot();
        Put(new TableSnapshot(made, now.Own, now.LiveCount + (int)made.Count));
    }

    public void Append(Row row)
    {
        var now = Snapshot();
        Put(new TableSnapshot(now.Made, now.Own.Add(row), now.LiveCount + (row.IsDeleted ? 0 : 1)));
        foreach (var index in _indexes.Values) index.Add(row);
    }

    /// <summary>Puts a version in the place of the one with the same Id; null purges it.</summary>
    public void Replace(Row old, Row? row)
    {
        var now = Snapshot();
        var own = now.Own.Remove(old);
        if (row is not null) own = own.Add(row);
        else if (now.Made?.Holds(old.Number) == true) own = own.Add(old with { IsPurged = true, Values = [] });
        Put(new TableSnapshot(now.Made, own, now.LiveCount - (old.IsDeleted ? 0 : 1) + (row is null || row.IsDeleted ? 0 : 1)));
        foreach (var index in _indexes.Values)
        {
            index.Remove(old);
            if (row is not null) index.Add(row);
        }
    }

    /// <summary>Brings a purged row back; only for undoing a deed that failed half way.</summary>
    public void Revive(Row row)
    {
        var now = Snapshot();
        Put(new TableSnapshot(now.Made, now.Own.Remove(row).Add(row), now.LiveCount + (row.IsDeleted ? 0 : 1)));
        foreach (var index in _indexes.Values) index.Add(row);
    }

    /// <summary>Live records with the value, found by an index or by the function that made them. Under the lock of the store.</summary>
    public List<Row> FindBy(Field field, string value)
    {
        var now = Snapshot();
        var found = new List<Row>(Index(field).Find(value));
        if (now.Made is { } made) found.AddRange(made.Find(field, value).Where(number => !now.Own.Contains(Row.Probe(number))).Select(made.Row));
        return found;
    }

    /// <summary>Live records whose lookup names one of the parents, in Id order. Under the lock of the store.</summary>
    public List<Row> Children(Field lookup, IReadOnlyCollection<string> parents)
    {
        var children = new List<Row>();
        if (lookup.Source != FieldSource.Slot) return children;
        var now = Snapshot();
        var index = Index(lookup);
        foreach (var parent in parents)
        {
            children.AddRange(index.Find(parent));
            if (now.Made is not { } made) continue;
            foreach (var number in made.Children(lookup, parent))
                if ((now.Own.Count == 0 || !now.Own.Contains(Row.Probe(number))) && made.Row(number) is var row && row[lookup.Slot] == parent) children.Add(row);
        }
        children.Sort((x, y) => x.Number.CompareTo(y.Number));
        return children;
    }

    private ValueIndex Index(Field field)
    {
        if (_indexes.TryGetValue(field, out var index)) return index;
        index = new ValueIndex(field);
        foreach (var row in Snapshot().Own.Where(row => !row.IsPurged)) index.Add(row);
        return _indexes[field] = index;
    }

    private void Put(TableSnapshot now) => Volatile.Write(ref _now, now);
}

/// <summary>Records by the value of a field that is unique, an external id or asked for by value; letter case counts only where the field says so.</summary>
public sealed class ValueIndex(Field field)
{
    private readonly Dictionary<string, Dictionary<long, Row>> _rows = new(field.CaseSensitive || field.Type == FieldType.Reference ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<Row> Find(string value) => _rows.TryGetValue(value, out var rows) ? rows.Values : [];

    public void Add(Row row)
    {
        if (row.IsDeleted || row[field.Slot] is not { } value) return;
        if (!_rows.TryGetValue(value, out var rows)) _rows[value] = rows = [];
        rows[row.Number] = row;
    }

    public void Remove(Row row)
    {
        if (row[field.Slot] is { } value && _rows.TryGetValue(value, out var rows) && rows.Remove(row.Number) && rows.Count == 0) _rows.Remove(value);
    }
}
