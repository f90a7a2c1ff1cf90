using System.Globalization;
using OrgSimulator.Schema;

namespace OrgSimulator.Soql;

/// <summary>Order of stored values by the type of their field; nulls where ORDER BY wants them.</summary>
public sealed class ValueComparer(FieldType type, bool descending = false, bool nullsLast = false) : IComparer<string?>
{
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null) return x is null && y is null ? 0 : (x is null) == nullsLast ? 1 : -1;
        var order = Compare(type, x, y);
        return descending ? -order : order;
    }

    public static int Compare(FieldType type, string x, string y) =>
        type.IsNumber() ? Number(x).CompareTo(Number(y))
        : type.IsText() ? string.Compare(x, y, StringComparison.OrdinalIgnoreCase)
        : string.CompareOrdinal(x, y);

    public static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}
