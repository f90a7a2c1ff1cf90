using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

/// <summary>Resources that a backup client reads now and then, each as the documentation has it.</summary>
public sealed class NamedResourcesTests
{
    private static string[] Keys(JsonNode node) => [.. node.AsObject().Select(pair => pair.Key)];

    [Fact]
    public async Task Identity_and_userinfo_have_their_keys()
    {
        await using var org = await TestOrg.StartAsync();
        var identity = (await org.GetAsync(TestOrg.Base))["identity"]!.GetValue<string>();
        var token = org.Http.DefaultRequestHeaders.Authorization!.Parameter!;
        using var anonymous = new HttpClient();
        var id = JsonNode.Parse(await anonymous.GetStringAsync($"{identity}?format=json&oauth_token={Uri.EscapeDataString(token)}"))!;
        Assert.Empty(((string[])["id", "asserted_user", "user_id", "organization_id", "username", "nick_name", "display_name", "email", "email_verified", "first_name", "last_name", "timezone", "photos", "status",
            "urls", "active", "user_type", "language", "locale", "utcOffset", "last_modified_date", "is_app_installed"]).Except(Keys(id)));
        Assert.EndsWith($"/{id["organization_id"]}/{id["user_id"]}", identity, StringComparison.Ordinal);
        Assert.Contains("{version}", id["urls"]!["rest"]!.GetValue<string>(), StringComparison.Ordinal);
        var info = await org.GetAsync("/services/oauth2/userinfo");
        Assert.Empty(((string[])["sub", "user_id", "organization_id", "preferred_username", "nickname", "name", "email", "email_verified", "given_name", "family_name", "zoneinfo", "photos", "profile", "picture",
            "address", "urls", "active", "user_type", "language", "locale", "utcOffset", "updated_at"]).Except(Keys(info)));
        using var wrong = await anonymous.GetAsync(identity.Replace(id["organization_id"]!.GetValue<string>(), "00D000000000001AAA", StringComparison.Ordinal) + "?oauth_token=" + Uri.EscapeDataString(token));
        Assert.Equal((404, "Bad_Id"), ((int)wrong.StatusCode, await wrong.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Limits_go_down_with_what_is_used()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { BulkQueryJobLimit = 7 });
        var before = await org.GetAsync("limits");
        Assert.Empty(((string[])["DailyApiRequests", "DailyBulkApiBatches", "DailyBulkV2QueryJobs", "DailyBulkV2QueryFileStorageMB", "DataStorageMB", "FileStorageMB", "HourlyTimeBasedWorkflow",
            "ConcurrentAsyncGetReportInstances", "DailyAsyncApexExecutions", "DailyStandardVolumePlatformEvents", "MonthlyPlatformEvents", "SingleEmail", "MassEmail", "ActiveScratchOrgs"]).Except(Keys(before)));
        await org.SendAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = "SELECT Id FROM Account" });
        await org.IngestAsync("Account", "insert", "Name\n" + string.Concat(Enumerable.Range(0, 10_001).Select(n => $"n{n}\n")));
        var after = await org.GetAsync("limits");
        int Used(string name) => before[name]!["Remaining"]!.GetValue<int>() - after[name]!["Remaining"]!.GetValue<int>();
        Assert.Equal((1, 2, 7), (Used("DailyBulkV2QueryJobs"), Used("DailyBulkApiBatches"), after["DailyBulkV2QueryJobs"]!["Max"]!.GetValue<int>()));
        Assert.InRange(Used("DailyApiRequests"), 5, 8);
    }

    [Fact]
    public async Task Record_counts_and_plans_are_told_without_a_row()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 1000 });
        var counts = (await org.GetAsync("limits/recordCount?sObjects=Account,Contact,Nothing"))["sObjects"]!.AsArray();
        Assert.Equal([("Account", await org.CountAsync("Account")), ("Contact", await org.CountAsync("Contact"))], counts.Select(one => (one!["name"]!.GetValue<string>(), one["count"]!.GetValue<int>())));
        var plan = await org.GetAsync("query?explain=" + Uri.EscapeDataString("SELECT Id FROM Account WHERE Name = 'x'"));
        Assert.Equal("Account", plan["plans"]![0]!["sobjectType"]!.GetValue<string>());
        Assert.Equal(400, (await org.SendAsync(HttpMethod.Get, "query?explain=SELECT+Bogus+FROM+Account")).Status);
    }

    [Fact]
    public async Task An_upsert_that_only_updates_makes_nothing()
    {
        await using var org = await TestOrg.StartAsync();
        org.Host.Store.Schema["Account"].Deploy(new OrgSimulator.Schema.Field("Key__c", OrgSimulator.Schema.FieldType.String) { Length = 40, ExternalId = true });
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Patch, "sobjects/Account/Key__c/k?updateOnly=true", new { Name = "x" })).Status);
        Assert.Equal(201, (await org.SendAsync(HttpMethod.Patch, "sobjects/Account/Key__c/k", new { Name = "x" })).Status);
        Assert.Equal(200, (await org.SendAsync(HttpMethod.Patch, "sobjects/Account/Key__c/k?updateOnly=true", new { Name = "y" })).Status);
        Assert.Equal((1, 1), (await org.CountAsync("Account"), await org.CountAsync("Account WHERE Name = 'y'")));
        var (status, _) = await org.SendAsync(HttpMethod.Patch, "/services/data/v45.0/sobjects/Account/Key__c/k", new { Name = "z" });
        Assert.Equal(204, status);          // no body on update before version 46
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Result_pages_are_the_pages_of_the_results(bool uneven)
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 10_000, BulkPageSize = 300, UnevenPages = uneven });
        async Task<string> JobAsync(string soql)
        {
            var job = $"{TestOrg.Base}/jobs/query/{(await org.SendAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = soql })).Body!["id"]}";
            await org.GetAsync(job);
            return job;
        }

        var job = await JobAsync("SELECT Id FROM Contact");
        Assert.True((await org.GetAsync(job))["isPkChunkingSupported"]!.GetValue<bool>());
        var (ids, sizes, sets) = (new List<string>(), new List<int>(), 0);
        for (var next = job + "/resultpages"; next is not null; sets++)
        {
            var pages = await org.GetAsync(next);
            var urls = pages["resultPages"]!.AsArray().Select(page => page!["resultUrl"]!.GetValue<string>()).ToList();
            Assert.InRange(urls.Count, 1, 5);
            next = pages["nextRecordsUrl"]?.GetValue<string>();
            Assert.Equal(next is null, pages["done"]!.GetValue<bool>());
            foreach (var url in urls)
            {
                using var page = await org.Http.GetAsync(url);
                var lines = (await page.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
                Assert.Equal(lines.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), page.Headers.GetValues("Sforce-NumberOfRecords").Single());
                ids.AddRange(lines);
                sizes.Add(lines.Length);
            }
        }
        Assert.Equal((await org.CountAsync("Contact"), ids.Count), (ids.Distinct().Count(), ids.Count));
        Assert.True(sets > 1);
        Assert.Equal(uneven, sizes[..^1].Distinct().Count() > 1);
        Assert.All(sizes[..^1], size => Assert.InRange(size, uneven ? 150 : 300, 300));

        // LIMIT and ORDER BY keep the job from being cut.
        foreach (var soql in (string[])["SELECT Id FROM Contact LIMIT 500", "SELECT Id FROM Contact ORDER BY Id"])
        {
            var whole = await JobAsync(soql);
            Assert.False((await org.GetAsync(whole))["isPkChunkingSupported"]!.GetValue<bool>());
            using var first = await org.Http.GetAsync(whole + "/results");
            Assert.Equal("300", first.Headers.GetValues("Sforce-NumberOfRecords").Single());
        }
    }
}
