using Appliance.Catalog;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests.Alerts;

public sealed class Somebody_is_told(ServerFixture server)
{
    [Fact]
    public async Task When_a_job_fails_once_whoever_looks()
    {
        await using var scene = await AlertScene.NewAsync(server);
        scene.Backups.Simulator.Faults.Plan(PlannedFault.Parse("fail path=/sobjects status=403 code=API_DISABLED_FOR_ORG times=0"));
        await scene.Backups.StartWorkerAsync();
        var id = await scene.Backups.BackUpAsync();
        await EndedAsync(scene, id, JobState.Failed);
        var looks = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => scene.Watch.LookAsync(default)));
        Assert.Equal(1, looks.Sum());
        var (alert, _) = Assert.Single(await scene.Alerts.ListAsync(scene.Backups.Org.Id, 10, default));
        Assert.Equal((AlertKind.JobFailed, (Guid?)id), (alert.Kind, alert.JobId));
        Assert.Equal("Simulated: a backup failed", alert.Title);
        Assert.Contains("API", alert.Text, StringComparison.Ordinal);
        Assert.Equal(0, await scene.Watch.LookAsync(default));
    }

    [Fact]
    public async Task When_the_org_no_longer_takes_the_token()
    {
        await using var scene = await AlertScene.NewAsync(server);
        scene.Backups.Simulator.Sessions.RevokeAll();
        await scene.Backups.StartWorkerAsync();
        var id = await scene.Backups.BackUpAsync();
        await scene.Backups.PausedAsync(id);
        Assert.Equal(1, await scene.Watch.LookAsync(default));
        Assert.Equal(0, await scene.Watch.LookAsync(default));
        Assert.Equal(AlertKind.TokenBroken, Assert.Single(await scene.Alerts.ListAsync(null, 10, default)).Alert.Kind);
        scene.Backups.Simulator.Faults.Before = (_, _) =>
        {
            scene.Backups.Simulator.Sessions.RevokeAll();
            return Task.CompletedTask;
        };
        await scene.Backups.ConnectAsync();                             // the job goes on, and meets the same again
        await scene.Backups.PausedAsync(id);
        Assert.Equal(1, await scene.Watch.LookAsync(default));          // another breach, another alert
    }

    [Fact]
    public async Task When_a_job_waits_for_calls()
    {
        await using var scene = await AlertScene.NewAsync(server, new() { Generate = 300, Files = 2, Seed = 3, ApiLimit = 100 });
        await scene.Backups.StartWorkerAsync();
        await scene.Backups.PausedAsync(await scene.Backups.BackUpAsync());
        Assert.Equal(1, await scene.Watch.LookAsync(default));
        Assert.Equal(AlertKind.JobPaused, Assert.Single(await scene.Alerts.ListAsync(null, 10, default)).Alert.Kind);
        Assert.Equal(0, await scene.Watch.LookAsync(default));
    }

    [Fact]
    public async Task When_stored_bytes_are_not_what_was_written()
    {
        await using var scene = await AlertScene.NewAsync(server);
        await scene.Backups.StartWorkerAsync();
        await scene.Backups.CompletedAsync(await scene.Backups.BackUpAsync());
        await scene.Watch.LookAsync(default);
        var file = Directory.GetFiles(Path.Combine(scene.Backups.Options.StorageRoot, scene.Backups.Org.VaultName, "segments", "Contact")).Order().First();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        var id = await scene.Backups.Starter.VerifyAsync(scene.Backups.Org.Id, "ann", default);
        await EndedAsync(scene, id, JobState.CompletedWithWarnings);
        Assert.Equal(1, await scene.Watch.LookAsync(default));
        Assert.Equal("Simulated: 1 stored file is damaged", (await scene.Alerts.ListAsync(null, 1, default))[0].Alert.Title);
    }

    [Fact]
    public async Task When_far_more_records_than_ever_were_deleted()
    {
        await using var scene = await AlertScene.NewAsync(server, new() { Generate = 1_200, Files = 0, Seed = 3 });
        await scene.Changes.SetRuleAsync(scene.Backups.Org.Id, new(true, 6, 20, 300), "ann", default);
        await scene.Backups.StartWorkerAsync();
        await scene.Backups.CompletedAsync(await scene.Backups.BackUpAsync());
        for (var run = 1; run <= 6; run++)
        {
            await scene.Backups.ChangeAsync(1, run);
            await scene.Backups.CompletedAsync(await scene.Backups.BackUpAsync("incremental"));
        }
        Assert.Equal(0, await scene.Watch.LookAsync(default));
        scene.Backups.Delete("Lead", 30);
        var id = await scene.Backups.BackUpAsync("incremental");
        var done = await scene.Backups.CompletedAsync(id);
        Assert.Contains("\"deletesSeen\":", done.Result, StringComparison.Ordinal);
        Assert.Equal(1, await scene.Watch.LookAsync(default));
        var (alert, _) = Assert.Single(await scene.Alerts.ListAsync(null, 10, default));
        Assert.Equal((AlertKind.UnusualDeletes, (Guid?)id), (alert.Kind, alert.JobId));
        Assert.StartsWith("Lead: 30 deleted, usual are ", alert.Text, StringComparison.Ordinal);
    }

    private static async Task EndedAsync(AlertScene scene, Guid id, JobState state)
    {
        for (var look = 0; ; look++)
        {
            var job = (await scene.Backups.Jobs.GetAsync(id, default))!;
            if (job.Ended)
            {
                Assert.Equal(state, job.State);
                return;
            }
            Assert.True(look < 6_000, $"It never ended: {job.State}");
            await Task.Delay(10);
        }
    }
}
