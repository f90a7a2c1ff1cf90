using System.Globalization;

namespace Appliance.Engine.SelfBackups;

/// <summary>Which self-backups stay: the newest of each of the last 14 days and of the last 8 ISO weeks in which there is one (UTC). Time that goes by removes none.</summary>
public static class SelfBackupRetention
{
    public const int Days = 14, Weeks = 8;

    public static IReadOnlySet<DateTimeOffset> Keep(IEnumerable<DateTimeOffset> taken)
    {
        var newestFirst = taken.OrderByDescending(t => t.UtcDateTime).ToList();
        return newestFirst.GroupBy(t => t.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Take(Days)
            .Concat(newestFirst.GroupBy(t => $"{ISOWeek.GetYear(t.UtcDateTime)}-W{ISOWeek.GetWeekOfYear(t.UtcDateTime)}").Take(Weeks))
            .Select(period => period.First()).ToHashSet();
    }
}
