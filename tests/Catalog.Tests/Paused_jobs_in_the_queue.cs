using Dapper;
using Xunit;

namespace Appliance.Catalog.Tests;

public sealed class Paused_jobs_in_the_queue(CatalogFixture fixture)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static CancellationToken None => CancellationToken.None;
    private static readonly JobPause Quota = new(PauseReason.Quota, "used up", "wait", TimeSpan.FromHours(1), CallsToBegin: 7);

    [Fact]
    public async Task Are_taken_again_by_themselves_when_their_moment_has_come_by_the_databases_clock()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var id = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        await scene.Jobs.PauseAsync(await LeaseAsync(scene), Quota, None);
        var paused = (await scene.Jobs.GetAsync(id, None))!;
        Assert.Equal((JobState.Paused, PauseReason.Quota, "used up", "wait", null), (paused.State, paused.PauseReason, paused.Cause, paused.Remedy, paused.EndedAt));
        Assert.Equal(TimeSpan.FromHours(1), paused.LooksAt - paused.PausedSince);
        Assert.Null(await scene.Jobs.TryLeaseAsync("w", Long, None));

        await HourPassesAsync(scene);
        var again = await LeaseAsync(scene);
        Assert.Equal((id, 1, 1, 7L), (again.Id, again.Attempts, again.Pauses, again.CallsToBegin));
        var running = (await scene.Jobs.GetAsync(id, None))!;
        Assert.Equal((JobState.InProgress, null, null), (running.State, running.PauseReason, running.Cause));

        await scene.Jobs.PauseAsync(again, Quota with { Progressed = false }, None);
        await HourPassesAsync(scene);
        Assert.Equal(2, (await LeaseAsync(scene)).Pauses);
    }

    [Fact]
    public async Task May_pause_more_often_than_a_job_may_kill_its_workers()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        for (var i = 0; i <= Jobs.MaxAttempts; i++) await scene.Jobs.PauseAsync(await LeaseAsync(scene), Quota with { LookIn = TimeSpan.Zero, Progressed = false }, None);
        Assert.Equal(Jobs.MaxAttempts + 1, (await LeaseAsync(scene)).Pauses);
    }

    [Fact]
    public async Task Hold_back_the_orgs_later_backups_and_removals_but_neither_restores_nor_verification_nor_other_orgs()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var (org, other) = (await scene.OrgAsync(), await scene.OrgAsync("00D000000000002EAA"));
        await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        await scene.Jobs.PauseAsync(await LeaseAsync(scene), Quota, None);
        var backup = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var prune = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Prune, "{}", None);
        Guid[] passing = [await scene.Jobs.EnqueueAsync(org.Id, JobKind.Verify, "{}", None), await scene.Jobs.EnqueueAsync(org.Id, JobKind.Restore, "{}", None)];
        var elsewhere = await scene.Jobs.EnqueueAsync(other.Id, JobKind.Backup, "{}", None);

        Assert.Equal([.. passing, elsewhere], await DrainAsync(scene));
        await HourPassesAsync(scene);
        var resumed = await LeaseAsync(scene);
        Assert.Equal(JobKind.Backup, resumed.Kind);
        await scene.Jobs.FinishAsync(resumed, JobState.Completed, null, null, null, None);
        Assert.Equal([backup, prune], await DrainAsync(scene));
    }

    /// <summary>A removal makes room, so it must not wait for the backup that waits for room; another backup would find none either.</summary>
    [Fact]
    public async Task Let_a_removal_past_when_they_wait_for_room_on_the_disk()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await PausedAsync(scene, org, new JobPause(PauseReason.Disk, "full", "enlarge it", TimeSpan.FromHours(1)));
        var behind = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var prune = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Prune, "{}", None);
        Assert.Equal([prune], await DrainAsync(scene));
        Assert.Equal(JobState.Queued, (await scene.Jobs.GetAsync(behind, None))!.State);
    }

    [Fact]
    public async Task Let_the_others_go_when_they_are_aborted()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var id = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        await scene.Jobs.PauseAsync(await LeaseAsync(scene), Quota, None);
        var next = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        Assert.True(await scene.Jobs.AskAbortAsync(id, None));
        Assert.Equal((JobState.Aborted, null), ((await scene.Jobs.GetAsync(id, None))!.State, (await scene.Jobs.GetAsync(id, None))!.Cause));
        Assert.Equal([next], await DrainAsync(scene));
    }

    [Fact]
    public async Task Stay_paused_for_a_user_until_somebody_resumes_them()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var id = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        Assert.True(await scene.Jobs.AskPauseAsync(id, "ann", None));                    // queued: at once
        Assert.Equal((JobState.Paused, PauseReason.User, "ann paused it."), await StateAsync(scene, id));
        Assert.Null(await scene.Jobs.TryLeaseAsync("w", Long, None));
        Assert.True(await scene.Jobs.ResumeAsync(id, None));
        Assert.False(await scene.Jobs.ResumeAsync(id, None));

        var lease = await LeaseAsync(scene);
        Assert.True(await scene.Jobs.AskPauseAsync(id, "ann", None));                    // running: at its next step
        Assert.True((await scene.Jobs.GetAsync(id, None))!.PauseAsked);
        Assert.Equal(LeaseState.PauseAsked, await scene.Jobs.HeartbeatAsync(lease, None));
        Assert.True(await scene.Jobs.ResumeAsync(id, None));                            // taken back
        Assert.Equal(LeaseState.Ours, await scene.Jobs.HeartbeatAsync(lease, None));

        await scene.Jobs.PauseAsync(lease, Quota, None);
        Assert.True(await scene.Jobs.AskPauseAsync(id, "bob", None));                    // waits by itself: no more
        await HourPassesAsync(scene);
        Assert.Null(await scene.Jobs.TryLeaseAsync("w", Long, None));
        Assert.True(await scene.Jobs.ResumeAsync(id, None));
        await scene.Jobs.FinishAsync(await LeaseAsync(scene), JobState.Completed, null, null, null, None);
        Assert.False(await scene.Jobs.AskPauseAsync(id, "ann", None));
        Assert.False(await scene.Jobs.ResumeAsync(id, None));
    }

    [Fact]
    public async Task That_wait_for_a_token_go_on_when_the_org_is_connected_again_and_only_those()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var (org, other) = (await scene.OrgAsync(), await scene.OrgAsync("00D000000000002EAA"));
        var token = new JobPause(PauseReason.Token, "refused", "connect again");
        var waiting = await PausedAsync(scene, org, token);
        var mine = await PausedAsync(scene, org, Quota, JobKind.Restore);
        var elsewhere = await PausedAsync(scene, other, token);
        await HourPassesAsync(scene, all: false);
        Assert.Null(await scene.Jobs.TryLeaseAsync("w", Long, None));

        scene.Time.Advance(TimeSpan.FromMinutes(1));
        await scene.OrgAsync();
        Assert.Equal([waiting], await DrainAsync(scene));
        Assert.Equal((JobState.Paused, JobState.Paused), ((await scene.Jobs.GetAsync(mine, None))!.State, (await scene.Jobs.GetAsync(elsewhere, None))!.State));
    }

    /// <summary>The job meets the end of the old token just when somebody has connected the org again.</summary>
    [Fact]
    public async Task That_would_wait_for_a_token_which_is_there_already_go_on_at_once()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var lease = await LeaseAsync(scene);
        scene.Time.Advance(TimeSpan.FromMinutes(1));
        await scene.OrgAsync();
        await scene.Orgs.MarkTokenBrokenAsync(org, None);                               // speaks of the connection before: nothing happens
        await scene.Jobs.PauseAsync(lease, new JobPause(PauseReason.Token, "refused", "connect again"), None);
        Assert.Equal(TokenState.Valid, (await scene.Orgs.FindAsync(org.Id, None))!.TokenState);
        Assert.Equal(lease.Id, (await LeaseAsync(scene)).Id);
    }

    [Fact]
    public async Task Refuse_a_worker_whose_lease_ran_out()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var stale = (await scene.Jobs.TryLeaseAsync("one", TimeSpan.Zero, None))!;
        var fresh = await LeaseAsync(scene);
        await Assert.ThrowsAsync<LostLeaseException>(() => scene.Jobs.PauseAsync(stale, Quota, None));
        Assert.Equal(LeaseState.Ours, await scene.Jobs.HeartbeatAsync(fresh, None));
    }

    [Fact]
    public async Task A_pause_that_came_too_late_does_not_meet_the_same_deed_when_it_is_queued_again()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var id = await scene.Jobs.EnqueueOnceAsync(org.Id, JobKind.Restore, "{}", "ann", "restore/1", None);
        var lease = await LeaseAsync(scene);
        await scene.Jobs.AskPauseAsync(id, "ann", None);
        await scene.Jobs.FinishAsync(lease, JobState.Failed, null, "x", "y", None);
        await scene.Jobs.EnqueueOnceAsync(org.Id, JobKind.Restore, "{}", "ann", "restore/1", None);
        Assert.Equal(LeaseState.Ours, await scene.Jobs.HeartbeatAsync(await LeaseAsync(scene), None));
    }

    [Fact]
    public async Task A_schedule_lets_its_times_go_while_its_last_run_is_paused()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var schedules = new Schedules(scene.Db, scene.Time);
        var org = await scene.OrgAsync();
        var row = new ScheduleRow { Id = Guid.CreateVersion7(), OrgId = org.Id, Kind = "incremental", Cadence = "hourly", TimeZone = "Etc/UTC", NextDue = scene.Time.GetUtcNow(), CreatedBy = "ann" };
        await schedules.PutAsync(row, None);
        Task<FiredSchedule?> FireAsync() => schedules.FireDueAsync(_ => scene.Time.GetUtcNow().AddHours(1), None);
        var first = (await FireAsync())!.JobId;
        await scene.Jobs.PauseAsync(await LeaseAsync(scene), Quota, None);
        for (var i = 0; i < 3; i++)
        {
            scene.Time.Advance(TimeSpan.FromHours(1));
            Assert.Null((await FireAsync())!.JobId);
        }
        Assert.Equal((3L, first), ((await schedules.FindAsync(org.Id, row.Id, None))!.Skipped, (Guid?)Assert.Single(await scene.Jobs.ListAsync(org.Id, 10, None)).Id));
    }

    [Fact]
    public async Task Ceilings_are_eighty_percent_until_somebody_says_otherwise()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var budgets = new Budgets(scene.Db, scene.Time);
        Assert.Equal(new OrgCeilings(80, 80), await budgets.CeilingsAsync(org.Id, None));
        foreach (var ceilings in new[] { new OrgCeilings(50, 60), new OrgCeilings(1, 100) })
        {
            await budgets.SetAsync(org.Id, ceilings, "ann", None);
            Assert.Equal(ceilings, await budgets.CeilingsAsync(org.Id, None));
        }
    }

    private static async Task<LeasedJob> LeaseAsync(CatalogScene scene)
    {
        var job = await scene.Jobs.TryLeaseAsync("w", Long, None);
        Assert.NotNull(job);
        return job;
    }

    private static async Task<Guid> PausedAsync(CatalogScene scene, OrgRow org, JobPause pause, JobKind kind = JobKind.Backup)
    {
        if (pause.Reason is PauseReason.Token) await scene.Orgs.MarkTokenBrokenAsync(org, None);
        var id = await scene.Jobs.EnqueueAsync(org.Id, kind, "{}", None);
        var lease = await LeaseAsync(scene);
        Assert.Equal(id, lease.Id);
        await scene.Jobs.PauseAsync(lease, pause, None);
        return id;
    }

    /// <summary>Runs what may run now, to its end.</summary>
    private static async Task<List<Guid>> DrainAsync(CatalogScene scene)
    {
        var ran = new List<Guid>();
        while (await scene.Jobs.TryLeaseAsync("w", Long, None) is { } job)
        {
            await scene.Jobs.FinishAsync(job, JobState.Completed, null, null, null, None);
            ran.Add(job.Id);
        }
        return ran;
    }

    private static async Task<(JobState, PauseReason?, string?)> StateAsync(CatalogScene scene, Guid id)
    {
        var row = (await scene.Jobs.GetAsync(id, None))!;
        return (row.State, row.PauseReason, row.Cause);
    }

    /// <summary>The database's clock decides, so it is the moments that move.</summary>
    private static async Task HourPassesAsync(CatalogScene scene, bool all = true)
    {
        await using var connection = await scene.Db.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("UPDATE job_pauses SET look_at = TIMESTAMPADD(MINUTE, @minutes, look_at)", new { minutes = all ? -61 : -59 });
    }
}
