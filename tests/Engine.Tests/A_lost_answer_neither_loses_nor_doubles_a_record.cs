using Xunit;

namespace Engine.Tests;

public sealed class A_lost_answer_neither_loses_nor_doubles_a_record
{
    /// <summary>Each names a call of a restore by a part of its path; the deed is done and the answer never arrives.</summary>
    [Theory]
    [InlineData("/jobs/ingest")]
    [InlineData("/batches")]
    [InlineData("/successfulResults")]
    [InlineData("/Soap/u/")]
    [InlineData("/query")]
    public async Task In_a_restore(string path)
    {
        await using var org = await TestOrg.StartAsync(800);
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        await org.DamageAsync(deleteParents: 8);
        var plan = await org.PlanAsync(snapshot, snapshot);
        org.Simulator.Faults.DropAnswers(path);
        var summary = await org.RestoreAsync(plan);
        Assert.Equal(0, summary.Failed);
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(plan)));
        Assert.Empty(org.Simulator.Faults.Unmet);
    }

    /// <summary>Every single call of a restore in turn, so that no step is forgotten.</summary>
    [Fact]
    public async Task At_any_call_of_a_bulk_insert()
    {
        for (var n = 0; ; n++)
        {
            await using var org = await TestOrg.StartAsync(200);
            var before = await org.DumpAsync();
            var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
            await org.DamageAsync(changePercent: 0, deleteParents: 2, purgeShare: 1);
            var plan = await org.PlanAsync(snapshot, snapshot);
            var calls = 0;
            var target = n;
            org.Simulator.Faults.Before = (call, _) =>
            {
                if (call.Path.Contains("/jobs/ingest", StringComparison.Ordinal) && calls++ == target) org.Simulator.Faults.DropAnswers("/jobs/ingest");
                return Task.CompletedTask;
            };
            var summary = await org.RestoreAsync(plan);
            Assert.Equal(0, summary.Failed);
            Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(plan)));
            if (calls <= target) return;
        }
    }
}
