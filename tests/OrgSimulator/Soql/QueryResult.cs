using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Soql;

/// <summary>
/// What a query found, as of the moment it was asked: pages never change, whatever is written meanwhile. In Id order (none asked for, or ORDER BY Id)
/// nothing is held but the snapshot and where pages began; any other order holds its rows.
/// </summary>
public sealed class QueryResult
{
    private readonly QueryPlan _plan;
    private readonly OrgStore _store;
    private readonly TableSnapshot _table;
    private readonly Func<Row, bool>? _filter;
    private readonly Func<Row, bool> _seen;
    private readonly long[]? _numbers;
    private readonly List<Row>? _held;
    private readonly bool _backwards;
    private readonly SortedList<long, long> _marks = [];

    public QueryResult(QueryPlan plan, OrgStore store, bool includeDeleted)
    {
        (_plan, _store, _table) = (plan, store, store.Table(plan.Type).Snapshot());
        var now = store.Now;
        _filter = plan.Reach.IsWhole ? null : plan.Filter;
        _seen = row => !row.IsDeleted || includeDeleted && !plan.Reach.LiveOnly && store.InBin(row, now);
        _numbers = plan.Reach.Ids is null ? plan.Reach.Numbers(_table) : null;
        _backwards = plan.Order is [{ Field.Source: FieldSource.Id, Descending: true }];
        if (plan.Reach.Ids is { } ids)
            _held = plan.Window(Sorted(ids.Where(id => store.Schema.OfId(id) == plan.Type).Select(SalesforceIdNumber).Distinct().Order().Select(_table.Find).OfType<Row>().Where(Matches)));
        else if (plan.Order.Count > 0 && plan.Order is not [{ Field.Source: FieldSource.Id, Descending: false }, ..]) _held = plan.Window(_backwards ? [.. Last()] : Sorted(Matching(0)));
        Total = _held?.Count ?? (int)CountAll();
    }

    private QueryResult(QueryPlan plan, OrgStore store, List<Row> rows)
    {
        (_plan, _store, _table, _seen, _held) = (plan, store, store.Table(plan.Type).Snapshot(), _ => true, rows);
        Total = rows.Count;
    }

    /// <summary>Rows that were found already: the children of one record.</summary>
    public static QueryResult Held(QueryPlan plan, OrgStore store, List<Row> rows) => new(plan, store, rows);

    /// <summary>Rows in all, limit and offset applied.</summary>
    public int Total { get; }

    /// <summary>The rows from a place on; the first rows of a following page are found without reading the ones before.</summary>
    public IEnumerable<Row> From(int offset) => _held is not null ? _held.Skip(offset) : Total <= offset ? [] : Stream(offset).Take(Total - offset);

    public List<Row> Page(int offset, int count) => [.. From(offset).Take(count)];

    private static long SalesforceIdNumber(string id) => SalesforceId.Number(id);

    private bool Matches(Row row) => _seen(row) && (_filter is null || _filter(row));

    private IEnumerable<Row> Matching(long from)
    {
        var (low, below) = (Math.Max(from, _plan.Reach.From), _plan.Reach.Below);
        var rows = _numbers is not null ? _table.Among(_numbers, low) : _table.Rows(low, below);
        return rows.Where(Matches);
    }

    private IEnumerable<Row> Last() => _table.Backwards(_plan.Reach.From, _plan.Reach.Below).Where(Matches).Take(_plan.Limit is { } limit ? limit + _plan.Offset : int.MaxValue);

    /// <summary>With a limit no more rows are held than it asks for.</summary>
    private List<Row> Sorted(IEnumerable<Row> rows)
    {
        if (_plan.Order.Count == 0) return [.. rows];
        if (_plan.Limit is not { } limit) return _plan.Sort(rows);
        var wanted = limit + _plan.Offset;
        var best = new List<Row>();
        foreach (var row in rows)
        {
            best.Add(row);
            if (best.Count >= Math.Max(10_000, wanted * 2)) best = _plan.Sort(best)[..Math.Min(wanted, best.Count)];
        }
        return _plan.Sort(best);
    }

    private long CountAll()
    {
        var most = _plan.Limit is { } limit ? (long)limit + _plan.Offset : long.MaxValue;
        long count;
        if (_filter is not null || _numbers is not null)
        {
            count = 0;
            foreach (var _ in Matching(0))
                if (++count >= most) break;
        }
        else count = _table.Count(_plan.Reach.From, _plan.Reach.Below, _seen);
        return Math.Max(0, Math.Min(count, most) - _plan.Offset);
    }

    private IEnumerable<Row> Stream(int offset)
    {
        long place = offset + _plan.Offset;
        var (at, number) = MarkBefore(place);
        if (_filter is null && _numbers is null && at < place) (at, number) = (place, _table.Skip(Math.Max(number, _plan.Reach.From), place - at, _seen));
        try
        {
            foreach (var row in Matching(number))
            {
                number = row.Number + 1;
                if (at++ >= place) yield return row;
            }
        }
        finally
        {
            lock (_marks) _marks[at] = number;
        }
    }

    private (long Place, long Number) MarkBefore(long place)
    {
        lock (_marks)
        {
            var (low, high) = (0, _marks.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_marks.Keys[middle] <= place) low = middle + 1;
                else high = middle;
            }
            return low == 0 ? (0, 0) : (_marks.Keys[low - 1], _marks.Values[low - 1]);
        }
    }
}
