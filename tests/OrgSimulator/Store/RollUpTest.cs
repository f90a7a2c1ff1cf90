using OrgSimulator.Schema;
using OrgSimulator.Soql;

namespace OrgSimulator.Store;

/// <summary>Whether a detail counts for a roll-up summary that has a filter.</summary>
public static class RollUpTest
{
    public static bool Passes(ObjectType child, RollUpFilter filter, Row row)
    {
        if (child.FindAny(filter.Field) is not { } field) return false;
        var held = FieldReader.Text(child, field, row) ?? "";
        return filter.Operation switch
        {
            "equals" => filter.Values.Any(value => Order(value) == 0),
            "notEqual" => filter.Values.All(value => Order(value) != 0),
            "lessThan" => Order(filter.Values[0]) < 0,
            "lessOrEqual" => Order(filter.Values[0]) <= 0,
            "greaterThan" => Order(filter.Values[0]) > 0,
            "greaterOrEqual" => Order(filter.Values[0]) >= 0,
            "contains" => filter.Values.Any(value => held.Contains(value, StringComparison.OrdinalIgnoreCase)),
            "notContain" => !filter.Values.Any(value => held.Contains(value, StringComparison.OrdinalIgnoreCase)),
            "startsWith" => filter.Values.Any(value => held.StartsWith(value, StringComparison.OrdinalIgnoreCase)),
            "includes" => filter.Values.Any(value => held.Split(';').Contains(value, StringComparer.OrdinalIgnoreCase)),
            "excludes" => !filter.Values.Any(value => held.Split(';').Contains(value, StringComparer.OrdinalIgnoreCase)),
            _ => false,
        };

        // A blank is neither less nor more than anything, and equals only a blank.
        int? Order(string value)
        {
            if (field.Type == FieldType.Boolean) value = Coercion.Boolean(value) ?? value;
            return held.Length == 0 || value.Length == 0 ? held.Length == value.Length ? 0 : null : ValueComparer.Compare(field.Type, held, value);
        }
    }
}
