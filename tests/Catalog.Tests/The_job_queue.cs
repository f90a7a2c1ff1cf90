using Xunit;

namespace Appliance.Catalog.Tests;

public sealed class The_job_queue(CatalogFixture fixture)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Gives_the_oldest_job_first_and_one_per_org()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var other = await scene.OrgAsync("00D000000000002EAA");
        var first = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, """{"kind":"full"}""", None);
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await scene.Jobs.EnqueueAsync(org.Id, JobKind.RestorePlan, "{}", None);
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        var elsewhere = await scene.Jobs.EnqueueAsync(other.Id, JobKind.Backup, "{}", None);

        var a = await scene.Jobs.TryLeaseAsync("one", Long, None);
        var b = await scene.Jobs.TryLeaseAsync("two", Long, None);
        var c = await scene.Jobs.TryLeaseAsync("three", Long, None);

        Assert.Equal((first, JobKind.Backup, """{"kind":"full"}""", 1), (a!.Id, a.Kind, a.Parameters, a.Attempts));
        Assert.Equal(elsewhere, b!.Id);
        Assert.Null(c);

        await scene.Jobs.FinishAsync(a, JobState.Completed, """{"records":5}""", null, null, None);
        Assert.Equal(second, (await scene.Jobs.TryLeaseAsync("three", Long, None))!.Id);
        var row = await scene.Jobs.GetAsync(first, None);
        Assert.Equal((JobState.Completed, """{"records":5}""", scene.Time.GetUtcNow()), (row!.State, row.Result, row.EndedAt!.Value));
    }

    [Fact]
    public async Task Lets_many_workers_grab_at_once_and_hands_each_job_out_once()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        for (var i = 0; i < 8; i++)
        {
            var org = await scene.OrgAsync($"00D00000000{i:D4}EAA");
            await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
            await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        }

        var leased = new List<LeasedJob>();
        for (var round = 0; round < 20 && leased.Count < 8; round++)
            leased.AddRange((await Task.WhenAll(Enumerable.Range(0, 8).Select(w => scene.Jobs.TryLeaseAsync($"worker {w}", Long, None)))).OfType<LeasedJob>());

        Assert.Equal(8, leased.Count);
        Assert.Equal(8, leased.Select(j => j.Id).Distinct().Count());
        Assert.Equal(8, leased.Select(j => j.OrgId).Distinct().Count());
    }

    [Fact]
    public async Task Refuses_every_write_of_a_worker_whose_lease_ran_out()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var stale = (await scene.Jobs.TryLeaseAsync("one", TimeSpan.Zero, None))!;      // its lease has run out at once
        var fresh = (await scene.Jobs.TryLeaseAsync("two", Long, None))!;
        Assert.Equal((stale.Id, stale.Fencing + 1, 2), (fresh.Id, fresh.Fencing, fresh.Attempts));

        Assert.Equal(LeaseState.Lost, await scene.Jobs.HeartbeatAsync(stale, None));
        await Assert.ThrowsAsync<LostLeaseException>(() => scene.Jobs.ReportProgressAsync(stale, "{}", None));
        await Assert.ThrowsAsync<LostLeaseException>(() => scene.Jobs.AppendLogAsync(stale, "info", "still here", None));
        await Assert.ThrowsAsync<LostLeaseException>(() => scene.Jobs.FinishAsync(stale, JobState.Failed, null, "x", "y", None));
        await Assert.ThrowsAsync<LostLeaseException>(() => scene.Snapshots.CommitAsync(stale, Snapshot(scene, org, stale), None));
        await scene.Jobs.ReleaseAsync(stale, None);

        Assert.Equal(LeaseState.Ours, await scene.Jobs.HeartbeatAsync(fresh, None));
        Assert.Empty(await scene.Snapshots.ListAsync(org.Id, None));
        await scene.Snapshots.CommitAsync(fresh, Snapshot(scene, org, fresh), None);
        await scene.Snapshots.CommitAsync(fresh, Snapshot(scene, org, fresh), None);    // the same again: a worker that died right after it
        await scene.Jobs.FinishAsync(fresh, JobState.Completed, null, null, null, None);
        Assert.Equal(Snapshot(scene, org, fresh), Assert.Single(await scene.Snapshots.ListAsync(org.Id, None)));
        Assert.Empty(await scene.Jobs.LogAsync(fresh.Id, 0, None));
    }

    [Fact]
    public async Task A_job_given_back_is_taken_again_at_once()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var id = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var first = (await scene.Jobs.TryLeaseAsync("one", Long, None))!;
        await scene.Jobs.AppendLogAsync(first, "info", "started", None);
        await scene.Jobs.ReleaseAsync(first, None);
        var second = (await scene.Jobs.TryLeaseAsync("two", Long, None))!;
        Assert.Equal((id, 2), (second.Id, second.Attempts));
        Assert.Equal("started", Assert.Single(await scene.Jobs.LogAsync(id, 0, None)).Text);
    }

    [Fact]
    public async Task A_deed_that_may_be_queued_once_is_one_job_however_often_it_is_asked_for()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        Assert.Null(await scene.Jobs.FindOnceAsync("restore/1", None));
        var ids = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => scene.Jobs.EnqueueOnceAsync(org.Id, JobKind.Restore, "{}", "admin", "restore/1", None)));
        Assert.Equal(ids[0], Assert.Single(ids.Distinct()));
        Assert.NotEqual(ids[0], await scene.Jobs.EnqueueOnceAsync(org.Id, JobKind.Restore, "{}", "admin", "restore/2", None));
    }

    [Fact]
    public async Task A_deed_that_was_aborted_or_failed_goes_on_under_the_same_job()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var id = await scene.Jobs.EnqueueOnceAsync(org.Id, JobKind.Restore, "{}", "admin", "restore/1", None);
        foreach (var end in new[] { JobState.Aborted, JobState.Failed })
        {
            var lease = (await scene.Jobs.TryLeaseAsync("w", TimeSpan.FromSeconds(30), None))!;
            await scene.Jobs.FinishAsync(lease, end, null, "cause", "remedy", None);
            Assert.Equal(id, await scene.Jobs.EnqueueOnceAsync(org.Id, JobKind.Restore, "{}", "admin", "restore/1", None));
            var job = (await scene.Jobs.GetAsync(id, None))!;
            Assert.Equal((JobState.Queued, null, null), (job.State, job.Cause, job.EndedAt));
        }
        var last = (await scene.Jobs.TryLeaseAsync("w", TimeSpan.FromSeconds(30), None))!;
        await scene.Jobs.FinishAsync(last, JobState.Completed, "{}", null, null, None);
        await scene.Jobs.EnqueueOnceAsync(org.Id, JobKind.Restore, "{}", "admin", "restore/1", None);
        Assert.Equal(JobState.Completed, (await scene.Jobs.GetAsync(id, None))!.State);
    }

    [Fact]
    public async Task An_abort_ends_a_queued_job_and_is_told_to_a_running_one()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var running = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var queued = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var lease = (await scene.Jobs.TryLeaseAsync("one", Long, None))!;
        Assert.Equal(running, lease.Id);

        Assert.True(await scene.Jobs.AskAbortAsync(queued, None));
        Assert.True(await scene.Jobs.AskAbortAsync(running, None));

        Assert.Equal(JobState.Aborted, (await scene.Jobs.GetAsync(queued, None))!.State);
        Assert.Equal(LeaseState.AbortAsked, await scene.Jobs.HeartbeatAsync(lease, None));
        await scene.Jobs.FinishAsync(lease, JobState.Aborted, null, null, null, None);
        Assert.False(await scene.Jobs.AskAbortAsync(running, None));
    }

    [Theory, InlineData(-3), InlineData(3)]
    public async Task Goes_on_after_the_clock_of_the_database_leapt_by_hours(int hours)
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var first = (await scene.Jobs.TryLeaseAsync("one", Long, None))!;
        Assert.Null(await scene.Jobs.TryLeaseAsync("two", Long, None));
        // The leap, seen from the row: its lease ends so many hours off the clock of today.
        await ShiftLeasesAsync(scene, -hours);

        var second = (await scene.Jobs.TryLeaseAsync("two", Long, None))!;
        Assert.Equal((first.Id, first.Fencing + 1), (second.Id, second.Fencing));
        Assert.Equal(LeaseState.Lost, await scene.Jobs.HeartbeatAsync(first, None));
        Assert.Null(await scene.Jobs.TryLeaseAsync("three", Long, None));       // the new lease is by the new clock
    }

    [Fact]
    public async Task A_beat_after_the_clock_leapt_keeps_the_job_where_it_is()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        var job = (await scene.Jobs.TryLeaseAsync("one", Long, None))!;
        await ShiftLeasesAsync(scene, 3);
        Assert.Equal(LeaseState.Ours, await scene.Jobs.HeartbeatAsync(job, None));
        Assert.Null(await scene.Jobs.TryLeaseAsync("two", Long, None));
    }

    [Fact]
    public async Task Gives_up_a_job_that_kills_every_worker()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        var id = await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", None);
        for (var i = 0; i < Jobs.MaxAttempts; i++) Assert.NotNull(await scene.Jobs.TryLeaseAsync("doomed", TimeSpan.Zero, None));
        Assert.Null(await scene.Jobs.TryLeaseAsync("doomed", TimeSpan.Zero, None));
        var row = (await scene.Jobs.GetAsync(id, None))!;
        Assert.Equal(JobState.Failed, row.State);
        Assert.NotNull(row.Remedy);
    }

    private static async Task ShiftLeasesAsync(CatalogScene scene, int hours)
    {
        await using var connection = await scene.Db.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"UPDATE jobs SET lease_until = TIMESTAMPADD(HOUR, {hours}, lease_until)";
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static SnapshotRow Snapshot(CatalogScene scene, OrgRow org, LeasedJob job) => new()
    {
        Id = job.Id, OrgId = org.Id, JobId = job.Id, Kind = SnapshotRowKind.Full, StartedAt = scene.Time.GetUtcNow(), CompletedAt = scene.Time.GetUtcNow(),
        Objects = 2, Records = 10, Files = 1, BytesStored = 1234, Complete = true, ManifestSha256 = new string('a', 64),
    };
}
