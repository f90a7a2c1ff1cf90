using System.Globalization;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Formulas;

/// <summary>
/// Values while a formula is worked out: decimal, string, bool, <see cref="DateOnly"/>, <see cref="DateTime"/> (UTC), <see cref="TimeOnly"/>, and null for blank.
/// A blank text and a text of no letters are the same.
/// </summary>
public static class FormulaValue
{
    /// <summary>A stored field value; percentages count as fractions, as formulas see them.</summary>
    public static object? Of(FieldType type, string? stored)
    {
        if (stored is null) return null;
        if (type.IsNumber())
            return decimal.TryParse(stored, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? type == FieldType.Percent ? number / 100 : number : null;
        return type switch
        {
            FieldType.Boolean => stored == "true",
            FieldType.Date => DateOnly.TryParseExact(stored, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null,
            FieldType.DateTime => Coercion.Instant(stored),
            FieldType.Time => TimeOnly.TryParse(stored.TrimEnd('Z'), CultureInfo.InvariantCulture, out var time) ? time : null,
            _ => stored,
        };
    }

    /// <summary>The value as a field of the type keeps it.</summary>
    public static string? Store(Field field, object? value)
    {
        switch (field.Type)
        {
            case FieldType.Boolean: return value is true ? "true" : "false";
            case FieldType.Date: return (value is DateTime moment ? DateOnly.FromDateTime(moment) : value) is DateOnly date ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
            case FieldType.DateTime: return value is DateTime instant ? instant.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture) : null;
            case FieldType.Time: return value is TimeOnly time ? time.ToString("HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : null;
            case var type when type.IsNumber():
                if (value is not decimal number) return field.BlanksAreZero ? "0.0" : null;
                if (type == FieldType.Percent) number *= 100;
                number = decimal.Round(number, Math.Clamp(field.Scale, 0, 18), MidpointRounding.AwayFromZero);
                return type is FieldType.Int or FieldType.Long ? decimal.Truncate(number).ToString(CultureInfo.InvariantCulture) : Coercion.Number(Plain(number));
            default: return Text(value) is { Length: > 0 } text ? text : null;
        }
    }

    public static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        decimal number => Plain(number),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime moment => moment.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture),
        _ => "",
    };

    public static bool IsBlank(object? value) => value is null or "";

    public static bool IsTrue(object? value) => value is true;

    /// <summary>Null when the two cannot be put in an order, one of them being blank.</summary>
    public static int? Compare(object? x, object? y)
    {
        if (x is DateTime or DateOnly && y is DateTime or DateOnly && x.GetType() != y.GetType()) (x, y) = (Moment(x), Moment(y));
        if (IsBlank(x) && IsBlank(y)) return 0;
        if (x is null || y is null) return x is string or null && y is string or null ? string.CompareOrdinal(Text(x), Text(y)) : null;
        return x switch
        {
            decimal number when y is decimal other => number.CompareTo(other),
            bool flag when y is bool other => flag.CompareTo(other),
            DateOnly date when y is DateOnly other => date.CompareTo(other),
            DateTime moment when y is DateTime other => moment.CompareTo(other),
            TimeOnly time when y is TimeOnly other => time.CompareTo(other),
            string text when y is string other => SameId(text, other) ? 0 : string.CompareOrdinal(text, other),
            _ => null,
        };
    }

    /// <summary>Plus and minus know numbers, texts and days; whatever is blank makes the result blank, but texts.</summary>
    public static object? Add(object? x, object? y, int sign)
    {
        if (x is string || y is string) return sign > 0 ? Text(x) + Text(y) : null;
        if (x is null || y is null) return null;
        return (x, y) switch
        {
            (decimal left, decimal right) => Try(() => left + sign * right),
            (DateOnly date, decimal days) => Try(() => date.AddDays(sign * (int)decimal.Floor(days))),
            (DateTime moment, decimal days) => Try(() => moment.AddSeconds((double)decimal.Round(sign * days * 86_400m))),
            (TimeOnly time, decimal milliseconds) => time.Add(TimeSpan.FromMilliseconds((double)(sign * milliseconds))),
            (decimal days, DateOnly date) when sign > 0 => Try(() => date.AddDays((int)decimal.Floor(days))),
            (decimal days, DateTime moment) when sign > 0 => Try(() => moment.AddSeconds((double)decimal.Round(days * 86_400m))),
            (DateOnly left, DateOnly right) when sign < 0 => (decimal)(left.DayNumber - right.DayNumber),
            (TimeOnly left, TimeOnly right) when sign < 0 => (decimal)(left - right).TotalMilliseconds,
            (DateTime or DateOnly, DateTime or DateOnly) when sign < 0 => (decimal)(Moment(x)!.Value - Moment(y)!.Value).TotalSeconds / 86_400m,
            _ => null,
        };
    }

    /// <summary>Numbers too large to hold, days before the first: the field stays empty, as it shows an error in the org.</summary>
    public static object? Try(Func<object?> work)
    {
        try
        {
            return work();
        }
        catch (Exception problem) when (problem is OverflowException or DivideByZeroException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static DateTime? Moment(object? value) => value switch { DateTime moment => moment, DateOnly date => date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc), _ => null };

    /// <summary>An Id equals its other form: 15 and 18 characters.</summary>
    private static bool SameId(string x, string y) => (x.Length, y.Length) is (15, 18) or (18, 15) && SalesforceId.Complete(x) is { } left && left == SalesforceId.Complete(y);

    private static string Plain(decimal number)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }
}
