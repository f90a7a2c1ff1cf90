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

    public static List<AggregateRow> Run(QueryPlan plan, OrgStore store, bool includeDeleted)
    {
        var whole = new QueryPlan
        {
            Soql = plan.Soql, Type = plan.Type, Columns = [], Filter = plan.Filter, Order = [], Groups = [], Having = null, FlatPaths = null, Ids = plan.Ids,
        };
        var rows = whole.Rows(store, includeDeleted);
        var groups = new Dictionary<string, List<Row>>(StringComparer.OrdinalIgnoreCase);
        if (plan.Groups.Count == 0) groups[""] = rows;
        else
            foreach (var row in rows)
            {
                var key = string.Join('\u001f', plan.Groups.Select(group => Read(group.Function, group.Path, store, row) ?? "\u001e"));
                if (!groups.TryGetValue(key, out var list)) groups[key] = list = [];
                list.Add(row);
            }
        var results = new List<AggregateRow>();
        foreach (var list in groups.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase).Select(pair => pair.Value))
        {
            var values = plan.Columns.Cast<AggregateColumn>().ToDictionary(column => column.Name, column => Value(column, store, list));
            var result = new AggregateRow(values, list);
            if (plan.Having?.Invoke(result) != false) results.Add(result);
        }
        return plan.Window(results);
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

    private static string? Value(AggregateColumn column, OrgStore store, List<Row> rows)
    {
        if (column.Path is null) return rows.Count.ToString(CultureInfo.InvariantCulture);
        if (column.Function is null || !IsAggregate(column.Function)) return rows.Count == 0 ? null : Read(column.Function, column.Path, store, rows[0]);
        var values = rows.Select(row => column.Path.Read(store, row)).OfType<string>().ToList();
        var type = column.Path.Leaf.Type;
        var order = Comparer<string>.Create((x, y) => ValueComparer.Compare(type, x, y));
        switch (column.Function)
        {
            case "COUNT": return values.Count.ToString(CultureInfo.InvariantCulture);
            case "COUNT_DISTINCT": return values.Distinct(StringComparer.OrdinalIgnoreCase).Count().ToString(CultureInfo.InvariantCulture);
            case "MIN": return values.Count == 0 ? null : values.Min(order);
            case "MAX": return values.Count == 0 ? null : values.Max(order);
            default:
                if (values.Count == 0) return null;
                var sum = values.Sum(ValueComparer.Number);
                return Coercion.Number((column.Function == "SUM" ? sum : sum / values.Count).ToString("R", CultureInfo.InvariantCulture));
        }
    }
}
