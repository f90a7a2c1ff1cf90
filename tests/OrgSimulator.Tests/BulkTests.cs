using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using OrgSimulator.Csv;

namespace OrgSimulator.Tests;

public sealed class BulkTests
{
    private static async Task<string> QueryJobAsync(TestOrg org, string soql, string operation = "query", object? more = null)
    {
        var (status, job) = await org.SendAsync(HttpMethod.Post, "jobs/query", more ?? new { operation, query = soql });
        Assert.True(status == 200, $"{status} {job}");
        Assert.Equal("UploadComplete", job!["state"]!.GetValue<string>());
        var id = job["id"]!.GetValue<string>();
        Assert.Equal("JobComplete", (await org.GetAsync($"jobs/query/{id}"))["state"]!.GetValue<string>());
        return id;
    }

    private static async Task<(string Text, string Locator, int Count)> PageAsync(TestOrg org, string path)
    {
        using var answer = await org.Http.GetAsync($"{TestOrg.Base}/{path}");
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadAsStringAsync(), answer.Headers.GetValues("Sforce-Locator").Single(), int.Parse(answer.Headers.GetValues("Sforce-NumberOfRecords").Single(), null));
    }

    [Fact]
    public async Task What_goes_in_by_ingest_comes_out_by_query_whatever_the_text()
    {
        await using var org = await TestOrg.StartAsync();
        var seen = 0;
        await Gen.String[Gen.Char[" \"',;=+\n|äß漢\tabc0"], 0, 40].Array[1, 20].SampleAsync(async texts =>
        {
            var mark = $"run{Interlocked.Increment(ref seen)}";
            var csv = new StringBuilder("Name,Site,Description\n");
            for (var i = 0; i < texts.Length; i++) csv.Append('"').Append(i).Append("\",").Append(mark).Append(",\"").Append(texts[i].Replace("\"", "\"\"", StringComparison.Ordinal)).Append("\"\n");
            var job = await org.IngestAsync("Account", "insert", csv.ToString());
            Assert.Equal((texts.Length, 0), (job["numberRecordsProcessed"]!.GetValue<int>(), job["numberRecordsFailed"]!.GetValue<int>()));
            var id = await QueryJobAsync(org, $"SELECT Name, Description FROM Account WHERE Site = '{mark}'");
            var (text, locator, count) = await PageAsync(org, $"jobs/query/{id}/results");
            Assert.Equal(("null", texts.Length), (locator, count));
            var reader = new CsvReader(Encoding.UTF8.GetBytes(text));
            reader.Read();
            Assert.Equal(["Name", "Description"], reader.Cells);
            while (reader.Read()) Assert.Equal(texts[int.Parse(reader.Cells[0], null)].Trim(), reader.Cells[1]);
        }, iter: 40, threads: 1);
    }

    [Fact]
    public async Task Pages_carry_header_locator_and_count_and_the_last_one_says_null()
    {
        await using var org = await TestOrg.StartAsync("npsp-1k");
        var id = await QueryJobAsync(org, "SELECT Id, Name, Account.Name FROM Opportunity ORDER BY Id");
        var (ids, pages, locator) = (new List<string>(), 0, "");
        do
        {
            var (text, next, count) = await PageAsync(org, $"jobs/query/{id}/results?maxRecords=400{(locator.Length > 0 ? "&locator=" + locator : "")}");
            var lines = text.TrimEnd('\n').Split('\n');
            Assert.Equal("\"Id\",\"Name\",\"Account.Name\"", lines[0]);
            Assert.Equal(count, lines.Length - 1);
            Assert.Matches("^[A-Za-z0-9_-]+$", next);
            ids.AddRange(lines.Skip(1).Select(line => line[1..19]));
            (locator, pages) = (next, pages + 1);
        } while (locator != "null");
        Assert.Equal((4, 1517, 1517), (pages, ids.Count, ids.Distinct().Count()));
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public async Task A_jobs_result_stays_what_it_was_though_the_records_change()
    {
        await using var org = await TestOrg.StartAsync();
        var account = await org.CreateAsync("Account", new { Name = "before" });
        var id = await QueryJobAsync(org, "SELECT Name FROM Account");
        await org.SendAsync(HttpMethod.Patch, $"sobjects/Account/{account}", new { Name = "after" });
        Assert.Equal("\"Name\"\n\"before\"\n", (await PageAsync(org, $"jobs/query/{id}/results")).Text);
    }

    [Fact]
    public async Task Line_ending_and_delimiter_are_as_asked_and_stamps_end_with_Z()
    {
        await using var org = await TestOrg.StartAsync();
        await org.CreateAsync("Account", new { Name = "a\tb" });
        var id = await QueryJobAsync(org, "", more: new { operation = "queryAll", query = "SELECT Name, CreatedDate FROM Account", lineEnding = "CRLF", columnDelimiter = "TAB" });
        Assert.Matches("^\"Name\"\t\"CreatedDate\"\r\n\"a\tb\"\t\"[0-9T:-]+\\.000Z\"\r\n$", (await PageAsync(org, $"jobs/query/{id}/results")).Text);
    }

    [Theory]
    [InlineData("SELECT COUNT() FROM Account", "API_ERROR")]
    [InlineData("SELECT Name FROM Account GROUP BY Name", "API_ERROR")]
    [InlineData("SELECT Id FROM Account OFFSET 1", "API_ERROR")]
    [InlineData("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR")]
    [InlineData("SELECT BillingAddress FROM Account", "Selecting compound data not supported in Bulk Query")]
    [InlineData("SELECT VersionData FROM ContentVersion", "Cannot serialize value for 'VersionData' in CSV format")]
    [InlineData("SELECT Id FROM CaseStatus", "Entity 'CaseStatus' is not supported by the Bulk API.")]
    [InlineData("SELECT Id FROM AccountChangeEvent", "entity type AccountChangeEvent does not support query")]
    [InlineData("SELECT Nope FROM Account", "INVALID_FIELD")]
    public async Task What_bulk_cannot_read_it_refuses_when_the_job_is_made(string soql, string words)
    {
        await using var org = await TestOrg.StartAsync();
        var (status, body) = await org.SendAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = soql });
        Assert.Equal(400, status);
        Assert.Contains(words, $"{body![0]!["errorCode"]} {body[0]!["message"]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_life_of_a_query_job()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { InProgressPolls = 1 });
        var (_, job) = await org.SendAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = "SELECT Id FROM Account" });
        var path = $"jobs/query/{job!["id"]}";
        Assert.Equal("66.0", job["apiVersion"]!.ToJsonString());
        Assert.Equal(400, (await org.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal("InProgress", (await org.GetAsync(path))["state"]!.GetValue<string>());
        var (early, refused) = await org.SendAsync(HttpMethod.Get, path + "/results");
        Assert.Equal((412, "JOB_NOT_COMPLETE"), (early, refused![0]!["errorCode"]!.GetValue<string>()));
        Assert.Equal("JobComplete", (await org.GetAsync(path))["state"]!.GetValue<string>());
        Assert.Equal("\"Id\"\n", (await PageAsync(org, path + "/results")).Text);
        Assert.Equal(409, (await org.SendAsync(HttpMethod.Get, $"/services/data/v65.0/{path}/results")).Status);
        Assert.Equal(400, (await org.SendAsync(HttpMethod.Patch, path, new { state = "Aborted" })).Status);
        Assert.Equal(204, (await org.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, path)).Status);
    }

    [Fact]
    public async Task Ingest_echoes_what_was_uploaded_and_explains_each_failure()
    {
        await using var org = await TestOrg.StartAsync();
        var job = await org.IngestAsync("Contact", "insert", "LastName,FirstName,Birthdate\nA,\"x \"\"y\"\"\",2020-01-01\n,b,\n\"C\",#N/A,foo\n");
        Assert.Equal((3, 2), (job["numberRecordsProcessed"]!.GetValue<int>(), job["numberRecordsFailed"]!.GetValue<int>()));
        var id = Assert.Single(await org.IdsAsync("SELECT Id FROM Contact"));
        Assert.Equal($"\"sf__Id\",\"sf__Created\",LastName,FirstName,Birthdate\n\"{id}\",\"true\",A,\"x \"\"y\"\"\",2020-01-01\n", await org.ResultsAsync(job, "successfulResults"));
        Assert.Equal("\"sf__Id\",\"sf__Error\",LastName,FirstName,Birthdate\n\"\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --\",,b,\n"
            + "\"\",\"INVALID_TYPE_ON_FIELD_IN_RECORD:Birthdate: value not of required type: foo:Birthdate --\",\"C\",#N/A,foo\n", await org.ResultsAsync(job, "failedResults/"));
        Assert.Equal("LastName,FirstName,Birthdate\n", await org.ResultsAsync(job, "unprocessedrecords"));
    }

    [Fact]
    public async Task A_job_is_carried_out_once_though_it_is_closed_twice()
    {
        await using var org = await TestOrg.StartAsync();
        var job = await org.IngestAsync("Account", "insert", "Name\none\n");
        var (status, body) = await org.SendAsync(HttpMethod.Patch, $"jobs/ingest/{job["id"]}", new { state = "UploadComplete" });
        Assert.Equal((400, "INVALIDJOBSTATE"), (status, body![0]!["errorCode"]!.GetValue<string>()));
        Assert.Equal(1, await org.CountAsync("Account"));
    }

    [Fact]
    public async Task Update_upsert_delete_and_hardDelete()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 1000 });
        var code = (await org.QueryAsync("SELECT Id, Code__c FROM Skill__c ORDER BY Id LIMIT 1"))["records"]![0]!;
        var id = code["Id"]!.GetValue<string>();
        await org.IngestAsync("Skill__c", "update", $"Id,Name,Tags__c\n{id},\"x, y\",\n");
        Assert.Equal(1, await org.CountAsync("Skill__c WHERE Name = 'x, y'"));
        await org.IngestAsync("Skill__c", "update", $"Id,Tags__c\n{id},#N/A\n");
        Assert.Equal(1, await org.CountAsync($"Skill__c WHERE Tags__c = null AND Id = '{id}'"));
        var upserted = await org.IngestAsync("Skill__c", "upsert", $"Code__c,Name\n{code["Code__c"]},again\nNEW-1,fresh\n", "Code__c");
        Assert.Equal([$"\"{id}\",\"false\"", "\"true\""], (await org.ResultsAsync(upserted, "successfulResults")).Split('\n')[1..3].Select((line, i) => i == 0 ? line[..28] : line[21..27]));
        await org.IngestAsync("Assignment__c", "insert", $"Name,Project__c,Skill__r.Code__c\nby key,{(await org.IdsAsync("SELECT Id FROM Project__c LIMIT 1"))[0]},NEW-1\n");
        Assert.Equal(1, await org.CountAsync("Assignment__c WHERE Skill__r.Code__c = 'NEW-1'"));

        await org.IngestAsync("Skill__c", "delete", $"Id\n{id}\n");
        Assert.Equal([id], await org.IdsAsync($"SELECT Id FROM Skill__c WHERE Id = '{id}' AND IsDeleted = true", all: true));
        await org.IngestAsync("Skill__c", "hardDelete", $"Id\n{id}\n");
        Assert.Empty(await org.IdsAsync($"SELECT Id FROM Skill__c WHERE Id = '{id}'", all: true));
    }

    [Theory]
    [InlineData("Nope\nx\n", "InvalidBatch : Field name not found : Nope")]
    [InlineData("Name\n\"open\n", "never closed")]
    [InlineData("Name,Phone\nx\n", "Number of columns")]
    public async Task Data_that_cannot_be_read_fails_the_job(string csv, string words)
    {
        await using var org = await TestOrg.StartAsync();
        var job = await org.IngestAsync("Account", "insert", csv);
        Assert.Equal("Failed", job["state"]!.GetValue<string>());
        Assert.Contains(words, job["errorMessage"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_multipart_call_creates_and_uploads()
    {
        await using var org = await TestOrg.StartAsync();
        using var form = new MultipartFormDataContent();
        using var job = new StringContent("""{"object":"Account","operation":"insert","contentType":"CSV"}""", Encoding.UTF8, "application/json");
        using var content = new StringContent("Name\na\nb\n", Encoding.UTF8, "text/csv");
        form.Add(job, "job");
        form.Add(content, "content", "content");
        using var answer = await org.Http.PostAsync(TestOrg.Base + "/jobs/ingest", form);
        var info = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(2, (await org.GetAsync($"jobs/ingest/{info["id"]}"))["numberRecordsProcessed"]!.GetValue<int>());
    }
}
