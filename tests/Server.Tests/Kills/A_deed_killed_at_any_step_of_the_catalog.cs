using Appliance.Catalog;
using Appliance.Catalog.Tests;
using Appliance.Engine;
using Appliance.Engine.Adoption;
using Appliance.Engine.Jobs;
using Appliance.Engine.Retention;
using Appliance.Server.Jobs;
using Appliance.Server.Tests.Alerts;
using Appliance.Server.Tests.Budget;
using Appliance.Vault;
using Microsoft.Extensions.Logging.Abstractions;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests.Kills;

/// <summary>
/// Each deed is done by a process that is killed before, and by one that is killed after, each of its messages to the catalog in turn; afterwards the old state stands or the whole new one,
/// and the next process brings it to its end, once.
/// </summary>
public sealed class A_deed_killed_at_any_step_of_the_catalog(ServerFixture server)
{
    private static readonly TimeProvider s_time = TimeProvider.System;
    private static SimulatorOptions Small => new() { Generate = 40, Files = 1, Seed = 3 };

    [Fact]
    public async Task A_schedule_that_is_due_queues_its_templates_once()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var (schedules, templates) = (new Schedules(scene.Db, s_time), new Catalog.Templates(scene.Db, s_time));
        Guid[] chosen = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        foreach (var id in chosen) await templates.PutAsync(new TemplateRow { Id = id, OrgId = scene.Org.Id, Name = $"{id}", Description = "", Content = "{}", ChangedBy = "ann" }, default);
        var (past, next, id0, before) = (new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2126, 1, 1, 0, 0, 0, TimeSpan.Zero), Guid.Empty, 0);
        await EachStepAsync(scene,
            async () =>
            {
                if (id0 != Guid.Empty) await schedules.RemoveAsync(scene.Org.Id, id0, default);
                id0 = Guid.CreateVersion7();
                before = (await scene.Jobs.ListAsync(scene.Org.Id, 1000, default)).Count;
                await schedules.PutAsync(new ScheduleRow { Id = id0, OrgId = scene.Org.Id, Kind = "templated", TemplateIds = chosen, Cadence = "hourly", TimeZone = "Etc/UTC", NextDue = past, CreatedBy = "ann" }, default);
            },
            db => new Schedules(db, s_time).FireDueAsync(_ => next, default),
            async done =>
            {
                var (row, jobs) = ((await schedules.FindAsync(scene.Org.Id, id0, default))!, await scene.Jobs.ListAsync(scene.Org.Id, 1000, default));
                if (!done && jobs.Count == before)
                {
                    Assert.Equal((past, null), (row.NextDue, row.LastJobId));
                    return;
                }
                Assert.Equal((before + 1, (DateTimeOffset?)next, (Guid?)jobs[0].Id), (jobs.Count, row.NextDue, row.LastJobId));
                Assert.All(chosen, template => Assert.Contains($"{template}", jobs[0].Parameters, StringComparison.Ordinal));
            });
    }

    [Fact]
    public async Task A_job_that_failed_is_told_of_once()
    {
        await using var scene = await AlertScene.NewAsync(server, Small);
        await scene.WebhookAsync();
        var job = Guid.Empty;
        await EachStepAsync(scene.Backups,
            async () =>
            {
                job = Guid.CreateVersion7();
                await TellAsync(scene.Backups.Db, "INSERT INTO jobs (id, org_id, kind, state, parameters, created_at, created_by, ended_at, cause) VALUES (@id, @org, 'Backup', 'Failed', '{}', UTC_TIMESTAMP(6), 'test', UTC_TIMESTAMP(6), 'x')",
                    ("@id", job), ("@org", scene.Backups.Org.Id));
            },
            async db =>
            {
                using var watch = scene.WatchOver(db);
                await watch.LookAsync(default);
            },
            async done =>
            {
                var raised = (await scene.Alerts.ListAsync(null, 500, default)).Where(a => a.Alert.JobId == job).ToList();
                Assert.InRange(raised.Count, done ? 1 : 0, 1);
                Assert.All(raised, a => Assert.Single(a.Deliveries));           // an alert never stands without its deliveries
                if (done) Assert.DoesNotContain(job, await scene.Alerts.UnseenAsync(default));
            });
    }

    [Fact]
    public async Task An_alert_arrives_at_least_once_and_is_noted_as_arrived()
    {
        await using var scene = await AlertScene.NewAsync(server, Small);
        await scene.WebhookAsync();
        AlertRow alert = default!;
        await EachStepAsync(scene.Backups,
            async () => alert = await scene.RaiseAsync(),
            async db =>
            {
                using var delivery = scene.DeliveryOver(db);
                await delivery.SendDueAsync(default);
            },
            async done =>
            {
                var (row, arrived) = (await scene.DeliveryOfAsync(alert), scene.Received.Count(r => System.Text.Encoding.UTF8.GetString(r.Body).Contains($"{alert.Id}", StringComparison.Ordinal)));
                Assert.Equal(done ? DeliveryState.Delivered : row.State, row.State);
                Assert.InRange(arrived, row.State is DeliveryState.Delivered ? 1 : 0, 2);          // killed between sending and noting, it is sent again
                // Whoever dies over a delivery holds it for a while; that has passed.
                await TellAsync(scene.Backups.Db, "UPDATE alert_deliveries SET next_at = UTC_TIMESTAMP(6) WHERE state = 'Waiting'");
            });
    }

    [Fact]
    public async Task A_vault_that_is_taken_over_comes_whole()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var org = await scene.Orgs.AddAsync(Connection("00D0000000000A1EAA"), default);
        var snapshots = await TakeAsync(scene, org, 3);
        await EachStepAsync(scene,
            async () =>
            {
                foreach (var known in (await scene.Orgs.ListAsync(default)).Where(o => o.SalesforceOrgId == org.SalesforceOrgId)) await scene.Orgs.RemoveAsync(known.Id, default);
            },
            db => new VaultAdoption(scene.Vaults, new Orgs(db, new SecretBox(new byte[32]), s_time), new Snapshots(db)).RunAsync(default),
            async done =>
            {
                var known = (await scene.Orgs.ListAsync(default)).Where(o => o.SalesforceOrgId == org.SalesforceOrgId).ToList();
                Assert.InRange(known.Count, done ? 1 : 0, 1);
                var held = known.Count == 0 ? [] : (await scene.Snapshots.ListAsync(known[0].Id, default)).Select(s => s.Id).ToList();
                if (done) Assert.Equal(snapshots.Order(), held.Order());
                else Assert.Empty(held.Except(snapshots));
                Assert.All(known, o => Assert.Equal(org.VaultName, o.VaultName));
            });
    }

    [Fact]
    public async Task A_removal_of_snapshots_goes_on_and_spares_the_newest()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var (number, org, snapshots, vault, job) = (0, default(OrgRow)!, new List<Guid>(), default(OrgVault)!, default(LeasedJob)!);
        await EachStepAsync(scene,
            async () =>
            {
                org = await scene.Orgs.AddAsync(Connection($"00D000000000{100 + number++}EAA"), default);
                snapshots = await TakeAsync(scene, org, 3);
                vault = await scene.Vaults.OpenAsync(org, default);
                await new Catalog.Retention(scene.Db, s_time).SetPolicyAsync(org.Id, "{\"newest\":1}", "ann", default);
                job = new LeasedJob(Guid.CreateVersion7(), org.Id, JobKind.Prune, "{}", 1, 1, "test", TimeSpan.FromMinutes(9));
                await TellAsync(scene.Db, "INSERT INTO jobs (id, org_id, kind, state, parameters, created_at, created_by, fencing, lease_until) VALUES (@id, @org, 'Prune', 'InProgress', '{}', UTC_TIMESTAMP(6), 'test', 1, UTC_TIMESTAMP(6) + INTERVAL 9 MINUTE)",
                    ("@id", job.Id), ("@org", org.Id));
            },
            db => new PruneRun(new Catalog.Retention(db, s_time), new Snapshots(db), new Catalog.Jobs(db, s_time), vault, new JobProgress(), s_time).RunAsync(job, default),
            async done =>
            {
                var (seen, stored) = ((await scene.Snapshots.ListAsync(org.Id, default)).Select(s => s.Id).ToHashSet(), await vault.ListSnapshotsAsync(default).ToListAsync());
                Assert.Contains(snapshots[2], seen);
                Assert.Empty(seen.Except(stored));                      // nobody is shown what is no longer stored
                Assert.Contains(seen.Count, (int[])[1, 3]);
                if (await vault.FindPruneAsync(default) is null) Assert.Equal(seen.Order(), stored.Order());
                if (!done) return;
                Assert.Equal([snapshots[2]], stored);
                await foreach (var finding in vault.VerifyAsync(null, default)) Assert.Fail(finding.ToString());
            });
    }

    [Fact]
    public async Task The_days_part_of_the_sweep_is_queued_once()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var org = default(OrgRow)!;
        await EachStepAsync(scene,
            async () =>
            {
                if (org is not null) await scene.Orgs.RemoveAsync(org.Id, default);
                org = await scene.Orgs.AddAsync(Connection("00D0000000000A2EAA"), default);
                await scene.Snapshots.AdoptAsync(Row(org, Guid.CreateVersion7(), s_time.GetUtcNow(), ""), default);
            },
            async db =>
            {
                using var clock = new SweepClock(new Orgs(db, new SecretBox(new byte[32]), s_time), new Snapshots(db), new Catalog.Jobs(db, s_time), new JobWake(), s_time, NullLogger<SweepClock>.Instance);
                await clock.FireAsync(default);
            },
            async done => Assert.InRange((await scene.Jobs.ListAsync(org.Id, 10, default)).Count(j => j.Kind == JobKind.Verify), done ? 1 : 0, 1));
    }

    /// <summary>Every ninth message as a rule; each at night.</summary>
    [Fact]
    public async Task A_backup_is_seen_whole_or_not_at_all_and_another_worker_ends_it()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var step = Environment.GetEnvironmentVariable("NIGHTLY") is null ? 9 : 1;
        long? records = null;
        for (var cut = step; ; cut += step)
        {
            var known = (await scene.Snapshots.ListAsync(scene.Org.Id, default)).Select(s => s.Id).ToHashSet();
            var id = await scene.BackUpAsync();
            var lease = (await scene.Jobs.TryLeaseAsync("one", TimeSpan.FromMinutes(9), default))!;
            var died = await DyingAsync(scene, cut, db => scene.RunnerOver(db).RunAsync(lease, default));
            var seen = (await scene.Snapshots.ListAsync(scene.Org.Id, default)).Select(s => s.Id).ToHashSet();
            Assert.Empty(seen.Except(known).Except([id]));

            await TellAsync(scene.Db, "UPDATE jobs SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE state = 'InProgress'");
            while (await scene.Jobs.TryLeaseAsync("two", TimeSpan.FromMinutes(9), default) is { } again) await scene.RunnerOver(scene.Db).RunAsync(again, default);
            Assert.Equal(JobState.Completed, (await scene.Jobs.GetAsync(id, default))!.State);
            var row = (await scene.Snapshots.ListAsync(scene.Org.Id, default)).Single(s => !known.Contains(s.Id));
            Assert.Equal((id, records ??= row.Records), (row.Id, row.Records));
            if (died) continue;
            Assert.InRange(cut, 20, 2_000);
            break;
        }
        await foreach (var finding in (await scene.Vaults.OpenAsync(scene.Org, default)).VerifyAsync(null, default)) Assert.Fail(finding.ToString());
    }

    /// <summary>Kills the deed at each message in turn, looks at what stands, does it again in a process that lives, and looks again; until it came through without being killed.</summary>
    private static async Task EachStepAsync(BudgetScene scene, Func<Task> prepare, Func<CatalogDatabase, Task> deed, Func<bool, Task> look)
    {
        for (var cut = 1; ; cut++)
        {
            await prepare();
            var died = await DyingAsync(scene, cut, deed);
            await look(false);
            await deed(scene.Db);
            await look(true);
            if (died) continue;
            Assert.InRange(cut, 6, 500);
            return;
        }
    }

    /// <returns>False when the deed had fewer messages.</returns>
    private static async Task<bool> DyingAsync(BudgetScene scene, int cut, Func<CatalogDatabase, Task> deed)
    {
        var before = await SessionsAsync(scene.Db);
        bool died;
        await using (var dying = new DyingCatalog(scene.ConnectionString, cut))
        {
            await using var db = CatalogDatabase.Attach(dying.ConnectionString);
            var failure = await Record.ExceptionAsync(() => deed(db));
            died = dying.Died;
            if (!died && failure is not null) Assert.Fail($"message {cut}: {failure}");
        }
        // The server has noticed, and taken back what was not committed.
        while ((await SessionsAsync(scene.Db)).Except(before).Any()) await Task.Delay(1);
        return died;
    }

    private static async Task<HashSet<long>> SessionsAsync(CatalogDatabase db)
    {
        await using var connection = await db.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
        var sessions = new HashSet<long>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) sessions.Add(reader.GetInt64(0));
        return sessions;
    }

    private static async Task TellAsync(CatalogDatabase db, string sql, params (string Name, object Value)[] values)
    {
        await using var connection = await db.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        await command.ExecuteNonQueryAsync();
    }

    private static OrgConnection Connection(string salesforceId) =>
        new("Acme", salesforceId, new Uri("https://login.salesforce.com"), "client", null, new Uri("https://127.0.0.1:1"), "token", "refresh");

    private static SnapshotRow Row(OrgRow org, Guid id, DateTimeOffset at, string sha256) => new()
    {
        Id = id, OrgId = org.Id, JobId = id, Kind = SnapshotRowKind.Full, StartedAt = at, CompletedAt = at, Objects = 1, Records = 1, Files = 0, BytesStored = 1, Complete = true, ManifestSha256 = sha256,
    };

    /// <summary>Snapshots an hour apart, in the vault and in the catalog, each with a segment of its own.</summary>
    private static async Task<List<Guid>> TakeAsync(BudgetScene scene, OrgRow org, int count)
    {
        var vault = await scene.Vaults.OpenOrCreateAsync(org, default);
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++)
        {
            var at = new DateTimeOffset(2026, 1, 1, i, 0, 0, TimeSpan.Zero);
            ids.Add(Guid.CreateVersion7(at));
            using var writer = vault.NewSegments("Account", ids[^1], SegmentKind.Records, ["Id", "Name"]);
            writer.BeginRow();
            writer.Add("001000000000001AAA"u8);
            writer.Add(System.Text.Encoding.UTF8.GetBytes($"version {i}"));
            writer.EndRow();
            var segments = await writer.SealAsync(default);
            await vault.WriteManifestAsync(new SnapshotManifest
            {
                SnapshotId = ids[^1], VaultId = vault.VaultId, OrgId = vault.OrgId, Kind = SnapshotKind.Full, StartedAt = at, CompletedAt = at,
                Objects = [new ObjectEntry { Name = "Account", Segments = [.. segments], LiveRecords = 1, OrgCount = 1 }],
            }, default);
            await scene.Snapshots.AdoptAsync(Row(org, ids[^1], at, await vault.ManifestSha256Async(ids[^1], default)), default);
        }
        return ids;
    }
}
