using System.Globalization;
using System.Text.RegularExpressions;
using OrgSimulator.Store;

namespace OrgSimulator.Formulas;

using Expression = Func<Row, object?>;

/// <summary>The functions of formulas, by name and number of arguments.</summary>
public static class FormulaFunctions
{
    /// <exception cref="FormulaException">The function is not known or takes other arguments.</exception>
    public static Expression Bind(string name, Expression[] a, OrgStore store) => (name, a.Length) switch
    {
        ("IF", 3) => row => FormulaValue.IsTrue(a[0](row)) ? a[1](row) : a[2](row),
        ("CASE", >= 4) when a.Length % 2 == 0 => row => Case(a, row),
        ("AND", >= 1) => row => Array.TrueForAll(a, part => FormulaValue.IsTrue(part(row))),
        ("OR", >= 1) => row => Array.Exists(a, part => FormulaValue.IsTrue(part(row))),
        ("NOT", 1) => row => !FormulaValue.IsTrue(a[0](row)),
        ("ISBLANK" or "ISNULL", 1) => row => FormulaValue.IsBlank(a[0](row)),
        ("BLANKVALUE" or "NULLVALUE", 2) => row => a[0](row) is var value && FormulaValue.IsBlank(value) ? a[1](row) : value,
        ("ISPICKVAL", 2) => row => FormulaValue.Text(a[0](row)) == FormulaValue.Text(a[1](row)),
        ("ISNUMBER", 1) => row => Number(FormulaValue.Text(a[0](row))) is not null,
        ("TODAY", 0) => _ => DateOnly.FromDateTime(store.Time.GetUtcNow().UtcDateTime),
        ("NOW", 0) => _ => store.Time.GetUtcNow().UtcDateTime,
        ("HYPERLINK", 2 or 3) => row => $"<a href=\"{FormulaValue.Text(a[0](row))}\" target=\"{(a.Length > 2 ? FormulaValue.Text(a[2](row)) : "_blank")}\">{FormulaValue.Text(a[1](row))}</a>",
        ("IMAGE", 2 or 4) => row => $"<img src=\"{FormulaValue.Text(a[0](row))}\" alt=\"{FormulaValue.Text(a[1](row))}\""
            + (a.Length == 4 ? $" style=\"height:{FormulaValue.Text(a[2](row))}px; width:{FormulaValue.Text(a[3](row))}px;\"" : "") + " border=\"0\"/>",
        _ => Texts(name, a) ?? Numbers(name, a) ?? Days(name, a) ?? throw new FormulaException($"the function {name} with {a.Length} arguments is not known"),
    };

    private static object? Case(Expression[] a, Row row)
    {
        var value = a[0](row);
        for (var i = 1; i + 1 < a.Length; i += 2)
            if (FormulaValue.Compare(value, a[i](row)) == 0) return a[i + 1](row);
        return a[^1](row);
    }

    private static Expression? Texts(string name, Expression[] a)
    {
        return (name, a.Length) switch
        {
            ("TEXT", 1) => row => Text(0, row),
            ("VALUE", 1) => row => Number(Text(0, row)),
            ("LEN", 1) => row => (decimal)Text(0, row).Length,
            ("LEFT", 2) => row => Part(Text(0, row), 0, Whole(1, row)),
            ("RIGHT", 2) => row => Text(0, row) is var text && Whole(1, row) is var length ? Part(text, text.Length - length, length) : null,
            ("MID", 3) => row => Part(Text(0, row), Whole(1, row) - 1, Whole(2, row)),
            ("CONTAINS", 2) => row => Text(0, row).Contains(Text(1, row), StringComparison.Ordinal),
            ("BEGINS", 2) => row => Text(0, row).StartsWith(Text(1, row), StringComparison.Ordinal),
            ("INCLUDES", 2) => row => Text(0, row).Split(';').Contains(Text(1, row), StringComparer.Ordinal),
            ("FIND", 2 or 3) => row => Find(Text(0, row), Text(1, row), a.Length > 2 ? Whole(2, row) : 1),
            ("SUBSTITUTE", 3) => row => Text(1, row) is { Length: > 0 } old ? Text(0, row).Replace(old, Text(2, row), StringComparison.Ordinal) : Text(0, row),
            ("TRIM", 1) => row => Text(0, row).Trim(),
            ("UPPER", 1 or 2) => row => Text(0, row).ToUpperInvariant(),
            ("LOWER", 1 or 2) => row => Text(0, row).ToLowerInvariant(),
            ("LPAD", 2 or 3) => row => Pad(Text(0, row), Whole(1, row), a.Length > 2 ? Text(2, row) : " ", left: true),
            ("RPAD", 2 or 3) => row => Pad(Text(0, row), Whole(1, row), a.Length > 2 ? Text(2, row) : " ", left: false),
            ("BR", 0) => _ => "\n",
            ("CASESAFEID", 1) => row => Schema.SalesforceId.Complete(Text(0, row)) ?? Text(0, row),
            ("REGEX", 2) => row => Matches(Text(0, row), Text(1, row)),
            _ => null,
        };

        string Text(int at, Row row) => FormulaValue.Text(a[at](row));
        int Whole(int at, Row row) => a[at](row) is decimal number ? (int)Math.Clamp(decimal.Truncate(number), -100_000, 100_000) : 0;
    }

    private static Expression? Numbers(string name, Expression[] a)
    {
        return (name, a.Length) switch
        {
            ("ROUND", 2) => row => On(row, number => Rounded(number, Digits(row), MidpointRounding.AwayFromZero)),
            ("ABS", 1) => row => On(row, number => Math.Abs(number)),
            ("CEILING", 1) => row => On(row, number => number < 0 ? decimal.Floor(number) : decimal.Ceiling(number)),
            ("FLOOR", 1) => row => On(row, number => number < 0 ? decimal.Ceiling(number) : decimal.Floor(number)),
            ("MCEILING", 1) => row => On(row, number => decimal.Ceiling(number)),
            ("MFLOOR", 1) => row => On(row, number => decimal.Floor(number)),
            ("TRUNC", 1 or 2) => row => On(row, number => Rounded(number, a.Length > 1 ? Digits(row) : 0, MidpointRounding.ToZero)),
            ("SQRT", 1) => row => On(row, number => number < 0 ? null : (decimal)Math.Sqrt((double)number)),
            ("EXP", 1) => row => On(row, number => (decimal)Math.Exp((double)number)),
            ("LN", 1) => row => On(row, number => number <= 0 ? null : (decimal)Math.Log((double)number)),
            ("LOG", 1) => row => On(row, number => number <= 0 ? null : (decimal)Math.Log10((double)number)),
            ("MOD", 2) => row => On(row, number => a[1](row) is decimal by and not 0 ? number - by * decimal.Floor(number / by) : null),
            ("MIN", >= 1) => row => Extreme(row, -1),
            ("MAX", >= 1) => row => Extreme(row, 1),
            _ => null,
        };

        object? On(Row row, Func<decimal, object?> work) => a[0](row) is decimal number ? FormulaValue.Try(() => work(number)) : null;
        int Digits(Row row) => a[1](row) is decimal digits ? (int)Math.Clamp(digits, -28, 28) : 0;
        object? Extreme(Row row, int sign)
        {
            object? best = null;
            foreach (var part in a)
            {
                if (part(row) is not { } value) return null;
                if (best is null || FormulaValue.Compare(value, best) is { } order && order * sign > 0) best = value;
            }
            return best;
        }
    }

    private static object? Rounded(decimal number, int digits, MidpointRounding rounding)
    {
        if (digits >= 0) return decimal.Round(number, digits, rounding);
        var unit = (decimal)Math.Pow(10, -digits);
        return decimal.Round(number / unit, 0, rounding) * unit;
    }

    private static Expression? Days(string name, Expression[] a) => (name, a.Length) switch
    {
        ("DATE", 3) => row => a[0](row) is decimal year && a[1](row) is decimal month && a[2](row) is decimal day ? FormulaValue.Try(() => new DateOnly((int)year, (int)month, (int)day)) : null,
        ("YEAR", 1) => row => Day(a[0](row)) is { } date ? (decimal)date.Year : null,
        ("MONTH", 1) => row => Day(a[0](row)) is { } date ? (decimal)date.Month : null,
        ("DAY", 1) => row => Day(a[0](row)) is { } date ? (decimal)date.Day : null,
        ("WEEKDAY", 1) => row => Day(a[0](row)) is { } date ? (decimal)(int)date.DayOfWeek + 1 : null,
        ("DAYOFYEAR", 1) => row => Day(a[0](row)) is { } date ? (decimal)date.DayOfYear : null,
        ("HOUR", 1) => row => a[0](row) is TimeOnly time ? (decimal)time.Hour : null,
        ("MINUTE", 1) => row => a[0](row) is TimeOnly time ? (decimal)time.Minute : null,
        ("SECOND", 1) => row => a[0](row) is TimeOnly time ? (decimal)time.Second : null,
        ("ADDMONTHS", 2) => row => a[1](row) is not decimal months ? null : a[0](row) switch
        {
            DateOnly date => FormulaValue.Try(() => MonthEnd(date) ? LastOf(date.AddMonths((int)months)) : date.AddMonths((int)months)),
            DateTime moment => FormulaValue.Try(() => moment.AddMonths((int)months)),
            _ => null,
        },
        ("DATEVALUE", 1) => row => a[0](row) switch
        {
            string text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null,
            var value => Day(value) is { } date ? date : null,
        },
        ("DATETIMEVALUE", 1) => row => a[0](row) switch
        {
            string text => Coercion.Instant(text.TrimEnd('Z').Replace(' ', 'T') + "Z") is { } moment ? moment : null,
            DateOnly date => date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
            var value => value,
        },
        ("TIMEVALUE", 1) => row => a[0](row) switch
        {
            DateTime moment => TimeOnly.FromDateTime(moment),
            string text => TimeOnly.TryParse(text.TrimEnd('Z'), CultureInfo.InvariantCulture, out var time) ? time : null,
            var value => value,
        },
        _ => null,
    };

    private static DateOnly? Day(object? value) => value switch { DateOnly date => date, DateTime moment => DateOnly.FromDateTime(moment), _ => null };

    /// <summary>The last day of a month stays the last when months are added.</summary>
    private static bool MonthEnd(DateOnly date) => date.Day == DateTime.DaysInMonth(date.Year, date.Month);

    private static DateOnly LastOf(DateOnly date) => new(date.Year, date.Month, DateTime.DaysInMonth(date.Year, date.Month));

    private static object? Number(string text) => decimal.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Part(string text, int start, int length)
    {
        if (start < 0) start = 0;
        return length <= 0 || start >= text.Length ? "" : text.Substring(start, Math.Min(length, text.Length - start));
    }

    private static object Find(string wanted, string text, int from) =>
        wanted.Length == 0 || from < 1 || from > text.Length ? 0m : (decimal)(text.IndexOf(wanted, from - 1, StringComparison.Ordinal) + 1);

    private static string Pad(string text, int length, string with, bool left)
    {
        if (length <= text.Length) return text[..Math.Max(0, length)];
        if (with.Length == 0) return text;
        var fill = string.Concat(Enumerable.Repeat(with, (length - text.Length) / with.Length + 1))[..(length - text.Length)];
        return left ? fill + text : text + fill;
    }

    private static object? Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, $"^(?:{pattern})$", RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (Exception problem) when (problem is ArgumentException or RegexMatchTimeoutException)
        {
            return null;
        }
    }
}
