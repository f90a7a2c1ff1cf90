using System.Globalization;

namespace OrgSimulator.Soql;

/// <summary>Date literals such as TODAY or LAST_N_DAYS:3 as a span of days, in UTC (the simulated user's zone). Weeks begin on Sunday.</summary>
public static class RelativeDate
{
    public static bool IsKnown(string text) => Span(text, new DateOnly(2024, 5, 15)) is not null;

    /// <summary>First day and the day after the last, or null when the word is none.</summary>
    public static (DateOnly From, DateOnly Until)? Span(string text, DateOnly today)
    {
        var parts = text.ToUpperInvariant().Split(':');
        if (parts.Length > 2) return null;
        if (parts.Length == 2) return int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= 100_000 ? Counted(parts[0], n, today) : null;
        return parts[0] switch
        {
            "YESTERDAY" => (today.AddDays(-1), today),
            "TODAY" => (today, today.AddDays(1)),
            "TOMORROW" => (today.AddDays(1), today.AddDays(2)),
            "LAST_90_DAYS" => (today.AddDays(-90), today.AddDays(1)),
            "NEXT_90_DAYS" => (today.AddDays(1), today.AddDays(91)),
            "THIS_WEEK" => Units("WEEK", 0, 1, today),
            "LAST_WEEK" => Units("WEEK", -1, 1, today),
            "NEXT_WEEK" => Units("WEEK", 1, 1, today),
            "THIS_MONTH" => Units("MONTH", 0, 1, today),
            "LAST_MONTH" => Units("MONTH", -1, 1, today),
            "NEXT_MONTH" => Units("MONTH", 1, 1, today),
            "THIS_QUARTER" or "THIS_FISCAL_QUARTER" => Units("QUARTER", 0, 1, today),
            "LAST_QUARTER" or "LAST_FISCAL_QUARTER" => Units("QUARTER", -1, 1, today),
            "NEXT_QUARTER" or "NEXT_FISCAL_QUARTER" => Units("QUARTER", 1, 1, today),
            "THIS_YEAR" or "THIS_FISCAL_YEAR" => Units("YEAR", 0, 1, today),
            "LAST_YEAR" or "LAST_FISCAL_YEAR" => Units("YEAR", -1, 1, today),
            "NEXT_YEAR" or "NEXT_FISCAL_YEAR" => Units("YEAR", 1, 1, today),
            _ => null,
        };
    }

    private static (DateOnly, DateOnly)? Counted(string word, int n, DateOnly today)
    {
        word = word.Replace("FISCAL_", "", StringComparison.Ordinal);
        if (word == "LAST_N_DAYS") return (Shift(today, "DAY", -n), today.AddDays(1));
        if (word == "NEXT_N_DAYS") return (today.AddDays(1), Shift(today, "DAY", n + 1));
        foreach (var unit in (string[])["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"])
        {
            if (word == $"LAST_N_{unit}S") return Units(unit, -n, n, today);
            if (word == $"NEXT_N_{unit}S") return Units(unit, 1, n, today);
            if (word == $"N_{unit}S_AGO") return Units(unit, -n, 1, today);
        }
        return null;
    }

    private static (DateOnly, DateOnly) Units(string unit, int first, int count, DateOnly today)
    {
        var start = unit switch
        {
            "WEEK" => today.AddDays(-(int)today.DayOfWeek),
            "MONTH" => new DateOnly(today.Year, today.Month, 1),
            "QUARTER" => new DateOnly(today.Year, (today.Month - 1) / 3 * 3 + 1, 1),
            "YEAR" => new DateOnly(today.Year, 1, 1),
            _ => today,
        };
        return (Shift(start, unit, first), Shift(start, unit, first + count));
    }

    private static DateOnly Shift(DateOnly day, string unit, int count)
    {
        try
        {
            return unit switch
            {
                "WEEK" => day.AddDays(7 * count),
                "MONTH" => day.AddMonths(count),
                "QUARTER" => day.AddMonths(3 * count),
                "YEAR" => day.AddYears(count),
                _ => day.AddDays(count),
            };
        }
        catch (ArgumentOutOfRangeException)
        {
            return count < 0 ? DateOnly.MinValue : DateOnly.MaxValue;
        }
    }
}
