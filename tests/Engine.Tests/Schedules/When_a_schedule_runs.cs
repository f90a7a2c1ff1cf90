using Appliance.Engine.Schedules;
using CsCheck;
using Xunit;

namespace Appliance.Engine.Tests;

public sealed class When_a_schedule_runs
{
    [Theory]
    [InlineData("hourly", "Etc/UTC", "2026-03-01T08:15:00Z", "2026-03-01T09:00:00Z")]
    [InlineData("every 4 hours", "Etc/UTC", "2026-03-01T08:15:00Z", "2026-03-01T12:00:00Z")]
    [InlineData("daily 02:30", "Europe/Berlin", "2026-01-10T12:00:00Z", "2026-01-11T01:30:00Z")]
    [InlineData("weekly Sunday 02:30", "America/New_York", "2026-07-01T00:00:00Z", "2026-07-05T06:30:00Z")]
    [InlineData("monthly last 23:00", "Etc/UTC", "2026-02-10T00:00:00Z", "2026-02-28T23:00:00Z")]
    [InlineData("monthly 31 01:00", "Etc/UTC", "2026-04-01T00:00:00Z", "2026-05-31T01:00:00Z")]
    [InlineData("continuous", "Etc/UTC", "2026-03-01T08:15:00Z", "2026-03-01T08:30:00Z")]
    [InlineData("0,30 6-20 * * 1-5", "Etc/UTC", "2026-03-06T20:45:00Z", "2026-03-09T06:00:00Z")]
    public void It_says_so_in_words_or_cron_fields(string cadence, string zone, string from, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next), Parsed(cadence, zone).After(DateTimeOffset.Parse(from)));

    [Fact]
    public void An_hour_that_the_clock_skips_is_made_up_for_right_after_it() =>
        // Berlin, 29 March 2026: 02:00 becomes 03:00, so 02:30 does not come.
        Assert.Equal(DateTimeOffset.Parse("2026-03-29T01:00:00Z"), Parsed("daily 02:30", "Europe/Berlin").After(DateTimeOffset.Parse("2026-03-28T12:00:00Z")));

    [Fact]
    public void An_hour_that_comes_twice_fires_once()
    {
        // Berlin, 25 October 2026: 03:00 becomes 02:00, so 02:30 comes at 00:30 and at 01:30 UTC.
        var first = Parsed("daily 02:30", "Europe/Berlin").After(DateTimeOffset.Parse("2026-10-24T12:00:00Z"));
        Assert.Equal(DateTimeOffset.Parse("2026-10-25T00:30:00Z"), first);
        Assert.Equal(DateTimeOffset.Parse("2026-10-26T01:30:00Z"), Parsed("daily 02:30", "Europe/Berlin").After(first!.Value));
    }

    [Theory]
    [InlineData("", "Etc/UTC", "is no cadence")]
    [InlineData("every 5 hours", "Etc/UTC", "is no cadence")]
    [InlineData("daily 25:00", "Etc/UTC", "is no cadence")]
    [InlineData("* * * * *", "Etc/UTC", "more often than every 15 minutes")]
    [InlineData("*/10 3 * * *", "Etc/UTC", "more often than every 15 minutes")]
    [InlineData("0,5 3 1 * *", "Etc/UTC", "more often than every 15 minutes")]
    [InlineData("hourly", "Berlin", "no time zone 'Berlin'")]
    public void What_cannot_be_meant_is_refused_with_its_remedy(string cadence, string zone, string said)
    {
        Assert.False(Cadence.TryParse(cadence, zone, out _, out var mistakes));
        Assert.Contains(mistakes, m => m.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void The_next_time_is_always_later_and_never_sooner_than_a_quarter_of_an_hour_after_the_one_before() =>
        Gen.Select(
            OneOf("hourly", "every 3 hours", "daily 02:30", "daily 00:00", "weekly Monday 01:15", "monthly last 02:00", "continuous", "15 */2 * * *"),
            OneOf("Etc/UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"),
            Gen.Long[0, 60L * 24 * 366 * 5]).Sample((cadence, zone, minutes) =>
        {
            var at = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minutes);
            var parsed = Parsed(cadence, zone);
            var first = parsed.After(at)!.Value;
            var second = parsed.After(first)!.Value;
            Assert.True(first > at);
            Assert.True(second - first >= Cadence.Shortest, $"{cadence} in {zone}: {first:O}, {second:O}");
        });

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static Cadence Parsed(string cadence, string zone) =>
        Cadence.TryParse(cadence, zone, out var parsed, out var mistakes) ? parsed : throw new InvalidOperationException(string.Join(" ", mistakes));
}
