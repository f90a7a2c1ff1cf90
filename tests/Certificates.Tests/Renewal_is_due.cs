using CsCheck;
using Provisioner.Certificates.Acme;
using Provisioner.Certificates.Renewal;
using Xunit;

namespace Certificates.Tests;

/// <summary>The rules that are pure, over random lives.</summary>
public sealed class Renewal_is_due
{
    private static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Gen<(string Serial, DateTimeOffset From, DateTimeOffset To)> Lives =
        from serial in Gen.String[Gen.Char.AlphaNumeric, 8, 40]
        from start in Gen.Int[0, 1000]
        from hours in Gen.Int[24, 400 * 24]
        select (serial, Origin.AddDays(start), Origin.AddDays(start).AddHours(hours));

    [Fact]
    public void With_a_third_of_the_life_left_or_half_of_a_short_one() => Lives.Sample(life =>
    {
        var due = RenewalRule.DueAt(life.Serial, life.From, life.To, null);
        var left = (life.To - due) / (life.To - life.From);
        var wanted = life.To - life.From < TimeSpan.FromDays(10) ? 0.5 : 1 / 3.0;
        return left >= wanted - 1e-6 && left <= wanted + (1 / 30.0) + 1e-6 && due == RenewalRule.DueAt(life.Serial, life.From, life.To, null);
    });

    [Fact]
    public void Within_the_window_that_the_authority_suggests() => Gen.Select(Lives, Gen.Int[-500, 500], Gen.Int[1, 200]).Sample((life, offset, length) =>
    {
        var window = new RenewalWindow(Origin.AddHours(offset), Origin.AddHours(offset + length), null, null);
        var due = RenewalRule.DueAt(life.Serial, life.From, life.To, window);
        return due >= window.Start && due <= window.End;
    });

    [Fact]
    public void Not_for_all_certificates_at_once() =>
        Assert.True(Enumerable.Range(0, 50).Select(i => RenewalRule.DueAt($"{i}", Origin, Origin.AddDays(90), null)).Distinct().Count() > 40);

    [Fact]
    public void And_the_authority_is_asked_neither_too_often_nor_too_rarely() => Gen.Select(Gen.Int[1, 400], Gen.Int[0, 10_000_000]).Sample((days, seconds) =>
    {
        var again = RenewalRule.AskAgain(TimeSpan.FromDays(days), TimeSpan.FromSeconds(seconds));
        return again >= TimeSpan.FromMinutes(1) && again <= TimeSpan.FromHours(12) && (days >= 10 || again <= TimeSpan.FromHours(3));
    });

    [Fact]
    public void After_failures_later_and_later_and_in_the_end_no_more()
    {
        Assert.Equal([1, 10, 100, 1440, 1440], Enumerable.Range(1, 5).Select(n => Ladder.After(n, null)!.Value.TotalMinutes));
        Assert.Equal(TimeSpan.FromHours(34), Ladder.After(1, TimeSpan.FromHours(34)));
        Assert.Equal(TimeSpan.FromDays(1), Ladder.After(4, TimeSpan.FromHours(1)));
        Assert.NotNull(Ladder.After(Ladder.Last - 1, null));
        Assert.Null(Ladder.After(Ladder.Last, TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(100, Alarm.None)]
    [InlineData(51, Alarm.None)]
    [InlineData(50, Alarm.Notice)]
    [InlineData(26, Alarm.Notice)]
    [InlineData(25, Alarm.Warning)]
    [InlineData(10, Alarm.Critical)]
    [InlineData(0, Alarm.Expired)]
    [InlineData(-5, Alarm.Expired)]
    public void And_alarms_are_told_by_the_share_of_life_that_is_left(int left, Alarm alarm)
    {
        foreach (var days in new[] { 6, 90, 398 })
            Assert.Equal(alarm, Alarms.Of(Origin, Origin.AddDays(days), Origin.AddDays(days) - TimeSpan.FromDays(days * left / 100.0)));
    }
}
