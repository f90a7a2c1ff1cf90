using Appliance.Engine.Restores;
using Xunit;

namespace Engine.Tests;

public sealed class A_restore_brings_back_what_was_lost
{
    [Theory, InlineData(1, 0.0), InlineData(2, 0.5), InlineData(3, 1.0)]
    public async Task Whatever_was_changed_deleted_or_purged(int seed, double purgeShare)
    {
        await using var org = await TestOrg.StartAsync(800, seed);
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        await org.DamageAsync(seed, purgeShare: purgeShare);
        Assert.NotEmpty(TestOrg.Differences(before, await org.DumpAsync(), []));

        var plan = await org.PlanAsync(snapshot, snapshot);
        var summary = await org.RestoreAsync(plan);
        Assert.Equal(0, summary.Failed);
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(plan)));
        if (purgeShare == 0) Assert.Equal(0, summary.Inserted);
        if (purgeShare > 0) Assert.True(summary.Inserted > 0);
    }

    [Fact]
    public async Task And_restoring_the_same_snapshot_again_changes_nothing()
    {
        await using var org = await TestOrg.StartAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        await org.DamageAsync(purgeShare: 1);
        var first = await org.PlanAsync(snapshot, snapshot);
        await org.RestoreAsync(first);
        var after = await org.DumpAsync();

        var second = await org.PlanAsync(snapshot, first.SafetySnapshotId);
        Assert.Empty(second.Steps);
        await org.RestoreAsync(second);
        Assert.Empty(TestOrg.Differences(after, await org.DumpAsync(), []));
    }

    [Fact]
    public async Task A_single_record_comes_back_with_the_family_it_had()
    {
        await using var org = await TestOrg.StartAsync();
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        await org.DamageAsync(changePercent: 0, deleteParents: 1, purgeShare: 1);
        var lost = before.Keys.Except((await org.DumpAsync()).Keys).Select(k => k.Split('/')).Select(k => new RecordKey(k[0], k[1])).ToList();
        Assert.NotEmpty(lost);
        var children = before.Where(r => lost.Contains(new RecordKey(r.Key.Split('/')[0], r.Key.Split('/')[1])))
            .SelectMany(r => r.Value.Values).Where(v => lost.Any(l => l.Id == v)).ToHashSet();
        var parent = lost.First(l => before[$"{l.Object}/{l.Id}"].Values.Count(v => lost.Any(x => x.Id == v)) == 1);

        var plan = await org.PlanAsync(snapshot, snapshot, scope: new RestoreScope { SnapshotId = snapshot, Records = [parent] });
        var summary = await org.RestoreAsync(plan);
        Assert.Equal(0, summary.Failed);
        Assert.True(summary.Inserted >= 1 + (children.Count > 1 ? 1 : 0));
    }
}
