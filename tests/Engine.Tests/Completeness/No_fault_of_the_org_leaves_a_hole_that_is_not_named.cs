using Appliance.Engine.Backups;
using Appliance.Vault;
using OrgSimulator;
using Xunit;

namespace Engine.Tests.Completeness;

/// <summary>Each kind of fault that the simulator knows, alone. What is planned must happen: the simulator throws otherwise.</summary>
public sealed class No_fault_of_the_org_leaves_a_hole_that_is_not_named
{
    // A fault of the simulator that stands in none of these lists fails the first test.
    private static readonly string[] s_inAFull =
    [
        "fail path=/query status=503 times=4",
        "fail path=/services/data status=500 rate=0.1 times=0",
        "fail path=/jobs/query status=420 rate=0.3 times=0",
        "fail path=FROM+Account status=400 code=QUERY_TIMEOUT times=1",
        "quota path=/services/data after=30 times=4",
        "expireToken path=/query after=5 times=3",
        "nonJson path=/query times=3",
        "nonJson path=/results times=2",
        "nonJson path=/composite/batch times=1",
        "dropAnswer path=/jobs/query method=POST times=3",
        "dropAnswer path=/query times=3",
        "truncate path=/results bytes=2000 times=3",
        "truncate path=/query bytes=150 times=4",
        "truncate path=/VersionData bytes=40 times=2",
        "truncate path=/Body bytes=40 times=1",
        "stall path=/results bytes=1000 seconds=1 times=1",
        "reset path=/results bytes=3000 times=3",
        "reset path=/query bytes=300 times=3",
        "duplicatePage path=/results times=2",
        "duplicateRows path=/results rows=7 times=3",
        "loseLocator path=/results times=1",
        "loseLocator path=/results status=410 after=2 times=2",
        "slowJob path=Contact polls=5",
        "failJob path=Contact times=1",
        "failJob path=Contact times=0",
        "lateRows path=FROM+Account object=Account rows=5",
        "lateRows path=/jobs/query object=Contact rows=5",
        "burst path=/results object=Contact rows=30",
        "schemaChange path=/jobs/query object=Contact field=Fax change=remove",
        "schemaChange path=/jobs/query object=Contact field=New__c change=add",
        "schemaChange path=/jobs/query object=Contact field=Fax change=retype type=textarea",
        "schemaChange path=/jobs/query object=Lead change=drop",
        "clockSkew path=/jobs/query seconds=3600",
        "clockSkew path=/jobs/query seconds=-3600",
        "schemaChange path=/jobs/query object=Made__c change=create",
        "schemaChange path=/jobs/query object=Skill__c field=Code__c change=recreate type=string",
    ];

    private static readonly string[] s_inAnIncremental =
    [
        "fail path=/query status=502 rate=0.2 times=0",
        "quota path=/services/data after=10 times=3",
        "truncate path=/results bytes=900 times=2",
        "duplicatePage path=/results times=1",
        "duplicateRows path=/results rows=3 times=2",
        "loseLocator path=/results times=1",
        "failJob times=1",
        "lateRows path=/sobjects object=Account rows=5",
        "burst path=FROM+Contact object=Account rows=60",
        "schemaChange path=/query object=Contact field=Fax change=remove",
        "schemaChange path=/sobjects object=Lead change=drop",
        "clockSkew path=/sobjects seconds=-1800",
        "clockSkew path=/sobjects seconds=1800",
        "expireToken path=/query after=5 times=2",
        "nonJson path=/query times=2",
        "dropAnswer path=/query times=2",
        "stall path=/results bytes=300 seconds=1 times=1",
        "reset path=/results bytes=900 times=2",
        "slowJob polls=3",
        "schemaChange path=/sobjects object=Made__c change=create",
        "schemaChange path=/sobjects object=Skill__c field=Tags__c change=recreate type=textarea",
        "schemaChange path=/query object=Contact field=New__c change=add",
        "schemaChange path=/query object=Contact field=Fax change=retype type=textarea",
    ];

    /// <summary>What has a test of its own below, and why it cannot stand in a list.</summary>
    private static readonly Dictionary<FaultKind, string> s_alone = new()
    {
        [FaultKind.PurgeDeleteLog] = nameof(When_the_log_of_deletions_is_purged),               // a run reads it only when a minute has passed
        [FaultKind.LockRow] = nameof(A_restore_is_whole_though_rows_are_locked),                // a backup writes no row
    };

    public static TheoryData<string> InAFull => [.. s_inAFull];

    public static TheoryData<string> InAnIncremental => [.. s_inAnIncremental];

    [Fact]
    public void Every_fault_that_the_simulator_knows_is_tried_in_every_kind_of_run()
    {
        foreach (var list in (string[][])[s_inAFull, s_inAnIncremental, No_mix_of_faults_leaves_a_hole_that_is_not_named.Kinds])
        {
            var tried = list.Select(PlannedFault.Parse).ToList();
            Assert.Empty(Enum.GetValues<FaultKind>().Except(tried.Select(f => f.Kind)).Except(s_alone.Keys));
            Assert.Empty(PlannedFault.SchemaChanges.Except(tried.Where(f => f.Kind == FaultKind.SchemaChange).Select(f => f.Change)));
        }
    }

    [Theory, MemberData(nameof(InAFull))]
    public async Task In_a_full_backup(string fault)
    {
        await using var org = await StartAsync();
        org.Simulator.Faults.Plan(PlannedFault.Parse(fault));
        var run = await Ordeal.RunAsync(org, null, [fault]);
        org.Create("Account", 2, ("Name", i => $"After {i}"));
        await Ordeal.HealedAsync(org, run.Manifest.SnapshotId, fault);
    }

    [Theory, MemberData(nameof(InAnIncremental))]
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

    /// <summary>
    /// Found by seed 1369356 of the mix: the clock leaps back, and the run that could see the leap reads only some objects. What changes in the others is stamped before their watermark,
    /// and the run after sees two clocks that go together.
    /// </summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task When_the_clock_leaps_back_before_a_run_that_does_not_read_everything(bool composite)
    {
        await using var org = await StartAsync();
        var full = await Ordeal.CleanAsync(org, null, "clock");
        org.Simulator.Faults.Plan(new PlannedFault { Kind = FaultKind.ClockSkew, Path = "/limits", Seconds = -7200 });
        await org.Connect().LimitsAsync(default);
        await org.DamageAsync(changePercent: 20, deleteParents: 2);
        if (!composite) org.Simulator.Faults.Plan(PlannedFault.Parse("fail path=FROM+Case status=400 code=INVALID_TYPE times=0"));
        var part = await org.BackupAsync(new BackupOrder(SnapshotKind.Incremental, full.Manifest.SnapshotId, Choice: composite ? new BackupChoice([new ChosenObject("Account", null, [])]) : null));
        Assert.Equal(composite ? ProofMethod.Carried : ProofMethod.None, part.Certificate.Objects.Single(o => o.Name == "Case").Method);
        org.Simulator.Faults.Planned.Clear();
        await org.DamageAsync(seed: 2, changePercent: 20, deleteParents: 2);
        await Ordeal.CleanAsync(org, part.Manifest.SnapshotId, "clock");
    }

    /// <summary>Not the org's clock but ours, hours forth and back, between two runs and in the middle of one.</summary>
    [Theory, InlineData(3), InlineData(-3)]
    public async Task When_our_own_clock_leaps(int hours)
    {
        var time = new MovableTime();
        await using var org = await StartAsync();
        org.Clock = time;
        var full = await Ordeal.CleanAsync(org, null, "our clock");
        time.Ahead += TimeSpan.FromHours(hours);
        await org.DamageAsync(seed: 2, changePercent: 20, deleteParents: 2);
        var next = await Ordeal.CleanAsync(org, full.Manifest.SnapshotId, "our clock");

        await org.DamageAsync(seed: 3, changePercent: 20, deleteParents: 2);
        var calls = 0;
        org.Simulator.Faults.Before = (_, _) =>
        {
            if (Interlocked.Increment(ref calls) == 20) time.Ahead -= TimeSpan.FromHours(2 * hours);
            return Task.CompletedTask;
        };
        var leapt = await Ordeal.CleanAsync(org, next.Manifest.SnapshotId, "our clock");
        Assert.True(calls >= 20);
        org.Simulator.Faults.Before = null;
        await org.DamageAsync(seed: 4, changePercent: 20, deleteParents: 2);
        await Ordeal.CleanAsync(org, leapt.Manifest.SnapshotId, "our clock");
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

    /// <summary>Nothing of it is in doubt afterwards: what was locked is tried again until it goes.</summary>
    [Fact]
    public async Task A_restore_is_whole_though_rows_are_locked()
    {
        await using var org = await TestOrg.StartAsync(300);
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        await org.DamageAsync();
        var plan = await org.PlanAsync(snapshot, snapshot);
        org.Simulator.Faults.Plan(PlannedFault.Parse("lockRow every=4 times=6"));
        var summary = await org.RestoreAsync(plan);
        Assert.True(summary.Failed == 0, string.Join("; ", await org.FailuresAsync(plan)));
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(plan)));
    }

    private static Task<TestOrg> StartAsync() => TestOrg.StartAsync(new SimulatorOptions { Generate = 600, Seed = 7, BulkPageSize = 40 });
}
