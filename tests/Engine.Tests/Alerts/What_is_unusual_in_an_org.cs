using Appliance.Engine.Alerts;
using Xunit;

namespace Appliance.Engine.Tests.Alerts;

public sealed class What_is_unusual_in_an_org
{
    private static readonly int[] Quiet = [3, 0, 5, 2, 4, 1, 3, 2];

    [Theory]
    [InlineData(49, false)]         // below what is ever told
    [InlineData(60, true)]
    [InlineData(5_000, true)]
    public void Deletes_far_above_the_org_s_own_median(int deletes, bool told) => Assert.Equal(told, Deletes(Run(deletes), Quiet.Select(d => Run(d))).Length == 1);

    [Fact]
    public void Not_what_this_org_does_every_night() =>
        Assert.Empty(Deletes(Run(10_400), Enumerable.Range(0, 10).Select(i => Run(10_000 + i * 50))));

    [Fact]
    public void One_wild_night_does_not_make_the_next_one_look_usual() =>
        Assert.Single(Deletes(Run(4_000), Quiet.Append(5_000).Select(d => Run(d))));

    [Fact]
    public void Runs_are_made_alike_by_the_hours_that_they_cover()
    {
        // A hundred an hour, every hour; then a run over a whole day.
        var hourly = Enumerable.Range(0, 12).Select(i => Run(95 + i, hours: 1)).ToList();
        Assert.Empty(Deletes(Run(2_400, hours: 24), hourly));
        Assert.Single(Deletes(Run(2_400, hours: 1), hourly));
    }

    [Fact]
    public void With_too_short_a_past_only_the_loss_of_half_an_object()
    {
        Assert.Empty(Deletes(Run(400, held: 1_000), []));
        Assert.Single(Deletes(Run(500, held: 1_000), []));
        Assert.Empty(Deletes(Run(40, held: 41), []));
        Assert.Empty(Anomaly.Of(Run(0, changes: 900_000), [], AnomalyRule.Default).Changes);
    }

    [Fact]
    public void Changes_have_a_minimum_of_their_own_and_an_object_seen_for_the_first_time_counts_against_nothing()
    {
        var past = Enumerable.Range(0, 6).Select(i => Run(0, changes: 200 + i)).ToList();
        Assert.Empty(Anomaly.Of(Run(0, changes: 999), past, AnomalyRule.Default).Changes);
        var found = Assert.Single(Anomaly.Of(Run(0, changes: 5_000), past, AnomalyRule.Default).Changes);
        Assert.Equal(("Contact", 5_000), (found.Name, found.Count));
        Assert.InRange(found.Usual!.Value, 200, 206);
        Assert.Empty(Anomaly.Of(Run(0, changes: 5_000), past, AnomalyRule.Default with { On = false }).Changes);
    }

    [Theory]
    [InlineData(1, 50, 1000)]
    [InlineData(6, 0, 1000)]
    [InlineData(6, 50, -1)]
    [InlineData(double.NaN, 50, 1000)]
    public void A_rule_that_makes_no_sense_is_refused(double factor, long deletes, long changes) => Assert.NotNull(new AnomalyRule(true, factor, deletes, changes).Mistake());

    private static System.Collections.Immutable.ImmutableArray<UnusualObject> Deletes(RunActivity now, IEnumerable<RunActivity> past) => Anomaly.Of(now, [.. past], AnomalyRule.Default).Deletes;

    private static RunActivity Run(long deletes, double hours = 24, long changes = 0, long held = 100_000) =>
        new(hours, new Dictionary<string, ObjectActivity> { ["Contact"] = new(deletes, changes, held) });
}
