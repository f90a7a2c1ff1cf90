using System.Text.RegularExpressions;
using OrgSimulator.Schema;

namespace OrgSimulator.Soql;

/// <summary>What SELECT, HAVING and ORDER BY say of groups: every field must be grouped or aggregated.</summary>
public sealed partial class GroupBinder(Binder binder, ObjectType type, string? alias, IReadOnlyList<(string? Function, BoundPath Path)> groups)
{
    private readonly List<AggregateColumn> _unseen = [];

    /// <summary>Columns of SELECT, once they are bound.</summary>
    public IReadOnlyList<Column> Seen { get; set; } = [];

    /// <summary>What only HAVING and ORDER BY name.</summary>
    public IReadOnlyList<AggregateColumn> Unseen => _unseen;

    public AggregateColumn Select(SelectItem item, IReadOnlyList<Column> before)
    {
        var column = item switch
        {
            SelectPath(var name, var given) => Column(null, name, "Field", given),
            SelectFunction(var function, var argument, var given) => Column(function.Text.ToUpperInvariant(), argument ?? function with { Text = "" }, "Field",
                given ?? $"expr{before.Count(other => Unnamed().IsMatch(other.Name))}", function),
            _ => throw SoqlException.Malformed("Field must be grouped or aggregated"),
        };
        return before.Any(other => other.Name.Equals(column.Name, StringComparison.OrdinalIgnoreCase)) ? throw SoqlException.Malformed($"duplicate alias: {column.Name}") : column;
    }

    /// <summary>Conditions over grouped fields and aggregates, whether SELECT has them or not.</summary>
    public Func<AggregateRow, bool> Having(Condition condition)
    {
        switch (condition)
        {
            case AllOf(var parts):
                var all = parts.Select(Having).ToArray();
                return row => Array.TrueForAll(all, test => test(row));
            case AnyOf(var parts):
                var any = parts.Select(Having).ToArray();
                return row => Array.Exists(any, test => test(row));
            case NotThat(var part):
                var inner = Having(part);
                return row => !inner(row);
            case Comparison { Function: var function, Path: var path, Operator: var op, Value: var value }:
                var column = Find(function, path, "Having field");
                var test = ConditionBinder.Test(Aggregates.TypeOf(column), column.Path?.Leaf, op, value, binder, path);
                return row => test(row.Values[column.Name]);
            case Membership { Function: var function, Path: var path, Negated: var negated, Query: null, Values: var values }:
                var member = Find(function, path, "Having field");
                var tests = values.Select(one => ConditionBinder.Test(Aggregates.TypeOf(member), member.Path?.Leaf, "=", one, binder, path)).ToArray();
                return row => Array.Exists(tests, one => one(row.Values[member.Name])) != negated;
            default:
                throw SoqlException.Malformed("HAVING takes comparisons and lists of values");
        }
    }

    public IComparer<AggregateRow> Order(IReadOnlyList<Ordering> orderings)
    {
        var keys = orderings.Select(ordering =>
        {
            if (ordering.Distance is not null) throw SoqlException.At("MALFORMED_QUERY", binder.Soql, ordering.Path.Position, "Ordered field must be grouped or aggregated: DISTANCE");
            var column = Find(ordering.Function, ordering.Path, "Ordered field");
            return (column.Name, Comparer: new ValueComparer(Aggregates.TypeOf(column), ordering.Descending, ordering.NullsLast));
        }).ToArray();
        return Comparer<AggregateRow>.Create((a, b) =>
        {
            foreach (var (name, comparer) in keys)
                if (comparer.Compare(a.Values[name], b.Values[name]) is not 0 and var order) return order;
            return 0;
        });
    }

    /// <summary>The column that SELECT has of it, or one that is worked out and not given back.</summary>
    private AggregateColumn Find(string? function, Name name, string what)
    {
        var wanted = Column(function, name, what, $"\u001d{_unseen.Count}");
        var same = Seen.Concat(_unseen).OfType<AggregateColumn>().FirstOrDefault(column => column.Function == wanted.Function && column.Path?.Text == wanted.Path?.Text);
        if (same is null) _unseen.Add(wanted);
        return same ?? wanted;
    }

    private AggregateColumn Column(string? function, Name argument, string what, string? named, Name? functionName = null)
    {
        var at = functionName ?? argument;
        if (function is null)
        {
            var path = binder.Path(type, alias, argument);
            if (!groups.Any(group => group.Function is null && group.Path.Text == path.Text))
                throw SoqlException.At("MALFORMED_QUERY", binder.Soql, argument.Position, $"{what} must be grouped or aggregated: {path.Text}");
            return new AggregateColumn(named is null || named.StartsWith('\u001d') && what == "Field" ? path.Leaf.Name : named, null, path);
        }
        var over = argument.Text.Length > 0 ? binder.Path(type, alias, argument) : null;
        if (function is "TOLABEL" or "FORMAT" or "CONVERTCURRENCY" && over is not null && groups.Any(group => group.Path.Text == over.Text)) return new AggregateColumn(named ?? over.Leaf.Name, null, over);
        if (over is null && function != "COUNT" || !Aggregates.IsAggregate(function) && !groups.Any(group => Belongs(group, function, over!)))
            throw SoqlException.At("MALFORMED_QUERY", binder.Soql, at.Position, $"unexpected token: '{functionName?.Text ?? function}'");
        if (over is not null && Aggregates.IsAggregate(function) && !Aggregates.Allows(function, over.Leaf))
            throw SoqlException.At("INVALID_FIELD", binder.Soql, at.Position, $"field {over.Leaf.Name} does not support aggregate operator {function}");
        return new AggregateColumn(named!, function, over);
    }

    private static bool Belongs((string? Function, BoundPath Path) group, string function, BoundPath over) =>
        group.Path.Text == over.Text && (function == "GROUPING" || group.Function == function);

    [GeneratedRegex("^expr[0-9]+$")]
    private static partial Regex Unnamed();
}
