using System.Globalization;
using System.Text.RegularExpressions;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Soql;

/// <summary>Turns WHERE into a test of one record, refusing what the fields do not allow.</summary>
public sealed partial class ConditionBinder(Binder binder, ObjectType type, string? alias)
{
    private readonly string _soql = binder.Soql;
    private readonly OrgStore _store = binder.Store;
    private int _semiJoins;

    public Func<Row, bool> Bind(Condition condition)
    {
        switch (condition)
        {
            case AllOf(var parts):
                var all = parts.Select(Bind).ToArray();
                return row => Array.TrueForAll(all, test => test(row));
            case AnyOf(var parts):
                if (parts.FirstOrDefault(part => part is Membership { Query: not null }) is Membership { Path.Position: var at })
                    throw SoqlException.At("MALFORMED_QUERY", _soql, at, "Semi join sub-selects are not allowed with the 'OR' operator");
                var any = parts.Select(Bind).ToArray();
                return row => Array.Exists(any, test => test(row));
            case NotThat(var part):
                var inner = Bind(part);
                return row => !inner(row);
            case Comparison comparison: return Compare(comparison);
            case Membership membership: return In(membership);
            case Inclusion inclusion: return Includes(inclusion);
            case Nearness nearness:
                var far = binder.Measure(type, alias, nearness.Distance);
                return row => far(row) is { } distance && (nearness.Operator == "<" ? distance < nearness.Value : distance > nearness.Value);
            default: throw new InvalidOperationException($"unknown condition {condition.GetType().Name}");
        }
    }

    private Func<Row, bool> Compare(Comparison comparison)
    {
        var path = binder.Path(type, alias, comparison.Path);
        var read = binder.Reader(path, comparison.Function);
        if (comparison.Function is not null && Binder.IsDatePart(comparison.Function))
        {
            var test = Test(Aggregates.TypeOf(new AggregateColumn("", comparison.Function, path)), path.Leaf, comparison.Operator, comparison.Value, binder, comparison.Path);
            return row => test(read(row));
        }
        Filterable(path, comparison.Path);
        if (path.Leaf.Shield == Shield.Deterministic && comparison.Operator is not ("=" or "!=")) throw InvalidOperator(path, comparison.Path);
        if (comparison.Operator == "LIKE") return Like(path, read, comparison);
        if (comparison.Value.Kind == LiteralKind.Relative) return Relative(path, read, comparison);
        var value = Value(path.Leaf, path.Leaf.Type, comparison.Value);
        if (value is null)
            return comparison.Operator switch
            {
                "=" => row => read(row) is null,
                "!=" => row => read(row) is not null,
                _ => _ => false,
            };
        if (Stamp(path, comparison, value) is { } quick) return quick;
        var kind = path.Leaf.Type;
        if (kind == FieldType.Boolean && comparison.Operator is not ("=" or "!=")) throw InvalidOperator(path, comparison.Path);
        if (path.Leaf.CaseSensitive && comparison.Operator is "=" or "!=") return row => (read(row) == value) == (comparison.Operator == "=");
        if (comparison.Operator == "!=") return row => read(row) is not { } text || ValueComparer.Compare(kind, text, value) != 0;
        return row => read(row) is { } text && Matches(ValueComparer.Compare(kind, text, value), comparison.Operator);
    }

    /// <summary>Comparisons of the server's own stamps need no text: they are what incremental reads scan a million records with.</summary>
    private static Func<Row, bool>? Stamp(BoundPath path, Comparison comparison, string value)
    {
        if (path.Hops.Count > 0 || comparison.Function is not null || Coercion.Instant(value) is not { } instant) return null;
        Func<Row, uint>? stamp = path.Leaf.Source switch
        {
            FieldSource.SystemModstamp => row => row.Modstamp,
            FieldSource.LastModifiedDate => row => row.Modified,
            FieldSource.CreatedDate => row => row.Created,
            _ => null,
        };
        if (stamp is null) return null;
        var milliseconds = new DateTimeOffset(instant, TimeSpan.Zero).ToUnixTimeMilliseconds();
        return row => Matches((stamp(row) * 1000L).CompareTo(milliseconds), comparison.Operator);
    }

    private Func<Row, bool> Relative(BoundPath path, Func<Row, string?> read, Comparison comparison)
    {
        if (path.Leaf.Type is not (FieldType.Date or FieldType.DateTime)) throw Mismatch(path.Leaf, comparison.Value, path.Leaf.Type);
        var (from, until) = RelativeDate.Span(comparison.Value.Text, DateOnly.FromDateTime(_store.Time.GetUtcNow().UtcDateTime))!.Value;
        string Edge(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + (path.Leaf.Type == FieldType.Date ? "" : "T00:00:00.000Z");
        var (first, after) = (Edge(from), Edge(until));
        return row =>
        {
            if (read(row) is not { } text) return comparison.Operator == "!=";
            var below = string.CompareOrdinal(text, first) < 0;
            var above = string.CompareOrdinal(text, after) >= 0;
            return comparison.Operator switch
            {
                "=" => !below && !above,
                "!=" => below || above,
                "<" => below,
                "<=" => !above,
                ">" => above,
                _ => !below,
            };
        };
    }

    private Func<Row, bool> Like(BoundPath path, Func<Row, string?> read, Comparison comparison)
    {
        if (!path.Leaf.Type.IsText() || comparison.Value.Kind != LiteralKind.String) throw InvalidOperator(path, comparison.Path);
        var pattern = new LikePattern(comparison.Value.Pattern!);
        return row => read(row) is { } text && pattern.Matches(text);
    }

    private Func<Row, bool> In(Membership membership)
    {
        var path = binder.Path(type, alias, membership.Path);
        var read = binder.Reader(path, membership.Function);
        if (membership.Function is { } function && Binder.IsDatePart(function))
        {
            var tests = membership.Values.Select(value => Test(Aggregates.TypeOf(new AggregateColumn("", function, path)), path.Leaf, "=", value, binder, membership.Path)).ToArray();
            return row => read(row) is var part && Array.Exists(tests, test => test(part)) != membership.Negated;
        }
        Filterable(path, membership.Path);
        var values = new HashSet<string>(path.Leaf.Type.IsText() && !path.Leaf.CaseSensitive ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        var hasNull = false;
        if (membership.Query is { } query)
        {
            if (++_semiJoins > 2) throw SoqlException.Malformed("Only two semi join sub-selects are allowed per query");
            foreach (var text in binder.SemiJoin(query, path, membership.Path)) values.Add(text);
        }
        else
            foreach (var literal in membership.Values)
            {
                if (Value(path.Leaf, path.Leaf.Type, literal) is { } text) values.Add(text);
                else hasNull = true;
            }
        if (path.Leaf.Type.IsNumber())
        {
            var numbers = values.Select(ValueComparer.Number).ToHashSet();
            return row => (read(row) is { } text ? numbers.Contains(ValueComparer.Number(text)) : hasNull) != membership.Negated;
        }
        return row => (read(row) is { } text ? values.Contains(text) : hasNull) != membership.Negated;
    }

    private Func<Row, bool> Includes(Inclusion inclusion)
    {
        var path = binder.Path(type, alias, inclusion.Path);
        if (path.Leaf.Type != FieldType.MultiPicklist) throw InvalidOperator(path, inclusion.Path);
        var read = binder.Reader(path, null);
        var wanted = inclusion.Values.Select(value => value.Text.Split(';')).ToArray();
        return row =>
        {
            var held = read(row)?.Split(';') ?? [];
            return Array.Exists(wanted, set => Array.TrueForAll(set, value => held.Contains(value, StringComparer.OrdinalIgnoreCase))) != inclusion.Negated;
        };
    }

    /// <summary>Tests one value that was worked out: a part of a date, an aggregate, the field of a group.</summary>
    public static Func<string?, bool> Test(FieldType kind, Field? field, string op, Literal literal, Binder binder, Name at)
    {
        if (literal.Kind == LiteralKind.Relative || op == "LIKE" && (literal.Kind != LiteralKind.String || !kind.IsText()))
            throw SoqlException.At("MALFORMED_QUERY", binder.Soql, at.Position, $"invalid operator on {kind.Name()} field");
        if (op == "LIKE")
        {
            var pattern = new LikePattern(literal.Pattern!);
            return text => text is not null && pattern.Matches(text);
        }
        var value = new ConditionBinder(binder, NameEntity.Type, null).Value(field ?? new Field("COUNT", kind), kind, literal);
        if (value is null) return op switch { "=" => text => text is null, "!=" => text => text is not null, _ => _ => false };
        return text => text is null ? op == "!=" : Matches(ValueComparer.Compare(kind, text, value), op);
    }

    private string? Value(Field field, FieldType kind, Literal literal)
    {
        if (literal.Kind == LiteralKind.Null) return null;
        if (literal.Kind == LiteralKind.String && literal.Text.Length == 0 && kind.IsText()) return null;
        var fits = literal.Kind switch
        {
            LiteralKind.String => kind.IsText() || kind is FieldType.Id or FieldType.Reference or FieldType.Time,
            LiteralKind.Number => kind.IsNumber(),
            LiteralKind.Boolean => kind == FieldType.Boolean,
            LiteralKind.Date => kind == FieldType.Date,
            LiteralKind.DateTime => kind == FieldType.DateTime && Zone().IsMatch(literal.Text),
            _ => false,
        };
        if (!fits) throw Mismatch(field, literal, kind);
        if (kind is FieldType.Id or FieldType.Reference)
            return SalesforceId.Complete(literal.Text) ?? throw SoqlException.At("INVALID_QUERY_FILTER_OPERATOR", _soql, literal.Position, $"invalid ID field: {literal.Text}");
        return literal.Kind switch
        {
            LiteralKind.Boolean => literal.Text.ToLowerInvariant(),
            LiteralKind.DateTime => Coercion.DateTime(literal.Text) ?? throw Mismatch(field, literal, kind),
            LiteralKind.Date => Coercion.Date(literal.Text) ?? throw Mismatch(field, literal, kind),
            _ => literal.Text,
        };
    }

    /// <summary>A moment without its zone is none.</summary>
    [GeneratedRegex("(Z|[+-][0-9]{2}:?[0-9]{2})$", RegexOptions.IgnoreCase)]
    private static partial Regex Zone();

    private SoqlException Mismatch(Field field, Literal literal, FieldType kind) => SoqlException.At("INVALID_FIELD", _soql, literal.Position,
        $"value of filter criterion for field '{field.Name}' must be of type {kind.Name()} and should {(kind.IsText() || kind is FieldType.Id or FieldType.Reference ? "" : "not ")}be enclosed in quotes");

    private void Filterable(BoundPath path, Name name)
    {
        if (!path.Leaf.Filterable || path.Leaf.Type.IsCompound())
            throw SoqlException.At("INVALID_FIELD", _soql, name.Position, $"field '{path.Leaf.Name}' can not be filtered in a query call");
    }

    private SoqlException InvalidOperator(BoundPath path, Name name) =>
        SoqlException.At("INVALID_FIELD", _soql, name.Position, $"invalid operator on {path.Leaf.Type.Name()} field");

    private static bool Matches(int order, string op) => op switch
    {
        "=" => order == 0,
        "!=" => order != 0,
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };
}
