using System.Collections.Immutable;
using Appliance.Engine.Retention;
using CsCheck;
using Xunit;

namespace Appliance.Engine.Tests;

public sealed class What_a_policy_keeps
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_newest_of_each_day_and_of_each_month_and_nothing_more()
    {
        // Four a day over ninety days: 31 January, 28 February, 31 March.
        var snapshots = Enumerable.Range(0, 360).Select(i => Snapshot(i, Start.AddHours(6 * i))).ToList();
        var kept = Kept(new RetentionPolicy { Daily = 7, Monthly = 12 }, snapshots);
        var days = snapshots.GroupBy(s => s.TakenAt.Date).OrderByDescending(g => g.Key).Take(7).Select(g => g.MaxBy(s => s.TakenAt)!.Id);
        var months = snapshots.GroupBy(s => s.TakenAt.Month).Select(g => g.MaxBy(s => s.TakenAt)!.Id);
        Assert.Equal(days.Concat(months).Distinct().Order(), kept.Order());
        Assert.Equal(9, kept.Length);
    }

    [Fact]
    public void A_day_begins_where_the_policy_says()
    {
        var evening = Snapshot(1, new DateTimeOffset(2026, 3, 1, 22, 0, 0, TimeSpan.Zero));      // 23:00 in Berlin
        var night = Snapshot(2, new DateTimeOffset(2026, 3, 1, 23, 30, 0, TimeSpan.Zero));       // the next day in Berlin
        Assert.Equal([night.Id], Kept(new RetentionPolicy { Daily = 5 }, [evening, night]));
        Assert.Equal(2, Kept(new RetentionPolicy { Daily = 5, TimeZone = "Europe/Berlin" }, [evening, night]).Length);
    }

    [Fact]
    public void A_complete_snapshot_is_kept_for_its_day_rather_than_a_later_one_with_gaps()
    {
        var (whole, gaps, last) = (Snapshot(1, Start.AddHours(1)), Snapshot(2, Start.AddHours(2)) with { Complete = false }, Snapshot(3, Start.AddDays(1)));
        Assert.Equal([whole.Id, last.Id], Kept(new RetentionPolicy { Daily = 2 }, [whole, gaps, last]).Order());
    }

    [Fact]
    public void A_legal_hold_outlives_every_policy_and_says_why()
    {
        var held = Snapshot(1, Start) with { Bound = "legal hold: case 17" };
        var decisions = RetentionPlan.Decide(new RetentionPolicy { Newest = 1 }, [held, Snapshot(2, Start.AddYears(1)), Snapshot(3, Start.AddYears(2))]);
        Assert.Equal(["legal hold: case 17"], decisions.Single(d => d.SnapshotId == held.Id).Reasons);
        Assert.Single(decisions, d => !d.Keep);
    }

    [Fact]
    public void Whatever_the_policy_the_newest_the_newest_complete_and_the_bound_stay_and_a_wider_policy_never_keeps_less()
    {
        var one = Gen.Select(Gen.Int[0, 60 * 24 * 800], Gen.Bool, Gen.Int[0, 9], (minutes, complete, bound) => (minutes, complete, bound));
        var counts = Gen.Int[0, 8];
        Gen.Select(one.Array[0, 60], Gen.Select(counts, counts, counts), Gen.Select(counts, counts, counts)).Sample((made, a, b) =>
        {
            var snapshots = made.Select((m, i) => Snapshot(i, Start.AddMinutes(m.minutes)) with { Complete = m.complete, Bound = m.bound == 0 ? "held" : null }).ToList();
            var policy = new RetentionPolicy { Newest = a.Item1, Hourly = a.Item2, Daily = a.Item3, Weekly = b.Item1, Monthly = b.Item2, Yearly = b.Item3 };
            var kept = Kept(policy, snapshots).ToHashSet();
            if (snapshots.Count == 0) return;
            Assert.Contains(snapshots.MaxBy(s => (s.TakenAt, s.Id))!.Id, kept);
            if (snapshots.Where(s => s.Complete).MaxBy(s => (s.TakenAt, s.Id)) is { } complete) Assert.Contains(complete.Id, kept);
            Assert.All(snapshots.Where(s => s.Bound is not null), s => Assert.Contains(s.Id, kept));
            Assert.Superset(kept, Kept(policy with { Daily = policy.Daily + 3, Yearly = policy.Yearly + 1 }, snapshots).ToHashSet());
            // What a second look would remove has gone at the first.
            var left = snapshots.Where(s => kept.Contains(s.Id)).ToList();
            Assert.Equal(kept.Order(), Kept(policy, left).Order());
        });
    }

    [Theory]
    [InlineData(-1, 0, "Etc/UTC", "newest is -1")]
    [InlineData(0, 0, "Etc/UTC", "at least one number")]
    [InlineData(1, 20_000, "Etc/UTC", "daily is 20000")]
    [InlineData(1, 1, "Berlin", "no time zone 'Berlin'")]
    public void A_policy_that_cannot_be_meant_is_refused(int newest, int daily, string zone, string said) =>
        Assert.Contains(new RetentionPolicy { Newest = newest, Daily = daily, TimeZone = zone }.Mistakes(), m => m.Contains(said, StringComparison.Ordinal));

    private static ImmutableArray<Guid> Kept(RetentionPolicy policy, IEnumerable<PlannedSnapshot> snapshots) =>
        [.. RetentionPlan.Decide(policy, snapshots).Where(d => d.Keep).Select(d => d.SnapshotId)];

    private static PlannedSnapshot Snapshot(int number, DateTimeOffset at) => new(new Guid(number, 0, 0, new byte[8]), at, true, null);
}
