using Xunit;

namespace Appliance.Catalog.Tests;

public sealed class Schedules_in_the_catalog(CatalogFixture fixture)
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Give_one_job_per_due_time_however_many_servers_look()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var schedules = new Schedules(scene.Db, scene.Time);
        var expected = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            var org = await scene.OrgAsync($"00D00000000{i:D4}EAA");
            await schedules.PutAsync(Row(org.Id, scene.Time.GetUtcNow().AddMinutes(i)), None);
            expected.Add(org.Id);
        }
        Assert.Null(await FireAsync(scene, new Schedules(scene.Db, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(scene.Time.GetUtcNow().AddDays(-1)))));

        scene.Time.Advance(TimeSpan.FromHours(1));
        var fired = (await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var mine = new List<FiredSchedule>();
            while (await FireAsync(scene, schedules) is { } one) mine.Add(one);
            return mine;
        }))).SelectMany(f => f).ToList();
        while (await FireAsync(scene, schedules) is { } late) fired.Add(late);     // whom a lock let pass by

        Assert.Equal(expected.Order(), fired.Select(f => f.Schedule.OrgId).Order());
        var jobs = await scene.Jobs.ListAsync(null, 100, None);
        Assert.Equal(fired.Select(f => f.JobId!.Value).Order(), jobs.Select(j => j.Id).Order());
        Assert.All(jobs, job => Assert.Equal((JobKind.Backup, """{"kind":"incremental"}""", "schedule"), (job.Kind, job.Parameters, job.CreatedBy)));
    }

    [Fact]
    public async Task Let_a_time_go_while_the_run_before_is_still_going()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var schedules = new Schedules(scene.Db, scene.Time);
        var org = await scene.OrgAsync();
        var row = Row(org.Id, scene.Time.GetUtcNow());
        await schedules.PutAsync(row, None);
        var first = await FireAsync(scene, schedules);
        scene.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null((await FireAsync(scene, schedules))!.JobId);
        Assert.Equal((1, first!.JobId), ((await schedules.FindAsync(org.Id, row.Id, None))!.Skipped, (await schedules.FindAsync(org.Id, row.Id, None))!.LastJobId));

        var job = await scene.Jobs.TryLeaseAsync("one", TimeSpan.FromMinutes(10), None);
        await scene.Jobs.FinishAsync(job!, JobState.Completed, null, null, null, None);
        scene.Time.Advance(TimeSpan.FromHours(1));
        Assert.NotNull((await FireAsync(scene, schedules))!.JobId);
    }

    [Fact]
    public async Task Stand_still_while_switched_off_disabled_or_without_a_valid_token()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var schedules = new Schedules(scene.Db, scene.Time);
        var org = await scene.OrgAsync();
        var row = Row(org.Id, scene.Time.GetUtcNow());
        await schedules.PutAsync(row, None);

        await schedules.SwitchAsync(org.Id, off: true, "admin", None);
        Assert.True(await schedules.AreOffAsync(org.Id, None));
        Assert.Null(await FireAsync(scene, schedules));
        await schedules.SwitchAsync(org.Id, off: false, "admin", None);

        await scene.Orgs.MarkTokenBrokenAsync(org, None);
        Assert.Null(await FireAsync(scene, schedules));
        await scene.OrgAsync();     // connected again

        await schedules.PutAsync(row with { NextDue = null }, None);
        Assert.Null(await FireAsync(scene, schedules));
        await schedules.PutAsync(row, None);
        Assert.NotNull(await FireAsync(scene, schedules));
    }

    private static Task<FiredSchedule?> FireAsync(CatalogScene scene, Schedules schedules) => schedules.FireDueAsync(_ => scene.Time.GetUtcNow().AddMinutes(30), None);

    private static ScheduleRow Row(Guid orgId, DateTimeOffset due) =>
        new() { Id = Guid.CreateVersion7(), OrgId = orgId, Kind = "incremental", Cadence = "hourly", TimeZone = "Etc/UTC", NextDue = due, CreatedBy = "admin" };
}
