using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Jobs;
using Appliance.Engine.Retention;
using Appliance.Vault;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Appliance.Server.Tests;

public sealed class Removing_old_snapshots(ServerFixture server)
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Follows_the_plan_that_was_shown_and_spares_what_is_held()
    {
        using var client = server.WithToken();
        var org = await OrgAsync("00D000000000091EAA");
        var snapshots = await TakeAsync(org, 6);
        var address = $"/api/v1/orgs/{org.Id}/retention";
        Assert.Equal(HttpStatusCode.Conflict, (await client.PostAsync($"{address}/runs", null)).StatusCode);
        Assert.All((await client.GetFromJsonAsync<JsonElement>($"{address}/plan")).EnumerateArray(), d => Assert.True(d.GetProperty("keep").GetBoolean()));

        Assert.Equal(HttpStatusCode.NoContent, (await client.PutAsJsonAsync(address, new { newest = 2 })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await client.PutAsJsonAsync($"/api/v1/snapshots/{snapshots[1]}/hold", new { reason = "case 17" })).StatusCode);
        var plan = (await client.GetFromJsonAsync<JsonElement>($"{address}/plan")).EnumerateArray().ToList();
        Assert.Equal([snapshots[5], snapshots[4], snapshots[1]], plan.Where(d => d.GetProperty("keep").GetBoolean()).Select(d => d.GetProperty("snapshotId").GetGuid()));

        var summary = await PruneAsync(org);
        Assert.Equal((3, 3), (summary.Removed, summary.Kept));
        var left = (await server.App.Services.GetRequiredService<Snapshots>().ListAsync(org.Id, None)).Select(s => s.Id);
        Assert.Equal([snapshots[5], snapshots[4], snapshots[1]], left);
        var vault = await server.App.Services.GetRequiredService<Vaults>().OpenAsync(org, None);
        var ids = new List<Guid>();
        await foreach (var id in vault.ListSnapshotsAsync(None)) ids.Add(id);
        Assert.Equal([snapshots[1], snapshots[4], snapshots[5]], ids);
        await foreach (var finding in vault.VerifyAsync(null, None)) Assert.Fail(finding.ToString());
    }

    [Fact]
    public async Task Spares_what_a_backup_that_has_not_ended_builds_on()
    {
        var org = await OrgAsync("00D000000000094EAA");
        var snapshots = await TakeAsync(org, 4);
        var services = server.App.Services;
        await services.GetRequiredService<Catalog.Retention>().SetPolicyAsync(org.Id, "{\"newest\":1}", "ann", None);
        await using (var connection = await services.GetRequiredService<CatalogDatabase>().Source.OpenConnectionAsync())
        {
            // It began after the second snapshot; plans for restores, which are let past it, took the others.
            await using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO jobs (id, org_id, kind, state, parameters, created_at, created_by, started_at) VALUES (@id, @org, 'Backup', 'Paused', '{}', '2026-01-01 01:30:00', 'test', '2026-01-01 01:30:00')";
            insert.Parameters.AddWithValue("@id", Guid.CreateVersion7());
            insert.Parameters.AddWithValue("@org", org.Id);
            await insert.ExecuteNonQueryAsync();
        }
        await PruneAsync(org);
        Assert.Equal([snapshots[3], snapshots[2], snapshots[1]], (await services.GetRequiredService<Snapshots>().ListAsync(org.Id, None)).Select(s => s.Id));
    }

    [Fact]
    public async Task Goes_on_with_what_a_killed_removal_left()
    {
        var org = await OrgAsync("00D000000000092EAA");
        var snapshots = await TakeAsync(org, 3);
        var services = server.App.Services;
        var vault = await services.GetRequiredService<Vaults>().OpenAsync(org, None);
        await vault.BeginPruneAsync(await vault.ListPruneAsync([snapshots[0]], None), None);    // and then the process died
        var summary = await PruneAsync(org);                                                    // without a policy nothing new goes
        Assert.Equal((1, 2), (summary.Removed, summary.Kept));
        Assert.Null(await vault.FindPruneAsync(None));
    }

    [Fact]
    public async Task Refuses_a_policy_with_every_mistake_and_a_hold_without_a_reason()
    {
        using var client = server.WithToken();
        var org = await OrgAsync("00D000000000093EAA");
        using var refused = await client.PutAsJsonAsync($"/api/v1/orgs/{org.Id}/retention", new { daily = -3, timeZone = "Berlin" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var cause = (await ServerFixture.JsonAsync(refused)).GetProperty("cause").GetString()!;
        Assert.All(["-3", "'Berlin'"], word => Assert.Contains(word, cause, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PutAsJsonAsync($"/api/v1/snapshots/{Guid.CreateVersion7()}/hold", new { reason = " " })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.PutAsJsonAsync($"/api/v1/snapshots/{Guid.CreateVersion7()}/hold", new { reason = "case 17" })).StatusCode);
    }

    private async Task<OrgRow> OrgAsync(string salesforceId)
    {
        server.Anonymous().Dispose();   // skips where there is no database
        return await server.App.Services.GetRequiredService<Orgs>().AddAsync(new OrgConnection(
            "Acme", salesforceId, new Uri("https://login.salesforce.com"), "client", null, new Uri("https://127.0.0.1:1"), "token", "refresh"), None);
    }

    // Snapshots an hour apart, each with a segment of its own, committed as a worker does.
    private async Task<List<Guid>> TakeAsync(OrgRow org, int count)
    {
        var services = server.App.Services;
        var vault = await services.GetRequiredService<Vaults>().OpenOrCreateAsync(org, None);
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++)
        {
            var at = new DateTimeOffset(2026, 1, 1, i, 0, 0, TimeSpan.Zero);
            var id = Guid.CreateVersion7(at);
            using var writer = vault.NewSegments("Account", id, SegmentKind.Records, ["Id", "Name"]);
            writer.BeginRow();
            writer.Add("001000000000001AAA"u8);
            writer.Add(System.Text.Encoding.UTF8.GetBytes($"version {i}"));
            writer.EndRow();
            var segments = await writer.SealAsync(None);
            await vault.WriteManifestAsync(new SnapshotManifest
            {
                SnapshotId = id, VaultId = vault.VaultId, OrgId = vault.OrgId, Kind = SnapshotKind.Full, StartedAt = at, CompletedAt = at,
                Objects = [new ObjectEntry { Name = "Account", Segments = [.. segments], LiveRecords = 1, OrgCount = 1 }],
            }, None);
            await InJobAsync(org, async job =>
            {
                await services.GetRequiredService<Snapshots>().CommitAsync(job, new SnapshotRow
                {
                    Id = id, OrgId = org.Id, JobId = job.Id, Kind = SnapshotRowKind.Full, StartedAt = at, CompletedAt = at, Objects = 1, Records = 1, Files = 0,
                    BytesStored = 1, Complete = true, ManifestSha256 = await vault.ManifestSha256Async(id, None),
                }, None);
                return 0;
            });
            ids.Add(id);
        }
        return ids;
    }

    private async Task<PruneSummary> PruneAsync(OrgRow org)
    {
        var services = server.App.Services;
        var run = new PruneRun(services.GetRequiredService<Catalog.Retention>(), services.GetRequiredService<Snapshots>(), services.GetRequiredService<Catalog.Jobs>(),
            await services.GetRequiredService<Vaults>().OpenAsync(org, None), new JobProgress(), services.GetRequiredService<TimeProvider>());
        return await InJobAsync(org, job => run.RunAsync(job, None));
    }

    // A job that runs here and not in the server's own workers: it is in progress from the start, with a lease that no worker takes for over (10 minutes are the longest).
    private async Task<T> InJobAsync<T>(OrgRow org, Func<LeasedJob, Task<T>> deed)
    {
        var (services, id) = (server.App.Services, Guid.CreateVersion7());
        await using var connection = await services.GetRequiredService<CatalogDatabase>().Source.OpenConnectionAsync();
        await using var insert = connection.CreateCommand();
        insert.CommandText = """
            INSERT INTO jobs (id, org_id, kind, state, parameters, created_at, created_by, fencing, lease_until)
            VALUES (@id, @org, 'Prune', 'InProgress', '{}', UTC_TIMESTAMP(6), 'test', 1, UTC_TIMESTAMP(6) + INTERVAL 9 MINUTE)
            """;
        insert.Parameters.AddWithValue("@id", id);
        insert.Parameters.AddWithValue("@org", org.Id);
        await insert.ExecuteNonQueryAsync();
        var job = new LeasedJob(id, org.Id, JobKind.Prune, "{}", 1, 1, "test", TimeSpan.FromHours(1));
        var result = await deed(job);
        await services.GetRequiredService<Catalog.Jobs>().FinishAsync(job, JobState.Completed, null, null, null, None);
        return result;
    }
}
