using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace OrgSimulator.Tests;

/// <summary>Each fault happens when asked and never when not. That every planned one was met is what disposing of the org checks.</summary>
public sealed class PlannedFaultTests
{
    private static Task<TestOrg> OrgAsync(params PlannedFault[] faults) => TestOrg.StartAsync(new SimulatorOptions { Generate = 9000, Files = 4, BulkPageSize = 300, Faults = faults });

    private static async Task<int> StatusAsync(TestOrg org, string path) => (await org.SendAsync(HttpMethod.Get, path)).Status;

    private static async Task<string> StatusesAsync(TestOrg org, params string[] paths)
    {
        var statuses = new List<int>();
        foreach (var path in paths) statuses.Add(await StatusAsync(org, path));
        return string.Join(' ', statuses);
    }

    private static async Task<(string Code, int Status)> CodeAsync(TestOrg org, string path)
    {
        var (status, body) = await org.SendAsync(HttpMethod.Get, path);
        return (body is JsonArray ? body[0]!["errorCode"]!.GetValue<string>() : "", status);
    }

    private static async Task<string> JobAsync(TestOrg org, string soql) =>
        $"{TestOrg.Base}/jobs/query/{(await org.SendAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = soql })).Body!["id"]}";

    private static string Query(string soql) => $"query?q={Uri.EscapeDataString(soql)}";

    [Fact]
    public async Task A_refusal_comes_after_so_many_calls_and_as_often_as_planned()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.Fail, Path = "/limits", Status = 420, After = 1, Times = 2 });
        Assert.Equal("200 420 420 200", await StatusesAsync(org, "limits", "limits", "limits", "limits"));
    }

    [Fact]
    public async Task A_storm_hits_its_share_of_the_calls_and_no_other_path()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.Fail, Path = "/limits", Status = 500, Rate = 0.3, Times = 0 });
        var hits = 0;
        for (var i = 0; i < 200; i++) hits += await StatusAsync(org, "limits") == 500 ? 1 : 0;
        Assert.InRange(hits, 35, 85);
        Assert.Equal(200, await StatusAsync(org, "sobjects/Account"));
    }

    [Fact]
    public async Task The_quota_is_exhausted_and_returns_at_its_time()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero));
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Time = time, Faults = [new PlannedFault { Kind = FaultKind.Quota, Times = 0, ForSeconds = 3600 }] });
        Assert.Equal(("REQUEST_LIMIT_EXCEEDED", 403), await CodeAsync(org, "limits"));
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(403, await StatusAsync(org, "limits"));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(200, await StatusAsync(org, "limits"));
    }

    [Fact]
    public async Task All_tokens_end_with_the_planned_call()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.ExpireToken, After = 2 });
        Assert.Equal("200 200 401 401", await StatusesAsync(org, "limits", "limits", "limits", "limits"));
        org.Http.DefaultRequestHeaders.Authorization = new("Bearer", org.Host.NewAccessToken());
        Assert.Equal(200, await StatusAsync(org, "limits"));
    }

    [Fact]
    public async Task A_page_of_html_stands_in_place_of_json_without_a_deed()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.NonJson, Path = "/sobjects/Lead", Method = "POST" });
        using var content = new StringContent("""{"LastName":"x","Company":"html"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await org.Http.PostAsync($"{TestOrg.Base}/sobjects/Lead", content);
        Assert.Equal((200, "text/html"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(0, await org.CountAsync("Lead WHERE Company = 'html'"));
    }

    [Fact]
    public async Task The_answer_is_lost_after_the_deed()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.DropAnswer, Path = "/sobjects/Lead" });
        await Assert.ThrowsAsync<HttpRequestException>(() => org.SendAsync(HttpMethod.Post, "sobjects/Lead", new { LastName = "x", Company = "lost" }));
        Assert.Equal(1, await org.CountAsync("Lead WHERE Company = 'lost'"));
    }

    [Fact]
    public async Task A_body_ends_early_as_if_it_were_whole()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.Truncate, Path = "/query?q", Bytes = 700 }, new PlannedFault { Kind = FaultKind.Truncate, Path = "/results", Bytes = 500 });
        Assert.Equal(700, (await org.Http.GetByteArrayAsync($"{TestOrg.Base}/{Query("SELECT Id, Name FROM Account")}")).Length);
        await org.QueryAsync("SELECT Id, Name FROM Account");
        var job = await JobAsync(org, "SELECT Id FROM Contact");
        Assert.Equal(200, await StatusAsync(org, job));
        using var page = await org.Http.GetAsync(job + "/results");
        Assert.Equal(500, (await page.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal("300", page.Headers.GetValues("Sforce-NumberOfRecords").Single());
    }

    [Fact]
    public async Task A_body_stands_still_and_then_goes_on()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero));
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 3000, Time = time, Faults = [new PlannedFault { Kind = FaultKind.Stall, Path = "/query?q", Bytes = 600, Seconds = 60 }] });
        using var answer = await org.Http.GetAsync($"{TestOrg.Base}/{Query("SELECT Id, Name FROM Contact")}", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var start = new byte[600];
        await body.ReadExactlyAsync(start);
        var rest = new StreamReader(body).ReadToEndAsync();
        Assert.False(rest.IsCompleted);
        while (!rest.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(61));      // until the delay, which begins on another thread, is there to end
            await Task.WhenAny(rest, Task.Yield().GetAwaiter().IsCompleted ? rest : Task.Delay(20));
        }
        Assert.EndsWith("]}", await rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_breaks_in_the_middle_of_a_body()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.Reset, Path = "/query?q", Bytes = 900 });
        await Assert.ThrowsAnyAsync<Exception>(() => org.Http.GetByteArrayAsync($"{TestOrg.Base}/{Query("SELECT Id, Name FROM Contact")}"));
        await org.QueryAsync("SELECT Id, Name FROM Contact");
    }

    [Fact]
    public async Task A_page_comes_twice_and_then_the_next()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.DuplicatePage, Path = "v66.0/query" }, new PlannedFault { Kind = FaultKind.DuplicatePage, Path = "/results" });
        var ids = new List<string>();
        var page = await org.GetAsync(Query("SELECT Id FROM Contact"));
        while (true)
        {
            ids.AddRange(page["records"]!.AsArray().Select(record => record!["Id"]!.GetValue<string>()));
            if (page["nextRecordsUrl"] is not { } next) break;
            page = await org.GetAsync(next.GetValue<string>());
        }
        var count = await org.CountAsync("Contact");
        Assert.Equal((count, count + 2000), (ids.Distinct().Count(), ids.Count));

        var job = await JobAsync(org, "SELECT Id FROM Account");
        await StatusAsync(org, job);
        var lines = new List<string>();
        for (var locator = ""; locator != "null";)
        {
            using var answer = await org.Http.GetAsync($"{job}/results?locator={locator}");
            lines.AddRange((await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1));
            locator = answer.Headers.GetValues("Sforce-Locator").Single();
        }
        var accounts = await org.CountAsync("Account");
        Assert.Equal((accounts, accounts + 300), (lines.Distinct().Count(), lines.Count));
    }

    [Fact]
    public async Task Rows_stand_twice_in_a_page_of_csv()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.DuplicateRows, Path = "/results", Rows = 3 });
        var job = await JobAsync(org, "SELECT Id, Name FROM Skill__c");
        await StatusAsync(org, job);
        using var page = await org.Http.GetAsync(job + "/results");
        var lines = (await page.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Equal(await org.CountAsync("Skill__c") + 3, lines.Length);
        Assert.Equal(lines[..3], lines[^3..]);
        Assert.Equal(lines.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), page.Headers.GetValues("Sforce-NumberOfRecords").Single());
    }

    [Fact]
    public async Task A_locator_is_lost_and_a_new_query_goes_through()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.LoseLocator, Path = "/query/01g" }, new PlannedFault { Kind = FaultKind.LoseLocator, Path = "/results", Status = 410 });
        var page = await org.GetAsync(Query("SELECT Id FROM Contact"));
        var next = page["nextRecordsUrl"]!.GetValue<string>();
        Assert.Equal(("INVALID_QUERY_LOCATOR", 400), await CodeAsync(org, next));
        Assert.Equal(200, await StatusAsync(org, next));
        var job = await JobAsync(org, "SELECT Id FROM Account");
        await StatusAsync(org, job);
        using var first = await org.Http.GetAsync(job + "/results");
        using var lost = await org.Http.GetAsync($"{job}/results?locator={first.Headers.GetValues("Sforce-Locator").Single()}");
        Assert.Equal([200, 410], [(int)first.StatusCode, (int)lost.StatusCode]);
    }

    [Fact]
    public async Task Late_rows_appear_with_the_stamp_of_the_moment_they_were_planned()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero));
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 900, Time = time, Faults = [new PlannedFault { Kind = FaultKind.LateRows, Path = "/limits", Object = "Account", Rows = 3 }] });
        var before = await org.CountAsync("Account");
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(before, await org.CountAsync("Account"));
        await org.GetAsync("limits");
        Assert.Equal(before + 3, await org.CountAsync("Account"));
        Assert.Equal(3, await org.CountAsync("Account WHERE SystemModstamp = 2026-11-01T08:00:00Z"));
    }

    [Fact]
    public async Task A_burst_comes_about_in_one_second()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.Burst, Path = "/limits", Object = "Contact", Rows = 250 });
        var before = await org.CountAsync("Contact");
        await org.GetAsync("limits");
        Assert.Equal(before + 250, await org.CountAsync("Contact"));
        var groups = (await org.QueryAsync("SELECT COUNT_DISTINCT(SystemModstamp) stamps, COUNT(Id) n FROM Contact WHERE SystemModstamp = TODAY"))["records"]!.AsArray();
        Assert.Equal((250, 1), (groups[0]!["n"]!.GetValue<int>(), groups[0]!["stamps"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Each_so_many_th_row_cannot_be_locked()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.LockRow, Path = "Skill__c", Every = 3, Times = 2 });
        var job = await org.IngestAsync("Skill__c", "insert", "Name,Code__c\na,a1\nb,b1\nc,c1\nd,d1\ne,e1\nf,f1\ng,g1\nh,h1\ni,i1\n");
        Assert.Equal((9, 2), (job["numberRecordsProcessed"]!.GetValue<int>(), job["numberRecordsFailed"]!.GetValue<int>()));
        var failed = await org.ResultsAsync(job, "failedResults");
        Assert.Contains("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record", failed, StringComparison.Ordinal);
        Assert.Contains("c,c1", failed, StringComparison.Ordinal);
        Assert.Contains("f,f1", failed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_is_slow_or_fails_and_the_next_one_is_well()
    {
        await using var org = await OrgAsync(new PlannedFault { Kind = FaultKind.SlowJob, Path = "Contact", Polls = 2 }, new PlannedFault { Kind = FaultKind.FailJob, Path = "Lead", Times = 2 });
        var slow = await JobAsync(org, "SELECT Id FROM Contact");
        var states = new List<string>();
        for (var i = 0; i < 3; i++) states.Add((await org.GetAsync(slow))["state"]!.GetValue<string>());
        Assert.Equal(["InProgress", "InProgress", "JobComplete"], states);
        var failed = await org.GetAsync(await JobAsync(org, "SELECT Id FROM Lead"));
        Assert.Equal(("Failed", true), (failed["state"]!.GetValue<string>(), failed["errorMessage"] is not null));
        Assert.Equal("Failed", (await org.IngestAsync("Lead", "insert", "LastName,Company\nx,y\n"))["state"]!.GetValue<string>());
        Assert.Equal("JobComplete", (await org.IngestAsync("Lead", "insert", "LastName,Company\nx,y\n"))["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task Fields_and_objects_come_go_and_change_their_type_in_mid_run()
    {
        await using var org = await OrgAsync(
            new PlannedFault { Kind = FaultKind.SchemaChange, Path = "/limits", Object = "Account", Field = "Late__c", Change = "add" },
            new PlannedFault { Kind = FaultKind.SchemaChange, Path = "/limits", After = 1, Object = "Account", Field = "Website", Change = "remove" },
            new PlannedFault { Kind = FaultKind.SchemaChange, Path = "/limits", After = 2, Object = "Account", Field = "Phone", Change = "retype", Type = "textarea" },
            new PlannedFault { Kind = FaultKind.SchemaChange, Path = "/limits", After = 3, Object = "Milestone__c", Change = "drop" });
        async Task<Dictionary<string, string>> FieldsAsync() => (await org.GetAsync("sobjects/Account/describe"))["fields"]!.AsArray().ToDictionary(field => field!["name"]!.GetValue<string>(), field => field!["type"]!.GetValue<string>());
        Assert.False((await FieldsAsync()).ContainsKey("Late__c"));
        await org.GetAsync("limits");
        Assert.Equal("string", (await FieldsAsync())["Late__c"]);
        await org.QueryAsync("SELECT Id, Late__c FROM Account LIMIT 3");
        await org.GetAsync("limits");
        Assert.False((await FieldsAsync()).ContainsKey("Website"));
        Assert.StartsWith("INVALID_FIELD", await org.RefusalAsync("SELECT Website FROM Account"), StringComparison.Ordinal);
        await org.GetAsync("limits");
        Assert.Equal("textarea", (await FieldsAsync())["Phone"]);
        await org.QueryAsync("SELECT Id FROM Milestone__c LIMIT 1");
        await org.GetAsync("limits");
        Assert.StartsWith("INVALID_TYPE", await org.RefusalAsync("SELECT Id FROM Milestone__c"), StringComparison.Ordinal);
        Assert.DoesNotContain((await org.GetAsync("sobjects"))["sobjects"]!.AsArray(), type => type!["name"]!.GetValue<string>() == "Milestone__c");
    }

    [Fact]
    public async Task The_clock_is_off_in_the_date_header_and_in_stamps()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero));
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Time = time, Faults = [new PlannedFault { Kind = FaultKind.ClockSkew, Path = "/limits", Seconds = -600 }] });
        using var answer = await org.Http.GetAsync($"{TestOrg.Base}/limits");
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 7, 50, 0, TimeSpan.Zero), answer.Headers.Date);
        await org.CreateAsync("Account", new { Name = "late" });
        Assert.Equal(1, await org.CountAsync("Account WHERE CreatedDate = 2026-11-01T07:50:00Z"));
    }

    [Fact]
    public async Task The_log_of_deletes_forgets_and_says_since_when_it_knows()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero));
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Time = time, Faults = [new PlannedFault { Kind = FaultKind.PurgeDeleteLog, Path = "/limits" }] });
        var id = await org.CreateAsync("Account", new { Name = "gone" });
        await org.SendAsync(HttpMethod.Delete, $"sobjects/Account/{id}");
        time.Advance(TimeSpan.FromMinutes(30));
        const string window = "sobjects/Account/deleted?start=2026-11-01T07:00:00Z&end=2026-11-01T09:00:00Z";
        Assert.Single((await org.GetAsync(window))["deletedRecords"]!.AsArray());
        await org.GetAsync("limits");
        var after = await org.GetAsync(window);
        Assert.Empty(after["deletedRecords"]!.AsArray());
        Assert.StartsWith("2026-11-01T08:30:00", after["earliestDateAvailable"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_that_never_came_is_named_when_the_org_is_disposed_of()
    {
        var org = await OrgAsync(new PlannedFault { Kind = FaultKind.Fail, Path = "/nobody/asks", Times = 2 }, new PlannedFault { Kind = FaultKind.Quota, Path = "/limits" });
        await StatusAsync(org, "limits");
        var unmet = await Assert.ThrowsAsync<UnmetFaultException>(async () => await org.DisposeAsync());
        Assert.Equal("Fail /nobody/asks (0 of 2, 0 matching)", Assert.Single(unmet.Unmet));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_trace_and_another_seed_another()
    {
        async Task<string> TraceAsync(int seed)
        {
            await using var org = await TestOrg.StartAsync(new SimulatorOptions
            {
                Seed = seed, Faults = [new PlannedFault { Kind = FaultKind.Fail, Path = "/limits", Rate = 0.2, Times = 0 }, new PlannedFault { Kind = FaultKind.Quota, Rate = 0.1, Times = 0 }],
            });
            for (var i = 0; i < 60; i++) await StatusAsync(org, "limits");
            return string.Join('\n', org.Host.Faults.Planned.Trace);
        }
        var first = await TraceAsync(5);
        Assert.Contains("Fail /limits @ ", first, StringComparison.Ordinal);
        Assert.Equal(first, await TraceAsync(5));
        Assert.NotEqual(first, await TraceAsync(6));
    }

    [Fact]
    public async Task Faults_are_planned_and_told_by_the_admin_endpoint()
    {
        await using var org = await TestOrg.StartAsync();
        var (status, told) = await org.SendAsync(HttpMethod.Post, "/__faults", new object[] { new { kind = "fail", path = "/limits", status = 503 }, new { kind = "Quota", path = "/sobjects" } });
        Assert.Equal((200, 2), (status, told!["unmet"]!.AsArray().Count));
        Assert.Equal("503 403 200", await StatusesAsync(org, "limits", "sobjects", "limits"));
        told = await org.GetAsync("/__faults");
        Assert.Equal((0, 2), (told["unmet"]!.AsArray().Count, told["trace"]!.AsArray().Count));
        foreach (var nonsense in (object[])[new { kind = "explode" }, new { kind = "fail", rate = 2 }, new { kind = "lateRows", @object = "Nothing" }, new { kind = "fail", pth = "/x" }])
            Assert.Equal(400, (await org.SendAsync(HttpMethod.Post, "/__faults", nonsense)).Status);
    }

    [Fact]
    public void A_fault_is_written_on_the_command_line()
    {
        Assert.Equal(new PlannedFault { Kind = FaultKind.Fail, Path = "/query", Status = 503, Times = 3, Rate = 0.5 }, CommandLine.Read(["--fault", "fail path=/query status=503 times=3 rate=0.5"]).Faults.Single());
        Assert.Equal(FaultKind.LateRows, PlannedFault.Parse("late-rows object=Account rows=2").Kind);
        Assert.Throws<UsageException>(() => PlannedFault.Parse("explode"));
        Assert.Throws<UsageException>(() => PlannedFault.Parse("fail pth=/x"));
    }
}
