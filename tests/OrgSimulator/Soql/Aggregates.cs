using System.Globalization;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Soql;

/// <summary>COUNT, SUM, AVG, MIN, MAX and GROUP BY with its subtotals.</summary>
public static class Aggregates
{
    public static bool IsAggregate(string function) => function.ToUpperInvariant() is "COUNT" or "COUNT_DISTINCT" or "SUM" or "AVG" or "MIN" or "MAX";

    /// <summary>SUM and AVG want numbers; nothing is made of what cannot be filtered, and of truth values only a count.</summary>
    public static bool Allows(string function, Field field) => function switch
    {
        "SUM" or "AVG" => field.Type.IsNumber() && field.Filterable,
        "COUNT" or "COUNT_DISTINCT" => field.Filterable && !field.Type.IsCompound(),
        _ => field.Aggregatable,
    };

    /// <summary>One pass over the rows; only the groups are held.</summary>
    public static List<AggregateRow> Run(QueryPlan plan, OrgStore store, bool includeDeleted)
    {
        AggregateColumn[] columns = [.. plan.Columns.Cast<AggregateColumn>(), .. plan.Unseen];
        if (plan is { Groups.Count: 0, Having: null } && EndsOfIds(plan, columns, store, includeDeleted) is { } ends) return plan.Window([ends]);
        var whole = new QueryPlan
        {
            Soql = plan.Soql, Type = plan.Type, Columns = [], Filter = plan.Filter, Order = [], Groups = [], Having = null, FlatPaths = null, Reach = plan.Reach,
        };
        var sets = Sets(plan);
        var groups = new Dictionary<string, Tally[]>(StringComparer.OrdinalIgnoreCase);
        if (plan.Groups.Count == 0) groups[""] = Tallies(sets[0]);
        var values = new string?[plan.Groups.Count];
        foreach (var row in new QueryResult(whole, store, includeDeleted).From(0))
        {
            for (var i = 0; i < values.Length; i++) values[i] = Read(plan.Groups[i].Function, plan.Groups[i].Path, store, row);
            foreach (var set in sets)
            {
                var key = Key(set, values);
                if (!groups.TryGetValue(key, out var tallies)) groups[key] = tallies = Tallies(set);
                foreach (var tally in tallies) tally.Add(store, row);
            }
        }
        var results = new List<AggregateRow>();
        foreach (var (_, tallies) in groups.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            var result = new AggregateRow(tallies.ToDictionary(tally => tally.Column.Name, tally => tally.Value));
            if (plan.Having?.Invoke(result) != false) results.Add(result);
        }
        return plan.Window(plan.GroupOrder is { } order ? [.. results.Order(order)] : results);

        Tally[] Tallies(int set) => Array.ConvertAll(columns, column => new Tally(column, IsRolledUp(column, plan, set)));
    }

    /// <summary>Which of the grouped fields each line of the result keeps, as bits: one set for a plain GROUP BY, more with subtotals.</summary>
    private static int[] Sets(QueryPlan plan)
    {
        var all = (1 << Math.Min(plan.Groups.Count, 30)) - 1;
        return plan.Grouping switch
        {
            GroupKind.RollUp => [.. Enumerable.Range(0, plan.Groups.Count + 1).Select(dropped => all >> dropped)],
            GroupKind.Cube => [.. Enumerable.Range(0, all + 1).Reverse()],
            _ => [-1],
        };
    }

    /// <summary>Subtotals stand behind what they sum up.</summary>
    private static string Key(int set, string?[] values) => string.Join('\u001f', values.Select((value, i) => (set >> i & 1) == 0 ? "\uffff" : value ?? "\u001e"));

    private static bool IsRolledUp(AggregateColumn column, QueryPlan plan, int set)
    {
        if (column.Function is { } function && IsAggregate(function)) return false;
        for (var i = 0; i < plan.Groups.Count; i++)
            if (plan.Groups[i].Path.Text == column.Path!.Text && (column.Function is "GROUPING" || plan.Groups[i].Function == column.Function)) return (set >> i & 1) == 0;
        return false;
    }

    /// <summary>MIN and MAX of Id stand at the ends of the table.</summary>
    private static AggregateRow? EndsOfIds(QueryPlan plan, AggregateColumn[] columns, OrgStore store, bool includeDeleted)
    {
        if (columns.Length == 0 || !Array.TrueForAll(columns, column => column is { Function: "MIN" or "MAX", Path: { Hops.Count: 0, Leaf.Source: FieldSource.Id } })) return null;
        return new AggregateRow(columns.ToDictionary(column => column.Name, column => new QueryResult(new QueryPlan
        {
            Soql = plan.Soql, Type = plan.Type, Columns = [], Filter = plan.Filter, Groups = [], Having = null, FlatPaths = null, Reach = plan.Reach, Limit = 1,
            Order = column.Function == "MIN" ? [] : [(row => row.Id, column.Path!.Leaf, true, false)],
        }, store, includeDeleted).From(0).FirstOrDefault()?.Id));
    }

    /// <summary>Type of a column's value, for writing it as JSON.</summary>
    public static FieldType TypeOf(AggregateColumn column) => column.Function switch
    {
        "COUNT" or "COUNT_DISTINCT" => FieldType.Int,
        "SUM" or "AVG" => FieldType.Double,
        null or "MIN" or "MAX" => column.Path!.Leaf.Type,
        "DAY_ONLY" => FieldType.Date,
        _ => FieldType.Int,
    };

    private static string? Read(string? function, BoundPath path, OrgStore store, Row row) =>
        function is null ? path.Read(store, row) : Binder.DatePart(function, path.Read(store, row));

    /// <summary>One column of one group while the rows go by.</summary>
    private sealed class Tally(AggregateColumn column, bool rolledUp)
    {
        private readonly HashSet<string> _distinct = new(StringComparer.OrdinalIgnoreCase);
        private readonly FieldType _type = column.Path?.Leaf.Type ?? FieldType.Int;
        private long _rows;
        private long _values;
        private double _sum;
        private string? _text;

        public AggregateColumn Column => column;

        public void Add(OrgStore store, Row row)
        {
            _rows++;
            if (column.Path is null) return;
            if (column.Function is null || !IsAggregate(column.Function))
            {
                if (column.Function == "GROUPING") _text = rolledUp ? "1" : "0";
                else if (_rows == 1 && !rolledUp) _text = Read(column.Function, column.Path, store, row);
                return;
            }
            if (column.Path.Read(store, row) is not { } value) return;
            _values++;
            switch (column.Function)
            {
                case "COUNT_DISTINCT": _distinct.Add(value); break;
                case "MIN" when _text is null || ValueComparer.Compare(_type, value, _text) < 0: _text = value; break;
                case "MAX" when _text is null || ValueComparer.Compare(_type, value, _text) > 0: _text = value; break;
                case "SUM" or "AVG": _sum += ValueComparer.Number(value); break;
            }
        }

        public string? Value => column.Path is null ? Count(_rows) : column.Function switch
        {
            "COUNT" => Count(_values),
            "COUNT_DISTINCT" => Count(_distinct.Count),
            "SUM" or "AVG" => _values == 0 ? null : Coercion.Number((column.Function == "SUM" ? _sum : _sum / _values).ToString("R", CultureInfo.InvariantCulture)),
            _ => _text,
        };

        private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);
    }
}
