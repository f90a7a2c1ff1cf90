using Appliance.Catalog;
using Microsoft.Extensions.Time.Testing;
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

    [Fact]
    public async Task When_the_front_doors_certificate_runs_out_or_is_not_renewed_once_each()
    {
        await using var scene = await AlertScene.NewAsync(server);
        var (channel, _) = await scene.WebhookAsync("certificateEnding", "certificateFailed");
        Assert.Equal([AlertKind.CertificateEnding, AlertKind.CertificateFailed], channel.Events);
        var file = Path.GetTempFileName();
        try
        {
            var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            var time = new FakeTimeProvider(from.AddDays(10));
            using var watch = scene.WatchOver(file, time);
            // Of a hundred days: each level once, and a bought one from the half on, because somebody has to order the next.
            foreach (var (day, news) in new[] { (49, 0), (51, 1), (60, 0), (74, 0), (76, 1), (80, 0), (91, 1), (99, 0), (101, 1), (102, 0) })
            {
                time.SetUtcNow(from.AddDays(day));
                Write("paid", time.GetUtcNow(), 0, "");
                Assert.Equal((day, news), (day, await watch.LookAsync(default)));
            }
            Assert.Equal("The front door's certificate has ended: browsers refuse the appliance", (await scene.Alerts.ListAsync(null, 1, default))[0].Alert.Title);

            // One that renews itself is nobody's business at the half.
            from = from.AddDays(200);
            foreach (var (day, news) in new[] { (51, 0), (76, 1), (91, 1) })
            {
                time.SetUtcNow(from.AddDays(day));
                Write("acme", time.GetUtcNow(), 0, "");
                Assert.Equal((day, news), (day, await watch.LookAsync(default)));
            }

            // What passes by itself is told when it does not; what a person has to do, at once; a series of failures once.
            from = from.AddDays(200);
            time.SetUtcNow(from.AddDays(40));
            foreach (var (failures, kind, news) in new[] { (1, "Transient", 0), (2, "RateLimited", 0), (3, "Transient", 1), (4, "Operator", 0), (0, "", 0) })
            {
                Write("acme", time.GetUtcNow(), failures, kind);
                Assert.Equal((failures, news), (failures, await watch.LookAsync(default)));
            }
            Write("acme", time.GetUtcNow(), 1, "Operator", since: time.GetUtcNow());
            Assert.Equal(1, await watch.LookAsync(default));
            var (told, deliveries) = (await scene.Alerts.ListAsync(null, 1, default))[0];
            Assert.Equal((AlertKind.CertificateFailed, "Free port 80."), (told.Kind, told.Remedy));
            Assert.Contains("The authority cannot reach port 80.", told.Text, StringComparison.Ordinal);
            Assert.Equal("Operations", Assert.Single(deliveries).Channel);

            // An agent that has fallen silent.
            Write("acme", time.GetUtcNow().AddHours(-4), 0, "");
            Assert.Equal((1, 0), (await watch.LookAsync(default), await watch.LookAsync(default)));
            Assert.Equal("Nobody looks after the front door's certificate", (await scene.Alerts.ListAsync(null, 1, default))[0].Alert.Title);

            // The agent's own words, as its tests leave them.
            using var another = scene.WatchOver(file, new FakeTimeProvider(new(2026, 11, 30, 8, 30, 0, TimeSpan.Zero)));
            File.Copy(Path.Combine(ServerFixture.Root(), "tests/Formats/agent-status-v1.json"), file, overwrite: true);
            Assert.Equal(3, await another.LookAsync(default));      // a tenth is left of a bought one; it is refused; another one is served
            Assert.Contains((await scene.Alerts.ListAsync(null, 3, default)).Select(a => a.Alert), a => a.Text.StartsWith("The certificate in the inbox is refused.", StringComparison.Ordinal) && a.Remedy == "Put a better one there.");

            void Write(string source, DateTimeOffset looked, int failures, string kind, DateTimeOffset? since = null) => File.WriteAllText(file, $$"""
                {"looked":"{{looked:O}}","source":"{{source}}","names":["backup.example.org"],"serial":"{{from.UtcTicks:x}}","notBefore":"{{from:O}}","notAfter":"{{from.AddDays(100):O}}","alarm":"None","proof":"Served","failures":{{failures}}
                {{(failures == 0 ? "" : $$""","failingSince":"{{since ?? from:O}}","failure":{"at":"{{looked:O}}","kind":"{{kind}}","cause":"The authority cannot reach port 80.","remedy":"Free port 80."}""")}}}
                """);
        }
        finally
        {
            File.Delete(file);
        }
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
