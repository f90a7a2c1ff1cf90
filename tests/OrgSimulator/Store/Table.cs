using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>
/// The records of one object in Id order. Reading needs no lock; writing is done under the lock of the store.
/// A purged row leaves a hole, which the next compaction closes.
/// </summary>
public sealed class Table(ObjectType type)
{
    private Row?[] _rows = [];
    private int _count;
    private int _holes;
    private readonly Dictionary<Field, long> _autoNumbers = [];

    public ObjectType Type { get; } = type;
    public List<(string Id, uint At)> Purged { get; } = [];
    public Dictionary<Field, ValueIndex> Indexes { get; } = [];
    public long NextNumber { get; set; } = 1;

    /// <summary>Counts for one field that numbers itself: 1, 2, 3 …</summary>
    public long NextAutoNumber(Field field) => _autoNumbers[field] = _autoNumbers.GetValueOrDefault(field) + 1;

    /// <summary>Rows as they stand now, deleted ones included. The span may change value by value but never moves.</summary>
    public IEnumerable<Row> All()
    {
        var count = Volatile.Read(ref _count);
        var rows = Volatile.Read(ref _rows);
        for (var i = 0; i < count && i < rows.Length; i++)
            if (Volatile.Read(ref rows[i]) is { } row) yield return row;
    }

    public IEnumerable<Row> Live() => All().Where(row => !row.IsDeleted);

    public int LiveCount => Live().Count();

    public Row? Find(string id)
    {
        if (id.Length < 15) return null;
        var count = Volatile.Read(ref _count);
        var rows = Volatile.Read(ref _rows);
        var at = Position(rows, Math.Min(count, rows.Length), SalesforceId.Number(id));
        return at >= 0 && Volatile.Read(ref rows[at]) is { } row && id.AsSpan(0, 15).SequenceEqual(row.Id.AsSpan(0, 15)) ? row : null;
    }

    public Row? FindLive(string id) => Find(id) is { IsDeleted: false } row ? row : null;

    public void Append(Row row)
    {
        if (_count == _rows.Length)
        {
            var larger = new Row?[Math.Max(16, _rows.Length * 2)];
            Array.Copy(_rows, larger, _count);
            Volatile.Write(ref _rows, larger);
        }
        _rows[_count] = row;
        Volatile.Write(ref _count, _count + 1);
        foreach (var index in Indexes.Values) index.Add(row);
    }

    /// <summary>Puts a version in the place of the one with the same Id; null purges it.</summary>
    public void Replace(Row old, Row? row)
    {
        var at = Position(_rows, _count, old.Number);
        Volatile.Write(ref _rows[at], row);
        foreach (var index in Indexes.Values)
        {
            index.Remove(old);
            if (row is not null) index.Add(row);
        }
        if (row is null && ++_holes > 1000 && _holes > _count / 2) Compact();
    }

    /// <summary>Brings a purged row back; only for undoing a deed that failed half way.</summary>
    public void Revive(Row row)
    {
        var at = Position(_rows, _count, row.Number);
        if (at < 0)
        {
            var kept = All().Append(row).OrderBy(r => r.Number).ToArray<Row?>();
            _holes = 0;
            Volatile.Write(ref _rows, kept);
            Volatile.Write(ref _count, kept.Length);
        }
        else
        {
            _rows[at] = row;
            _holes--;
        }
        foreach (var index in Indexes.Values) index.Add(row);
    }

    public void EnsureCapacity(int rows)
    {
        if (rows > _rows.Length) Array.Resize(ref _rows, rows);
    }

    private void Compact()
    {
        var kept = All().ToArray<Row?>();
        _holes = 0;
        Volatile.Write(ref _rows, kept);            // readers take the count first, so rows must be new before the count is
        Volatile.Write(ref _count, kept.Length);
    }

    /// <summary>Binary search that steps over holes; the position of the number, or -1.</summary>
    private static int Position(Row?[] rows, int count, long number)
    {
        int low = 0, high = count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var probe = middle;
            while (probe <= high && Volatile.Read(ref rows[probe]) is null) probe++;
            if (probe > high)
            {
                high = middle - 1;
                continue;
            }
            var found = rows[probe]?.Number ?? long.MaxValue;
            if (found == number) return probe;
            if (found < number) low = probe + 1;
            else high = middle - 1;
        }
        return -1;
    }
}

/// <summary>Records by the value of a field that is unique, an external id or asked for by value; letter case counts only where the field says so.</summary>
public sealed class ValueIndex(Field field)
{
    private readonly Dictionary<string, List<Row>> _rows = new(field.CaseSensitive ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<Row> Find(string value) => _rows.TryGetValue(value, out var rows) ? rows : [];

    public void Add(Row row)
    {
        if (row.IsDeleted || row[field.Slot] is not { } value) return;
        if (_rows.TryGetValue(value, out var rows)) rows.Add(row);
        else _rows[value] = [row];
    }

    public void Remove(Row row)
    {
        if (row[field.Slot] is { } value && _rows.TryGetValue(value, out var rows)) rows.RemoveAll(other => other.Number == row.Number);
    }
}
