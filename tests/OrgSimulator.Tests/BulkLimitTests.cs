using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace OrgSimulator.Tests;

/// <summary>What Bulk API 2.0 refuses, lists and forgets.</summary>
public sealed class BulkLimitTests
{
    [Fact]
    public async Task Hard_delete_needs_its_permission_and_query_jobs_run_out()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-11-01T00:00:00Z", null));
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { BulkHardDelete = false, BulkQueryJobLimit = 2, Time = time });
        var (status, body) = await org.SendAsync(HttpMethod.Post, "jobs/ingest", new { @object = "Account", operation = "hardDelete" });
        Assert.Equal((400, "FEATURENOTENABLED"), (status, body![0]!["errorCode"]!.GetValue<string>()));
        Task<(int Status, System.Text.Json.Nodes.JsonNode? Body)> Query() => org.SendAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = "SELECT Id FROM Account" });
        var first = (await Query()).Body!["id"]!.GetValue<string>();
        Assert.Equal(200, (await Query()).Status);
        (status, body) = await Query();
        Assert.Equal((400, "LIMIT_EXCEEDED", "Max bulk v2 query jobs (2) per 24 hrs has been reached"), (status, body![0]!["errorCode"]!.GetValue<string>(), body[0]!["message"]!.GetValue<string>()));
        time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(200, (await Query()).Status);
        Assert.Equal(200, (await org.SendAsync(HttpMethod.Get, $"jobs/query/{first}")).Status);
        time.Advance(TimeSpan.FromDays(6));
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, $"jobs/query/{first}")).Status);     // seven days are over
    }

    [Fact]
    public async Task Jobs_are_listed_a_thousand_to_a_page()
    {
        await using var org = await TestOrg.StartAsync();
        for (var i = 0; i < 1001; i++) await org.SendAsync(HttpMethod.Post, "jobs/ingest", new { @object = "Account", operation = "insert" });
        var page = await org.GetAsync("jobs/ingest?jobType=V2Ingest");
        Assert.Equal((false, 1000), (page["done"]!.GetValue<bool>(), page["records"]!.AsArray().Count));
        var rest = await org.GetAsync(page["nextRecordsUrl"]!.GetValue<string>());
        Assert.Equal((true, 1), (rest["done"]!.GetValue<bool>(), rest["records"]!.AsArray().Count));
        Assert.Empty((await org.GetAsync("jobs/ingest?jobType=Classic"))["records"]!.AsArray());
    }

    [Fact]
    public async Task Results_of_many_rows_stand_in_no_order_but_in_the_same_for_the_same_seed()
    {
        var orders = new List<string>();
        foreach (var seed in (int[])[1, 1])
        {
            await using var org = await TestOrg.StartAsync(new SimulatorOptions { Seed = seed });
            var job = await org.IngestAsync("Account", "insert", "Name\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"N{i:D4}\n")));
            var names = (await org.ResultsAsync(job, "successfulResults")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')[2]).ToList();
            Assert.Equal(2000, names.Distinct().Count());
            orders.Add(string.Join(' ', names));
            Assert.NotEqual(names.Order(StringComparer.Ordinal), names);
        }
        Assert.Equal(orders[0], orders[1]);
    }

    [Theory]
    [InlineData("Name\r\na\r\n", "LineEnding is invalid on user data. Current LineEnding setting is LF", "")]
    [InlineData("Nope\na\nb\n", "InvalidBatch : Field name not found : Nope", "a\nb\n")]
    [InlineData("Name,Phone\na,1\nb\nc,3\n", "InvalidBatch : Number of columns", "a,1\nb\nc,3\n")]
    public async Task A_job_that_fails_names_its_reason_and_the_rows_it_did_not_process(string csv, string reason, string unprocessed)
    {
        await using var org = await TestOrg.StartAsync();
        var job = await org.IngestAsync("Account", "insert", csv);
        Assert.Equal("Failed", job["state"]!.GetValue<string>());
        Assert.StartsWith(reason, job["errorMessage"]!.GetValue<string>(), StringComparison.Ordinal);
        if (unprocessed.Length > 0) Assert.Equal(unprocessed, string.Concat((await org.ResultsAsync(job, "unprocessedrecords")).Split('\n')[1..].Where(line => line.Length > 0).Select(line => line + "\n")));
        Assert.Equal(0, await org.CountAsync("Account"));
    }

    [Fact]
    public async Task A_polymorphic_parent_is_named_with_its_type_and_every_delimiter_is_read()
    {
        await using var org = await TestOrg.StartAsync();
        var lead = await org.CreateAsync("Lead", new { LastName = "L", Company = "c", Email = "l@x.example" });
        foreach (var (name, sign) in ((string, char)[])[("COMMA", ','), ("TAB", '\t'), ("PIPE", '|'), ("SEMICOLON", ';'), ("CARET", '^'), ("BACKQUOTE", '`')])
        {
            var (_, job) = await org.SendAsync(HttpMethod.Post, "jobs/ingest", new { @object = "Task", operation = "insert", columnDelimiter = name, lineEnding = "CRLF" });
            using var content = new StringContent($"Subject{sign}Lead:Who.Email\r\n\"{name}\"{sign}l@x.example\r\n", Encoding.UTF8, "text/csv");
            using var uploaded = await org.Http.PutAsync($"{TestOrg.Base}/jobs/ingest/{job!["id"]}/batches", content);
            await org.SendAsync(HttpMethod.Patch, $"jobs/ingest/{job["id"]}", new { state = "UploadComplete" });
            Assert.Equal("", (await org.ResultsAsync(job, "failedResults")).Split("\r\n")[1]);
        }
        Assert.Equal(6, await org.CountAsync($"Task WHERE WhoId = '{lead}'"));
    }

    [Fact]
    public async Task Uploads_and_results_may_be_zipped()
    {
        await using var org = await TestOrg.StartAsync();
        var (_, job) = await org.SendAsync(HttpMethod.Post, "jobs/ingest", new { @object = "Account", operation = "insert" });
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true)) await gzip.WriteAsync("Name\nzipped\n"u8.ToArray());
        using var content = new ByteArrayContent(zipped.ToArray());
        content.Headers.ContentType = new("text/csv");
        content.Headers.ContentEncoding.Add("gzip");
        using var uploaded = await org.Http.PutAsync($"{TestOrg.Base}/jobs/ingest/{job!["id"]}/batches", content);
        await org.SendAsync(HttpMethod.Patch, $"jobs/ingest/{job["id"]}", new { state = "UploadComplete" });
        Assert.Equal(1, await org.CountAsync("Account WHERE Name = 'zipped'"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{TestOrg.Base}/jobs/ingest/{job["id"]}/successfulResults");
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var answer = await org.Http.SendAsync(request);
        Assert.Equal("gzip", answer.Content.Headers.ContentEncoding.Single());
        await using var plain = new GZipStream(await answer.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.EndsWith("zipped\n", await new StreamReader(plain).ReadToEndAsync(), StringComparison.Ordinal);
    }
}
