using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Appliance.Salesforce;

namespace Salesforce.Tests;

public sealed class Writing_to_a_simulated_org
{
    [Fact]
    public async Task Records_are_created_and_updated_each_on_its_own()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Org;
        var created = await org.CreateManyAsync("Account", [new() { ["Name"] = "One" }, new(), new() { ["Name"] = "Three", ["Phone"] = "1" }], CancellationToken.None);
        Assert.Equal([true, false, true], created.Select(r => r.Success));
        Assert.Equal("REQUIRED_FIELD_MISSING", Assert.Single(created[1].Errors).StatusCode);

        var updated = await org.UpdateManyAsync("Account",
            [new() { ["Id"] = created[0].Id, ["Name"] = "First" }, new() { ["Id"] = created[2].Id, ["Phone"] = null }], CancellationToken.None);
        Assert.All(updated, r => Assert.True(r.Success));
        var soql = SoqlText.Select("Account", ["Name", "Phone"], SoqlText.In("Id", [created[0].Id!, created[2].Id!]), "Name");
        Assert.Equal(["First|", "Three|"], await Rows.OfAsync(org.QueryAsync(soql, false, CancellationToken.None)));

        Assert.False((await org.CreateAsync("Account", [], CancellationToken.None)).Success);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            org.CreateManyAsync("Account", [.. Enumerable.Range(0, 201).Select(i => new JsonObject())], CancellationToken.None));
    }

    [Fact]
    public async Task Creating_is_not_repeated_after_a_lost_answer()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        simulated.Host.Faults.DropAnswers("/sobjects/Account");
        var failure = await Assert.ThrowsAsync<SalesforceException>(() =>
            simulated.Org.CreateAsync("Account", new() { ["Name"] = "Only once" }, CancellationToken.None));
        Assert.True(failure.OutcomeUnknown);
        Assert.Equal(1, await simulated.Org.CountAsync("Account", "Name = 'Only once'", CancellationToken.None));
        Assert.Equal(1, simulated.Calls("POST", "/sobjects/Account"));
        Assert.Empty(simulated.Host.Faults.Unmet);
    }

    [Fact]
    public async Task A_bulk_insert_survives_lost_answers_at_every_step_and_inserts_once()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Org;
        using var csv = new MemoryStream();
        using (var writer = new IngestCsv(csv, ["LastName", "Description"]))
        {
            for (var i = 0; i < 500; i++)
            {
                writer.Add(i % 100 == 7 ? "" : string.Create(CultureInfo.InvariantCulture, $"Bulk {i}"));
                writer.Add("line one\nline \"two\", with comma");
                writer.EndRow();
            }
        }
        csv.Position = 0;
        var faults = simulated.Host.Faults;
        var job = await org.CreateIngestJobAsync("Contact", IngestOperation.Insert, null, CancellationToken.None);
        Assert.Equal(BulkJobState.Open, (await org.GetIngestJobAsync(job, CancellationToken.None))!.State);
        faults.DropAnswers("/batches");
        await org.UploadAsync(job, csv, CancellationToken.None);
        faults.DropAnswers(job);
        await org.CloseIngestJobAsync(job, CancellationToken.None);
        await org.CloseIngestJobAsync(job, CancellationToken.None);
        faults.FailNext(job, 2, 502);
        var ended = await org.WaitForIngestJobAsync(job, CancellationToken.None);
        Assert.Equal((BulkJobState.JobComplete, 500L, 5L), (ended.State, ended.RecordsProcessed, ended.RecordsFailed));
        Assert.Empty(faults.Unmet);

        var successful = await ResultsAsync(org, job, IngestResult.Successful);
        Assert.Equal(495, successful.Count);
        Assert.All(successful, row => Assert.Equal(("true", "line one\nline \"two\", with comma"), (row["sf__Created"], row["Description"])));
        Assert.Equal(495, successful.Select(row => row["sf__Id"]).Distinct().Count());
        var failed = await ResultsAsync(org, job, IngestResult.Failed);
        Assert.Equal(5, failed.Count);
        Assert.All(failed, row => Assert.StartsWith("REQUIRED_FIELD_MISSING:", row["sf__Error"], StringComparison.Ordinal));
        Assert.Empty(await ResultsAsync(org, job, IngestResult.Unprocessed));
        Assert.Equal(495, await org.CountAsync("Contact", "LastName LIKE 'Bulk %'", CancellationToken.None));
        await org.AbortIngestJobAsync(job, CancellationToken.None);   // over already, and that is fine
    }

    [Fact]
    public async Task A_bulk_update_clears_what_is_empty_when_asked()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Org;
        var id = (await org.CreateAsync("Account", new() { ["Name"] = "A", ["Phone"] = "1", ["Fax"] = "2" }, CancellationToken.None)).Id!;
        using var csv = new MemoryStream();
        using (var writer = new IngestCsv(csv, ["Id", "Phone"], emptyIsNull: true))
        {
            writer.Add(id);
            writer.Add("");
            writer.EndRow();
        }
        csv.Position = 0;
        var job = await org.CreateIngestJobAsync("Account", IngestOperation.Update, null, CancellationToken.None);
        await org.UploadAsync(job, csv, CancellationToken.None);
        await org.CloseIngestJobAsync(job, CancellationToken.None);
        Assert.Equal(0, (await org.WaitForIngestJobAsync(job, CancellationToken.None)).RecordsFailed);
        Assert.Equal(["|2"], await Rows.OfAsync(org.QueryAsync($"SELECT Phone, Fax FROM Account WHERE Id = '{id}'", false, CancellationToken.None)));
    }

    [Fact]
    public async Task An_open_job_is_aborted()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var job = await simulated.Org.CreateIngestJobAsync("Account", IngestOperation.Insert, null, CancellationToken.None);
        await simulated.Org.AbortIngestJobAsync(job, CancellationToken.None);
        Assert.Equal(BulkJobState.Aborted, (await simulated.Org.WaitForIngestJobAsync(job, CancellationToken.None)).State);
    }

    [Fact]
    public async Task Files_go_in_and_come_out_as_the_same_bytes()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Org;
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        using var content = new MemoryStream(bytes);
        var version = await org.CreateWithFileAsync("ContentVersion", new() { ["Title"] = "Häuser", ["PathOnClient"] = "häuser.bin" },
            "VersionData", "häuser.bin", content, bytes.Length, CancellationToken.None);
        Assert.True(version.Success, version.Errors.FirstOrDefault()?.Message);
        await using (var stored = await org.OpenBlobAsync("ContentVersion", version.Id!, "VersionData", CancellationToken.None))
            Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(stored));
        Assert.Equal(["Häuser|3000000"], await Rows.OfAsync(org.QueryAsync($"SELECT Title, ContentSize FROM ContentVersion WHERE Id = '{version.Id}'", false, CancellationToken.None)));

        simulated.Host.Faults.ExpireTokensAfter(0);
        content.Position = 0;
        var account = (await org.CreateAsync("Account", new() { ["Name"] = "Parent" }, CancellationToken.None)).Id;
        var attachment = await org.CreateWithFileAsync("Attachment", new() { ["ParentId"] = account, ["Name"] = "a.bin" }, "Body", "a.bin", content, bytes.Length, CancellationToken.None);
        Assert.True(attachment.Success, attachment.Errors.FirstOrDefault()?.Message);
        await using (var body = await org.OpenBlobAsync("Attachment", attachment.Id!, "Body", CancellationToken.None))
            Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(body));
        Assert.Equal(404, (await Assert.ThrowsAsync<SalesforceException>(() => org.OpenBlobAsync("Attachment", account!, "Body", CancellationToken.None))).StatusCode);
    }

    [Fact]
    public async Task Deleted_records_are_seen_and_taken_out_of_the_recycle_bin()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Org;
        var ids = new List<string>();
        for (var i = 0; i < 250; i += 125)
            ids.AddRange((await org.CreateManyAsync("Account", [.. Enumerable.Range(i, 125).Select(n => new JsonObject { ["Name"] = $"Doomed {n}" })], CancellationToken.None)).Select(r => r.Id!));
        await DeleteAsync(org, ids);
        Assert.Equal(0, await org.CountAsync("Account", "Name LIKE 'Doomed %'", CancellationToken.None));
        Assert.Equal(250, (await Rows.OfAsync(org.QueryAsync("SELECT Id FROM Account WHERE IsDeleted = true AND Name LIKE 'Doomed %'", includeDeleted: true, CancellationToken.None))).Count);
        var deleted = await org.GetDeletedAsync("Account", org.ServerTime.AddHours(-1), org.ServerTime.AddHours(1), CancellationToken.None);
        Assert.Superset(ids.ToHashSet(), deleted.Records.Select(r => r.Id).ToHashSet());

        simulated.Host.Sessions.ExpireAccessTokens();
        var results = await org.UndeleteAsync([.. ids, ids[0]], CancellationToken.None);
        Assert.Equal(251, results.Count);
        Assert.All(results.Take(250), r => Assert.True(r.Success));
        Assert.False(results[250].Success);
        Assert.Equal(250, await org.CountAsync("Account", "Name LIKE 'Doomed %'", CancellationToken.None));
        Assert.Equal(2, simulated.Host.Faults.Calls.Count(c => c.Path.StartsWith("/services/Soap/u/66.0", StringComparison.Ordinal)) - simulated.TokenPosts);
    }

    private static async Task DeleteAsync(Org org, List<string> ids)
    {
        using var csv = new MemoryStream();
        using (var writer = new IngestCsv(csv, ["Id"]))
            foreach (var id in ids)
            {
                writer.Add(id);
                writer.EndRow();
            }
        csv.Position = 0;
        var job = await org.CreateIngestJobAsync("Account", IngestOperation.Delete, null, CancellationToken.None);
        await org.UploadAsync(job, csv, CancellationToken.None);
        await org.CloseIngestJobAsync(job, CancellationToken.None);
        Assert.Equal(0, (await org.WaitForIngestJobAsync(job, CancellationToken.None)).RecordsFailed);
    }

    private static async Task<List<Dictionary<string, string>>> ResultsAsync(Org org, string job, IngestResult kind)
    {
        var rows = new List<Dictionary<string, string>>();
        await foreach (var batch in org.IngestResultsAsync(job, kind, CancellationToken.None))
            for (var row = 0; row < batch.Count; row++)
                rows.Add(Enumerable.Range(0, batch.Columns.Count).ToDictionary(column => batch.Columns[column], column => batch.Text(row, column)));
        return rows;
    }
}
