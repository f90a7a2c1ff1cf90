using System.Collections.Immutable;
using System.Globalization;

namespace Appliance.Engine.Retention;

/// <summary>A snapshot as the plan sees it. <paramref name="Bound"/> says why it must stay whatever the policy is: a legal hold, a restore.</summary>
public sealed record PlannedSnapshot(Guid Id, DateTimeOffset TakenAt, bool Complete, string? Bound);

/// <summary>What becomes of one snapshot. No reason: it is removed.</summary>
public sealed record RetentionDecision(Guid SnapshotId, DateTimeOffset TakenAt, ImmutableArray<string> Reasons)
{
    public bool Keep => !Reasons.IsEmpty;
}

/// <summary>Decides, purely, which snapshots stay.</summary>
public static class RetentionPlan
{
    /// <returns>One decision a snapshot, newest first.</returns>
    public static ImmutableArray<RetentionDecision> Decide(RetentionPolicy policy, IEnumerable<PlannedSnapshot> snapshots)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(policy.TimeZone);
        var newestFirst = snapshots.OrderByDescending(s => s.TakenAt).ThenByDescending(s => s.Id).ToList();
        var reasons = newestFirst.ToDictionary(s => s.Id, _ => new List<string>());

        if (newestFirst.Count > 0) reasons[newestFirst[0].Id].Add("the newest");
        if (newestFirst.Find(s => s.Complete) is { } complete) reasons[complete.Id].Add("the newest complete one");
        foreach (var snapshot in newestFirst.Where(s => s.Bound is not null)) reasons[snapshot.Id].Add(snapshot.Bound!);

        for (var i = 0; i < Math.Min(policy.Newest, newestFirst.Count); i++) reasons[newestFirst[i].Id].Add($"newest {i + 1} of {policy.Newest}");
        Keep(policy.Hourly, "hour", t => t.ToString("yyyy-MM-dd HH", CultureInfo.InvariantCulture) + t.ToString("zzz", CultureInfo.InvariantCulture));
        Keep(policy.Daily, "day", t => t.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Keep(policy.Weekly, "week", t => $"{ISOWeek.GetYear(t.DateTime)}-W{ISOWeek.GetWeekOfYear(t.DateTime):00}");
        Keep(policy.Monthly, "month", t => t.ToString("yyyy-MM", CultureInfo.InvariantCulture));
        Keep(policy.Yearly, "year", t => t.ToString("yyyy", CultureInfo.InvariantCulture));
        return [.. newestFirst.Select(s => new RetentionDecision(s.Id, s.TakenAt, [.. reasons[s.Id]]))];

        // The newest of each of the last so many periods in which there is one; an incomplete one only where the period has no complete one.
        void Keep(int count, string name, Func<DateTimeOffset, string> period)
        {
            foreach (var group in newestFirst.GroupBy(s => period(TimeZoneInfo.ConvertTime(s.TakenAt, zone))).Take(count))
                reasons[(group.FirstOrDefault(s => s.Complete) ?? group.First()).Id].Add($"{name} {group.Key}");
        }
    }
}
