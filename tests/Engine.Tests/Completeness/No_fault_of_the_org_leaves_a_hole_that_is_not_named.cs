using Appliance.Vault;
using OrgSimulator;
using Xunit;

namespace Engine.Tests.Completeness;

/// <summary>Each kind of fault that the simulator knows, alone. What is planned must happen: the simulator throws otherwise.</summary>
public sealed class No_fault_of_the_org_leaves_a_hole_that_is_not_named
{
    [Theory]
    [InlineData("fail path=/query status=503 times=4")]
    [InlineData("fail path=/services/data status=500 rate=0.1 times=0")]
    [InlineData("fail path=/jobs/query status=420 rate=0.3 times=0")]
    [InlineData("fail path=FROM+Account status=400 code=QUERY_TIMEOUT times=1")]
    [InlineData("quota path=/services/data after=30 times=4")]
    [InlineData("expireToken path=/query after=5 times=3")]
    [InlineData("nonJson path=/query times=3")]
    [InlineData("nonJson path=/results times=2")]
    [InlineData("nonJson path=/composite/batch times=1")]
    [InlineData("dropAnswer path=/jobs/query method=POST times=3")]
    [InlineData("dropAnswer path=/query times=3")]
    [InlineData("truncate path=/results bytes=2000 times=3")]
    [InlineData("truncate path=/query bytes=150 times=4")]
    [InlineData("truncate path=/VersionData bytes=40 times=2")]
    [InlineData("truncate path=/Body bytes=40 times=1")]
    [InlineData("stall path=/results bytes=1000 seconds=1 times=1")]
    [InlineData("reset path=/results bytes=3000 times=3")]
    [InlineData("reset path=/query bytes=300 times=3")]
    [InlineData("duplicatePage path=/results times=2")]
    [InlineData("duplicateRows path=/results rows=7 times=3")]
    [InlineData("loseLocator path=/results times=1")]
    [InlineData("loseLocator path=/results status=410 after=2 times=2")]
    [InlineData("slowJob path=Contact polls=5")]
    [InlineData("failJob path=Contact times=1")]
    [InlineData("failJob path=Contact times=0")]
    [InlineData("lateRows path=FROM+Account object=Account rows=5")]
    [InlineData("lateRows path=/jobs/query object=Contact rows=5")]
    [InlineData("burst path=/results object=Contact rows=30")]
    [InlineData("schemaChange path=/jobs/query object=Contact field=Fax change=remove")]
    [InlineData("schemaChange path=/jobs/query object=Contact field=New__c change=add")]
    [InlineData("schemaChange path=/jobs/query object=Contact field=Fax change=retype type=textarea")]
    [InlineData("schemaChange path=/jobs/query object=Lead change=drop")]
    [InlineData("clockSkew path=/jobs/query seconds=3600")]
    [InlineData("clockSkew path=/jobs/query seconds=-3600")]
    public async Task In_a_full_backup(string fault)
    {
        await using var org = await StartAsync();
        org.Simulator.Faults.Plan(PlannedFault.Parse(fault));
        var run = await Ordeal.RunAsync(org, null, [fault]);
        org.Create("Account", 2, ("Name", i => $"After {i}"));
        await Ordeal.HealedAsync(org, run.Manifest.SnapshotId, fault);
    }

    [Theory]
    [InlineData("fail path=/query status=502 rate=0.2 times=0")]
    [InlineData("quota path=/services/data after=10 times=3")]
    [InlineData("truncate path=/results bytes=900 times=2")]
    [InlineData("duplicatePage path=/results times=1")]
    [InlineData("duplicateRows path=/results rows=3 times=2")]
    [InlineData("loseLocator path=/results times=1")]
    [InlineData("failJob times=1")]
    [InlineData("lateRows path=/sobjects object=Account rows=5")]
    [InlineData("burst path=FROM+Contact object=Account rows=60")]
    [InlineData("schemaChange path=/query object=Contact field=Fax change=remove")]
    [InlineData("schemaChange path=/sobjects object=Lead change=drop")]
    [InlineData("clockSkew path=/sobjects seconds=-1800")]
    [InlineData("clockSkew path=/sobjects seconds=1800")]
    public async Task In_an_incremental_backup(string fault)
    {
        await using var org = await StartAsync();
        var full = await Ordeal.CleanAsync(org, null, fault);
        await org.DamageAsync(changePercent: 30, deleteParents: 3);
        org.Simulator.Faults.Plan(PlannedFault.Parse(fault));
        var run = await Ordeal.RunAsync(org, full.Manifest.SnapshotId, [fault]);
        org.Create("Account", 2, ("Name", i => $"After {i}"));
        await Ordeal.HealedAsync(org, run.Manifest.SnapshotId, fault);
    }

    /// <summary>The clock goes back so far that what changes next is stamped before the watermark.</summary>
    [Fact]
    public async Task When_the_clock_leaps_back_between_two_runs()
    {
        await using var org = await StartAsync();
        var full = await Ordeal.CleanAsync(org, null, "clock");
        org.Simulator.Faults.Plan(new PlannedFault { Kind = FaultKind.ClockSkew, Path = "/limits", Seconds = -7200 });
        await org.Connect().LimitsAsync(default);
        await org.DamageAsync(changePercent: 20, deleteParents: 2);
        var next = await Ordeal.CleanAsync(org, full.Manifest.SnapshotId, "clock");
        Assert.True(next.Certificate.Objects.Sum(o => o.LateChanges) > 0);
    }

    [Fact]
    public async Task When_REST_loses_a_cursor_or_repeats_a_page()
    {
        foreach (var fault in (string[])["loseLocator path=/query/01g times=1", "duplicatePage path=/query/01g times=1", "truncate path=/query/01g bytes=2000 times=2"])
        {
            await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 9000, Seed = 3, Files = 0 });
            org.Options = org.Options with { RestRows = 6000 };
            org.Simulator.Faults.Plan(PlannedFault.Parse(fault));
            var run = await Ordeal.RunAsync(org, null, [fault]);
            Assert.True(run.Certificate.Complete, Ordeal.Gaps(run.Certificate));
        }
    }

    /// <summary>Found by a mix of faults: such a page read as a list without rows, and what it should have named was never missed.</summary>
    [Theory, InlineData("nonJson path=/results times=1"), InlineData("duplicateRows path=/results rows=2 times=1"), InlineData("reset path=/results bytes=400 times=1")]
    public async Task When_the_list_of_Ids_is_spoiled(string fault)
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 600, Seed = 7 });
        org.Options = org.Options with { WatermarkOverlap = TimeSpan.FromMinutes(-1) };    // no query for changes shows anything
        var full = await Ordeal.CleanAsync(org, null, fault);
        org.Create("Contact", 3, ("LastName", i => $"Late {i}"));
        org.Purge([.. (await org.DumpAsync()).Keys.Where(k => k.StartsWith("Case/", StringComparison.Ordinal)).Take(3).Select(k => k["Case/".Length..])]);
        org.Simulator.Faults.Plan(PlannedFault.Parse(fault));
        var synced = await org.BackupAsync(parent: full.Manifest.SnapshotId, sync: true);
        Assert.True(synced.Certificate.Complete, Ordeal.Gaps(synced.Certificate));
        Assert.Empty(await Truth.DifferencesAsync(org, synced.Manifest));
        Assert.Empty(await Truth.FindingsAsync(org, synced.Manifest));
    }

    /// <summary>Hard deletes that the org's log no longer tells: the gap in the log makes all Ids be compared.</summary>
    [Fact]
    public async Task When_the_log_of_deletions_is_purged()
    {
        var time = new MovableTime();
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 600, Seed = 5, Time = time });
        var full = await Ordeal.CleanAsync(org, null, "purge");
        time.Ahead += TimeSpan.FromHours(2);
        org.Purge([.. (await org.DumpAsync()).Keys.Where(k => k.StartsWith("Lead/", StringComparison.Ordinal)).Take(4).Select(k => k["Lead/".Length..])]);
        time.Ahead += TimeSpan.FromHours(2);
        org.Simulator.Faults.Plan(PlannedFault.Parse("purgeDeleteLog path=/deleted times=1"));
        org.Clock = time;
        var next = await Ordeal.CleanAsync(org, full.Manifest.SnapshotId, "purge");
        Assert.Contains(next.Certificate.Objects, o => o.Notes.Any(n => n.Contains("log of deletions begins only at", StringComparison.Ordinal)) && o.Method == ProofMethod.Ids);
    }

    private static Task<TestOrg> StartAsync() => TestOrg.StartAsync(new SimulatorOptions { Generate = 600, Seed = 7, BulkPageSize = 40 });
}
