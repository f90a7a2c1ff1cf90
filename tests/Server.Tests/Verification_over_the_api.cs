using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Jobs;
using Appliance.Engine.Verification;
using Appliance.Server.Jobs;
using Appliance.Vault;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Appliance.Server.Tests;

public sealed class Verification_over_the_api(ServerFixture server)
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Tells_when_every_byte_was_read_and_which_file_is_damaged()
    {
        using var client = server.WithToken();
        var org = await OrgAsync("00D000000000081EAA");
        var address = $"/api/v1/orgs/{org.Id}/verification";
        Assert.Equal(HttpStatusCode.Conflict, (await client.PostAsync($"{address}/runs", null)).StatusCode);
        Assert.False(Has(await client.GetFromJsonAsync<JsonElement>(address), "last"));

        var vaults = server.App.Services.GetRequiredService<Vaults>();
        var vault = await vaults.OpenOrCreateAsync(org, None);
        for (var i = 0; i < 3; i++) await vault.PutDocumentAsync($"notes/{i}", System.Text.Encoding.UTF8.GetBytes($"note {i}"), None);
        using var started = await client.PostAsync($"{address}/runs", null);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var sound = await EndAsync(client, started.Headers.Location!);
        Assert.Equal("completed", sound.GetProperty("state").GetString());
        Assert.True(sound.GetProperty("result").GetProperty("cycleEnded").GetBoolean());
        var last = (await client.GetFromJsonAsync<JsonElement>(address)).GetProperty("last");
        Assert.Equal(0, last.GetProperty("damage").GetArrayLength());

        // Parts: each goes on where the one before ended, also in another process.
        var options = server.App.Services.GetRequiredService<EngineOptions>();
        var file = Path.Combine(options.StorageRoot, org.VaultName, "documents", "notes", options.Plain ? "1.zst" : "1.zst.enc");
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^60] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        var (parts, damaged) = (0, 0);
        for (var ended = false; !ended; parts++)
        {
            var part = await SweepAsync(vault, 1);
            damaged += part.Damaged;
            ended = part.CycleEnded;
        }
        Assert.True(parts >= 3, $"{parts} parts");
        Assert.Equal(1, damaged);
        last = (await client.GetFromJsonAsync<JsonElement>(address)).GetProperty("last");
        var wrong = Assert.Single(last.GetProperty("damage").EnumerateArray());
        Assert.StartsWith("documents/notes/1.zst", wrong.GetProperty("name").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(wrong.GetProperty("remedy").GetString()!);
    }

    [Fact]
    public async Task Is_queued_once_a_day_for_an_org_that_has_a_snapshot()
    {
        var org = await OrgAsync("00D000000000082EAA");
        var clock = server.App.Services.GetRequiredService<SweepClock>();
        await clock.FireAsync(None);
        Assert.Empty(await JobsAsync(org));         // nothing to verify yet
        await using var connection = await server.App.Services.GetRequiredService<CatalogDatabase>().Source.OpenConnectionAsync();
        await using var insert = connection.CreateCommand();
        insert.CommandText = """
            INSERT INTO snapshots (id, org_id, job_id, kind, started_at, completed_at, objects, records, files, bytes_stored, complete, manifest_sha256)
            VALUES (@id, @org, @id, 'Full', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), 0, 0, 0, 0, 1, REPEAT('0', 64))
            """;
        insert.Parameters.AddWithValue("@id", Guid.CreateVersion7());
        insert.Parameters.AddWithValue("@org", org.Id);
        await insert.ExecuteNonQueryAsync();
        await clock.FireAsync(None);
        await clock.FireAsync(None);
        Assert.Equal(JobKind.Verify, Assert.Single(await JobsAsync(org)).Kind);
    }

    private static bool Has(JsonElement document, string member) => document.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null;

    private static async Task<JsonElement> EndAsync(HttpClient client, Uri job)
    {
        while (true)
        {
            var document = await client.GetFromJsonAsync<JsonElement>(job);
            if (document.GetProperty("state").GetString() is not ("queued" or "inProgress")) return document;
            await Task.Delay(20);
        }
    }

    private Task<IReadOnlyList<JobRow>> JobsAsync(OrgRow org) => server.App.Services.GetRequiredService<Catalog.Jobs>().ListAsync(org.Id, 10, None);

    private Task<SweepSummary> SweepAsync(OrgVault vault, long? bytes) =>
        new SweepRun(vault, new JobProgress(), server.App.Services.GetRequiredService<EngineOptions>(), TimeProvider.System).RunAsync(bytes, new Progress<string>(), None);

    private async Task<OrgRow> OrgAsync(string salesforceId)
    {
        server.Anonymous().Dispose();   // skips where there is no database
        return await server.App.Services.GetRequiredService<Orgs>().AddAsync(new OrgConnection(
            "Acme", salesforceId, new Uri("https://login.salesforce.com"), "client", null, new Uri("https://127.0.0.1:1"), "token", "refresh"), None);
    }
}
