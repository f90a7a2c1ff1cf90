using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Soql;

/// <summary>
/// Which rows a WHERE can reach at all, so that a huge table is not read from end to end: a range of Ids, a list of Ids, the children of some parents,
/// a span of stamps. The filter still judges each row, unless the reach says all there is to say.
/// </summary>
/// <param name="From">Lowest number.</param>
/// <param name="Below">Number after the highest.</param>
public sealed record Reach(long From = 0, long Below = long.MaxValue)
{
    public IReadOnlyCollection<string>? Ids { get; init; }
    public (Field Lookup, IReadOnlyCollection<string> Parents)? Children { get; init; }
    public (uint Since, uint Until)? Stamps { get; init; }

    /// <summary>Only rows that are not deleted.</summary>
    public bool LiveOnly { get; init; }

    /// <summary>True when every condition is already in the range of Ids and in <see cref="LiveOnly"/>.</summary>
    public bool IsWhole { get; init; }

    public static Reach Everything { get; } = new() { IsWhole = true };

    public static Reach Of(Condition? where, ObjectType type, OrgStore store, IReadOnlyCollection<string>? ids)
    {
        if (where is null) return Everything;
        var reach = new Reach { Ids = ids, IsWhole = ids is null };
        foreach (var part in where is AllOf(var parts) ? parts : [where]) reach = reach.With(part, type, store);
        return reach;
    }

    /// <summary>Rows that carry a stamp in [since, until) and maybe others, in Id order.</summary>
    public static IEnumerable<Row> Stamped(TableSnapshot table, uint since, uint until) =>
        table.Made?.Stamped(since, until) is { } numbers ? table.Among(numbers, 0) : table.Rows();

    /// <summary>Numbers of the generated rows in reach, in order; null when only the range bounds them. Not for Ids, which are looked up.</summary>
    public long[]? Numbers(TableSnapshot table)
    {
        if (table.Made is not { } made) return null;
        if (Children is var (lookup, parents) && made.Type.Find(lookup.Name) == lookup)
            return [.. parents.SelectMany(parent => made.Children(lookup, parent)).Where(number => number >= From && number < Below).Distinct().Order()];
        if (Stamps is not var (since, until)) return null;
        var stamped = made.Stamped(since, until);
        return From == 0 && Below == long.MaxValue ? stamped : stamped?.Where(number => number >= From && number < Below).ToArray();
    }

    private Reach With(Condition part, ObjectType type, OrgStore store)
    {
        switch (part)
        {
            case Comparison { Function: null, Value: { Kind: LiteralKind.String, Text: var text } } one
                when Is(one.Path, "Id") && SalesforceId.Complete(text) is { } id && id.StartsWith(type.KeyPrefix + store.Instance, StringComparison.Ordinal):
                var number = SalesforceId.Number(id);
                return one.Operator switch
                {
                    "=" => Between(number, number + 1),
                    ">" => Between(number + 1, long.MaxValue),
                    ">=" => Between(number, long.MaxValue),
                    "<" => Between(0, number),
                    "<=" => Between(0, number + 1),
                    _ => this with { IsWhole = false },
                };
            case Comparison { Function: null, Value: { Kind: LiteralKind.DateTime, Text: var text } } one
                when (Is(one.Path, "SystemModstamp") || Is(one.Path, "LastModifiedDate")) && Coercion.Instant(text) is { } instant:
                var second = (uint)Math.Clamp(new DateTimeOffset(instant, TimeSpan.Zero).ToUnixTimeSeconds(), 0, uint.MaxValue - 1);
                var (since, until) = Stamps ?? (0, uint.MaxValue);
                return this with
                {
                    IsWhole = false,
                    Stamps = one.Operator switch
                    {
                        "=" => (second, second + 1),
                        ">" or ">=" => (Math.Max(since, second), until),
                        "<" or "<=" => (since, Math.Min(until, second + 1)),
                        _ => Stamps,
                    },
                };
            case Comparison { Function: null, Operator: "=", Value: { Kind: LiteralKind.Boolean, Text: var text } } one when Is(one.Path, "IsDeleted") && text.Equals("false", StringComparison.OrdinalIgnoreCase):
                return this with { LiveOnly = true };
            case Comparison { Function: null, Operator: "=", Value: { Kind: LiteralKind.String, Text: var text } } one when Lookup(type, one.Path) is { } lookup && SalesforceId.Complete(text) is { } id:
                return this with { IsWhole = false, Children = (lookup, [id]) };
            case Membership { Negated: false, Query: null } many when Lookup(type, many.Path) is { } lookup && many.Values.All(value => value.Kind == LiteralKind.String):
                var ids = many.Values.Select(value => SalesforceId.Complete(value.Text)).OfType<string>().ToHashSet(StringComparer.Ordinal);
                return ids.Count == 0 ? this with { IsWhole = false } : this with { IsWhole = false, Children = (lookup, ids) };
            default:
                return this with { IsWhole = false };
        }
    }

    private Reach Between(long from, long below) => this with { From = Math.Max(From, from), Below = Math.Min(Below, below) };

    private static bool Is(Name path, string field) => path.Text.Equals(field, StringComparison.OrdinalIgnoreCase);

    private static Field? Lookup(ObjectType type, Name path) =>
        type.Find(path.Text) is { Type: FieldType.Reference, Source: FieldSource.Slot } field ? field : null;
}
