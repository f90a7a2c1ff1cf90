using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;

namespace Appliance.Engine.Schedules;

/// <summary>
/// How often a backup runs, in words or in five cron fields, in a time zone. Hours that a change of the clock skips are made up for right
/// after it; hours that come twice fire once (Cronos' rules, those of Vixie cron).
/// </summary>
public sealed partial class Cadence
{
    /// <summary>Nothing runs more often: an incremental run of a large org takes minutes and costs hundreds of calls.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(15);

    private readonly CronExpression? _times;    // null: continuous
    private readonly TimeZoneInfo _zone;

    private Cadence(CronExpression? times, TimeZoneInfo zone) => (_times, _zone) = (times, zone);

    /// <summary>Reads the words of API.md. On failure <paramref name="mistakes"/> names everything that is wrong, each with its remedy.</summary>
    public static bool TryParse(string? text, string? timeZone, [NotNullWhen(true)] out Cadence? cadence, out IReadOnlyList<string> mistakes)
    {
        var wrong = new List<string>();
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone ?? "Etc/UTC", out var zone))
            wrong.Add($"There is no time zone '{timeZone}'; use an IANA name such as Europe/Berlin.");
        var words = (text ?? "").Trim();
        CronExpression? times = null;
        if (!words.Equals("continuous", StringComparison.OrdinalIgnoreCase))
        {
            if (Fields(words) is not { } fields || !CronExpression.TryParse(fields, out times))
                wrong.Add($"'{words}' is no cadence; say continuous, hourly, every 4 hours, daily 02:30, weekly Sunday 02:30, monthly 1 02:30, monthly last 02:30, or five cron fields.");
            else if (IsTooOften(times))
                wrong.Add($"'{words}' runs more often than every {Shortest.TotalMinutes:0} minutes; choose longer steps, or continuous.");
        }
        mistakes = wrong;
        cadence = wrong.Count == 0 ? new Cadence(times, zone!) : null;
        return cadence is not null;
    }

    /// <summary>The first time after <paramref name="moment"/>; null when there is none (a 30 February).</summary>
    public DateTimeOffset? After(DateTimeOffset moment) =>
        _times is null ? moment + Shortest : _times.GetNextOccurrence(moment, _zone, inclusive: false)?.ToUniversalTime();

    private static string? Fields(string words)
    {
        if (words.Equals("hourly", StringComparison.OrdinalIgnoreCase)) return "0 * * * *";
        if (EveryHours().Match(words) is { Success: true } every)
            return int.Parse(every.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is var hours && 24 % hours == 0 ? $"0 */{hours} * * *" : null;
        if (AtTime().Match(words) is not { Success: true } at) return words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 5 ? words : null;
        var (hour, minute) = (int.Parse(at.Groups["hour"].ValueSpan, CultureInfo.InvariantCulture), int.Parse(at.Groups["minute"].ValueSpan, CultureInfo.InvariantCulture));
        if (hour > 23 || minute > 59) return null;
        return at.Groups["day"] is { Success: true } day ? $"{minute} {hour} * * {day.Value[..3]}"
            : at.Groups["date"] is { Success: true } date ? $"{minute} {hour} {(date.Value.Equals("last", StringComparison.OrdinalIgnoreCase) ? "L" : date.Value)} * *"
            : $"{minute} {hour} * * *";
    }

    // A fortnight in UTC shows every distance that cron fields can make within a day.
    private static bool IsTooOften(CronExpression times)
    {
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        DateTime? before = null;
        foreach (var moment in times.GetOccurrences(start, start.AddDays(14)))
        {
            if (moment - before < Shortest) return true;
            before = moment;
        }
        return false;
    }

    [GeneratedRegex(@"^every ([1-9]|1[0-9]|2[0-4]) hours?$", RegexOptions.IgnoreCase)]
    private static partial Regex EveryHours();

    [GeneratedRegex(@"^(?:daily|weekly (?<day>(?:Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day)|monthly (?<date>[1-9]|[12][0-9]|3[01]|last)) (?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})$", RegexOptions.IgnoreCase)]
    private static partial Regex AtTime();
}
