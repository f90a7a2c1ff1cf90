using System.Globalization;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Soql;

/// <summary>COUNT, SUM, AVG, MIN, MAX and GROUP BY.</summary>
public static class Aggregates
{
    public static bool IsAggregate(string function) => function.ToUpperInvariant() is "COUNT" or "COUNT_DISTINCT" or "SUM" or "AVG" or "MIN" or "MAX";

    public static AggregateColumn Bind(Binder binder, ObjectType type, string? alias, SelectItem item, IReadOnlyList<(string? Function, BoundPath Path)> groups, IReadOnlyList<Column> before)
    {
        switch (item)
        {
            case SelectPath(var name):
                var path = binder.Path(type, alias, name);
                if (!groups.Any(group => group.Function is null && group.Path.Text == path.Text))
                    throw SoqlException.At("MALFORMED_QUERY", binder.Soql, name.Position, $"Field must be grouped or aggregated: {path.Text}");
                return new AggregateColumn(path.Leaf.Name, null, path);
            case SelectFunction(var function, var argument, var given):
                var word = function.Text.ToUpperInvariant();
                var over = argument is { } inner ? binder.Path(type, alias, inner) : null;
                if (over is null && word != "COUNT") throw SoqlException.At("MALFORMED_QUERY", binder.Soql, function.Position, $"unexpected token: '{function.Text}'");
                if (!IsAggregate(word) && !groups.Any(group => group.Function == word))
                    throw SoqlException.At("MALFORMED_QUERY", binder.Soql, function.Position, $"unexpected token: '{function.Text}'");
                if (word is "SUM" or "AVG" && !over!.Leaf.Type.IsNumber())
                    throw SoqlException.At("INVALID_FIELD", binder.Soql, function.Position, $"field {over.Leaf.Name} does not support aggregate operator {word}");
                return new AggregateColumn(given ?? $"expr{before.Count(column => column.Name.StartsWith("expr", StringComparison.Ordinal))}", word, over);
            default:
                throw SoqlException.Malformed("Field must be grouped or aggregated");
        }
    }

    /// <summary>One pass over the rows; only the groups are held.</summary>
    public static List<AggregateRow> Run(QueryPlan plan, OrgStore store, bool includeDeleted)
    {
        var columns = plan.Columns.Cast<AggregateColumn>().ToArray();
        if (plan.Groups.Count == 0 && plan.Having is null && EndsOfIds(plan, columns, store, includeDeleted) is { } ends) return plan.Window([ends]);
        var whole = new QueryPlan
        {
            Soql = plan.Soql, Type = plan.Type, Columns = [], Filter = plan.Filter, Order = [], Groups = [], Having = null, FlatPaths = null, Reach = plan.Reach,
        };
        var groups = new Dictionary<string, Tally[]>(StringComparer.OrdinalIgnoreCase);
        if (plan.Groups.Count == 0) groups[""] = Tallies();
        foreach (var row in new QueryResult(whole, store, includeDeleted).From(0))
        {
            var key = plan.Groups.Count == 0 ? "" : string.Join('\u001f', plan.Groups.Select(group => Read(group.Function, group.Path, store, row) ?? "\u001e"));
            if (!groups.TryGetValue(key, out var tallies)) groups[key] = tallies = Tallies();
            foreach (var tally in tallies) tally.Add(store, row);
        }
        var results = new List<AggregateRow>();
        foreach (var (_, tallies) in groups.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            var result = new AggregateRow(tallies.ToDictionary(tally => tally.Column.Name, tally => tally.Value));
            if (plan.Having?.Invoke(result) != false) results.Add(result);
        }
        return plan.Window(results);

        Tally[] Tallies() => Array.ConvertAll(columns, column => new Tally(column));
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

    /// <summary>HAVING over one aggregate at a time; and, or, not as in WHERE.</summary>
    public static Func<AggregateRow, bool> Having(Binder binder, Condition condition, IReadOnlyList<Column> columns)
    {
        switch (condition)
        {
            case AllOf(var parts):
                var all = parts.Select(part => Having(binder, part, columns)).ToArray();
                return row => Array.TrueForAll(all, test => test(row));
            case AnyOf(var parts):
                var any = parts.Select(part => Having(binder, part, columns)).ToArray();
                return row => Array.Exists(any, test => test(row));
            case NotThat(var part):
                var inner = Having(binder, part, columns);
                return row => !inner(row);
            case Comparison { Function: var function, Path: var path, Operator: var op, Value: var value }:
                var column = columns.OfType<AggregateColumn>().FirstOrDefault(c => c.Function == function
                    && (path.Text.Length == 0 ? c.Path is null : path.Text.Equals(c.Path?.Text, StringComparison.OrdinalIgnoreCase)))
                    ?? throw SoqlException.At("MALFORMED_QUERY", binder.Soql, path.Position, "HAVING must name an aggregate that SELECT has");
                var kind = value.Kind == LiteralKind.Number ? FieldType.Double : FieldType.String;
                return row =>
                {
                    if (row.Values[column.Name] is not { } text) return op == "!=";
                    var order = ValueComparer.Compare(kind, text, value.Text);
                    return op switch { "=" => order == 0, "!=" => order != 0, "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
                };
            default:
                throw SoqlException.Malformed("HAVING supports comparisons only");
        }
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
    private sealed class Tally(AggregateColumn column)
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
                if (_rows == 1) _text = Read(column.Function, column.Path, store, row);
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
