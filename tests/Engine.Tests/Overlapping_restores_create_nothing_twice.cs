using Xunit;

namespace Engine.Tests;

public sealed class Overlapping_restores_create_nothing_twice
{
    [Fact]
    public async Task When_two_plans_were_made_of_the_same_loss()
    {
        await using var org = await TestOrg.StartAsync();
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        await org.DamageAsync(deleteParents: 8, purgeShare: 1);
        var first = await org.PlanAsync(snapshot, snapshot);
        var second = await org.PlanAsync(snapshot, first.SafetySnapshotId);
        await org.RestoreAsync(first);
        var summary = await org.RestoreAsync(second);
        Assert.Equal(0, summary.Failed);
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(first, second)));
    }

    [Fact]
    public async Task When_two_workers_carry_out_the_same_plan_at_once()
    {
        await using var org = await TestOrg.StartAsync(100);
        var accounts = org.Create("Account", 60, ("Name", i => $"Lost {i / 2}"));
        org.Create("Contact", 90, ("LastName", i => $"Child {i / 3}"), ("AccountId", i => accounts[i % 60]));
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        org.Purge(accounts);
        var plan = await org.PlanAsync(snapshot, snapshot);
        var summaries = await Task.WhenAll(org.RestoreAsync(plan), org.RestoreAsync(plan));
        Assert.All(summaries, s => Assert.Equal(0, s.Failed));
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(plan)));
    }

    /// <summary>The first run dies at its n-th write and is never taken up again; somebody makes a new plan instead.</summary>
    [Theory, InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(7), InlineData(9), InlineData(12), InlineData(17), InlineData(24), InlineData(33)]
    public async Task When_a_run_was_abandoned_half_way(int dieAt)
    {
        await using var org = await TestOrg.StartAsync(300);
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        await org.DamageAsync(deleteParents: 6, purgeShare: 1);
        var abandoned = await org.PlanAsync(snapshot, snapshot);
        var store = org.Store;
        var failing = new FailingStore(store, dieAt, afterTheDeed: dieAt % 2 == 0);
        org.Store = failing;
        await Record.ExceptionAsync(() => org.RestoreAsync(abandoned));
        org.Store = store;
        Assert.True(failing.Died);

        var plan = await org.PlanAsync(snapshot, abandoned.SafetySnapshotId);
        var summary = await org.RestoreAsync(plan);
        Assert.Equal(0, summary.Failed);
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(abandoned, plan)));
    }
}
