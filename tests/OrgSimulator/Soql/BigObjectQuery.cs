using OrgSimulator.Schema;

namespace OrgSimulator.Soql;

/// <summary>
/// Big objects are read by their index: its fields from the first on, each by = or IN, the last one named also by a range. Nothing is sorted,
/// grouped or counted.
/// </summary>
public static class BigObjectQuery
{
    /// <exception cref="SoqlException">The query asks for more.</exception>
    public static void Check(ObjectType type, Query query)
    {
        if (query.OrderBy.Count > 0 || query.GroupBy.Count > 0 || query.Select.Any(item => item is SelectFunction))
            throw new SoqlException("BIG_OBJECT_UNSUPPORTED_OPERATION", $"{type.Name} is a big object: ORDER BY, GROUP BY and aggregate functions are not supported");
        var parts = query.Where switch { null => [], AllOf(var all) => all, var one => [one] };
        var at = -1;
        var ranged = false;
        foreach (var part in parts)
        {
            var (field, exact) = part switch
            {
                Comparison { Function: null, Operator: "=" } one => (one.Path.Text, true),
                Comparison { Function: null, Operator: "<" or "<=" or ">" or ">=" } range => (range.Path.Text, false),
                Membership { Negated: false, Query: null } many => (many.Path.Text, true),
                _ => throw Refuse(type),
            };
            var same = at >= 0 && field.Equals(type.Index[at], StringComparison.OrdinalIgnoreCase);
            if (ranged && (!same || exact)) throw Refuse(type);             // after a range only its other end
            if (!same && (++at >= type.Index.Count || !field.Equals(type.Index[at], StringComparison.OrdinalIgnoreCase))) throw Refuse(type);
            ranged |= !exact;
        }
    }

    private static SoqlException Refuse(ObjectType type) => new("INVALID_QUERY_FILTER_OPERATOR",
        $"{type.Name} is a big object: filter by the fields of its index from left to right ({string.Join(", ", type.Index)}), by = or IN, and by a range only on the last one");
}
