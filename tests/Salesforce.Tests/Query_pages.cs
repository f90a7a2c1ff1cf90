using System.Text;
using Appliance.Salesforce;

namespace Salesforce.Tests;

public sealed class Query_pages
{
    private const string Describe = """
        {"name":"Contact","label":"Contact","fields":[{"name":"Id","type":"id"},{"name":"Name","type":"string"},{"name":"CreatedDate","type":"datetime"},{"name":"Note__c","type":"textarea"}],
         "childRelationships":[],"queryable":true}
        """;

    [Fact]
    public async Task Values_read_as_bulk_would_write_them()
    {
        await using var fake = await Answering("""
            {"totalSize":2,"done":true,"records":[
             {"attributes":{"type":"Contact","url":"/x"},"Id":"003RO0000035WQgYAM","Name":"Zoë \"Q\"\n\u00fc\ud83d\ude00","CreatedDate":"2024-01-01T10:00:00.000+0000","Note__c":"2024-01-01T10:00:00.000+0000",
              "Amount__c":1.0E8,"Flag__c":true,"Empty__c":"","MailingAddress":{"city":"Köln","street":null},
              "Account":{"attributes":{"type":"Account"},"Name":"Acme","CreatedDate":"2023-05-06T07:08:09.000+0000","Owner":{"attributes":{"type":"Name"},"Name":"Jo"}},"ReportsTo":null},
             {"attributes":{"type":"Contact"},"Id":"003RO0000035WQhYAM","Name":null,"CreatedDate":null,"Note__c":null,"Amount__c":null,"Flag__c":false,"Empty__c":null,"MailingAddress":null,
              "Account":null,"ReportsTo":{"attributes":{"type":"Contact"},"Name":"Boss"}}]}
            """);
        var rows = await Rows.OfAsync(fake.Connect().QueryAsync(
            "select Id, Name, createddate, Note__c, Amount__c, Flag__c, Empty__c, MailingAddress, Account.Name, Account.CreatedDate, Account.Owner.Name, ReportsTo.Name from Contact",
            false, CancellationToken.None));
        Assert.Equal(
        [
            "003RO0000035WQgYAM|Zoë \"Q\"\nü😀|2024-01-01T10:00:00.000Z|2024-01-01T10:00:00.000+0000|1.0E8|true||{\"city\":\"Köln\",\"street\":null}|Acme|2023-05-06T07:08:09.000Z|Jo|",
            "003RO0000035WQhYAM|||||false||||||Boss",
        ], rows);
    }

    [Theory]
    [InlineData("nextRecordsUrl", "/services/data/v66.0/query/01gRO0000016PIAYA2-1")]
    [InlineData("nextRecordUrl", "/services/data/v66.0/query/01gRO0000016PIAYA2-1")]
    [InlineData("nextRecordsUrl", "https://elsewhere.example/services/data/v66.0/query/01gRO0000016PIAYA2-1")]
    [InlineData("nextRecordsUrl", "services/data/v66.0/query/01gRO0000016PIAYA2-1")]
    public async Task The_next_page_is_followed_on_this_org_however_it_is_named(string property, string url)
    {
        await using var fake = await FakeOrg.StartAsync((context, received) => FakeOrg.Json(context, received.Path switch
        {
            "/services/data/v66.0/queryAll" => $$"""{"totalSize":2,"done":false,"{{property}}":"{{url}}","records":[{"Id":"1"}]}""",
            "/services/data/v66.0/query/01gRO0000016PIAYA2-1" => """{"records":[{"Id":"2"}],"done":true,"totalSize":2}""",
            _ => Describe,
        }));
        Assert.Equal(["1", "2"], await Rows.OfAsync(fake.Connect().QueryAsync("SELECT Id FROM Contact", true, CancellationToken.None)));
    }

    [Fact]
    public async Task Batches_hold_a_thousand_rows_at_most_and_a_page_cut_off_is_asked_for_again()
    {
        var page = new StringBuilder("""{"totalSize":1999,"done":true,"records":[""")
            .AppendJoin(',', Enumerable.Range(0, 1_999).Select(i => $$"""{"attributes":{"type":"Contact"},"Id":"{{i}}","Name":"a\\b{{i}}"}""")).Append("]}").ToString();
        var asked = 0;
        await using var fake = await FakeOrg.StartAsync((context, received) =>
            received.Path.EndsWith("describe", StringComparison.Ordinal) ? FakeOrg.Json(context, Describe)
            : ++asked == 1 ? FakeOrg.CutOff(context, page, 70_000) : FakeOrg.Json(context, page));
        var sizes = new List<int>();
        await foreach (var batch in fake.Connect().QueryAsync("SELECT Id,Name FROM Contact", false, CancellationToken.None))
        {
            Assert.Equal($"a\\b{batch.Text(0, 0)}", batch.Text(0, 1));
            sizes.Add(batch.Count);
        }
        Assert.Equal([1_000, 999], sizes);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_query_too_long_for_an_address_is_posted()
    {
        var fields = Enumerable.Range(0, 800).Select(i => $"A_custom_field_{i}__c").ToArray();
        await using var fake = await FakeOrg.StartAsync((context, received) => received.Path switch
        {
            "/services/data/v66.0/composite/batch" => FakeOrg.Json(context, """{"hasErrors":false,"results":[{"statusCode":200,"result":{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-1","records":[{"A_custom_field_7__c":"x"}]}}]}"""),
            "/services/data/v66.0/query/01g-1" => FakeOrg.Json(context, """{"totalSize":2,"done":true,"records":[{"A_custom_field_7__c":"y"}]}"""),
            _ => FakeOrg.Json(context, Describe),
        });
        var seen = new List<string>();
        await foreach (var batch in fake.Connect().QueryAsync(SoqlText.Select("Contact", fields), false, CancellationToken.None))
            seen.Add(batch.Text(0, 7));
        Assert.Equal(["x", "y"], seen);
    }

    [Fact]
    public async Task A_query_too_long_for_a_server_on_the_way_is_posted_too()
    {
        await using var fake = await FakeOrg.StartAsync((context, received) =>
        {
            if (received.Method == "POST")
                return FakeOrg.Json(context, """{"hasErrors":false,"results":[{"statusCode":200,"result":{"totalSize":1,"done":true,"records":[{"Id":"x"}]}}]}""");
            if (received.Path.EndsWith("/describe", StringComparison.Ordinal))
                return FakeOrg.Json(context, Describe);
            context.Response.StatusCode = 414;
            return Task.CompletedTask;
        });
        Assert.Equal(["x"], await Rows.OfAsync(fake.Connect().QueryAsync("SELECT Id FROM Contact", false, CancellationToken.None)));
    }

    [Fact]
    public async Task A_refused_long_query_fails_as_a_short_one_does()
    {
        var fields = Enumerable.Range(0, 800).Select(i => $"A_custom_field_{i}__c").ToArray();
        await using var fake = await FakeOrg.StartAsync((context, received) => FakeOrg.Json(context, received.Method == "POST"
            ? """{"hasErrors":true,"results":[{"statusCode":400,"result":[{"errorCode":"INVALID_FIELD","message":"\nSELECT Bogus\n   ^\nERROR at Row:1:Column:8\nNo such column 'Bogus'"}]}]}""" : Describe));
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => Rows.OfAsync(fake.Connect().QueryAsync(SoqlText.Select("Contact", fields), false, CancellationToken.None)));
        Assert.Equal((FailureKind.Permanent, "INVALID_FIELD"), (failure.Kind, failure.ErrorCode));
        Assert.Contains("No such column 'Bogus'", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("^", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_does_not_lose_the_page()
    {
        await using var fake = await Answering("""{"totalSize":1,"done":true,"records":[{"Id":"1","Name":"a\ud83d\n\u00e4b"}]}""");
        Assert.Equal(["1|a\uFFFD\näb"], await Rows.OfAsync(fake.Connect().QueryAsync("SELECT Id,Name FROM Contact", false, CancellationToken.None)));
    }

    [Fact]
    public async Task Aggregates_are_named_by_alias_or_number()
    {
        await using var fake = await Answering("""{"totalSize":1,"done":true,"records":[{"attributes":{"type":"AggregateResult"},"newest":"2024-01-01T10:00:00.000+0000","expr0":7,"Status":"Offen"}]}""");
        await foreach (var batch in fake.Connect().QueryAsync("SELECT MAX(SystemModstamp) newest, COUNT(Id), toLabel(Status) FROM Contact", false, CancellationToken.None))
        {
            Assert.Equal(["newest", "expr0", "Status"], batch.Columns);
            Assert.Equal("2024-01-01T10:00:00.000Z|7|Offen", string.Join('|', batch.Text(0, 0), batch.Text(0, 1), batch.Text(0, 2)));
        }
    }

    [Fact]
    public async Task Counting_reads_the_total()
    {
        await using var fake = await Answering("""{"totalSize":17,"done":true,"records":[]}""");
        Assert.Equal(17, await fake.Connect().CountAsync("Contact", "Name = 'x'", CancellationToken.None));
        Assert.Equal("/services/data/v66.0/query?q=SELECT+COUNT()+FROM+Contact+WHERE+Name+%3D+%27x%27", fake.Calls.Single().Target);
    }

    [Theory]
    [InlineData("SELECT Id, (SELECT Id FROM Contacts) FROM Account")]
    [InlineData("SELECT FIELDS(ALL) FROM Account")]
    [InlineData("DELETE Account")]
    [InlineData("SELECT Id")]
    public async Task Queries_that_are_not_rows_and_columns_are_refused(string soql)
    {
        await using var fake = await Answering("{}");
        await Assert.ThrowsAsync<ArgumentException>(() => Rows.OfAsync(fake.Connect().QueryAsync(soql, false, CancellationToken.None)));
    }

    [Fact]
    public async Task An_older_org_is_spoken_to_in_its_own_version()
    {
        await using var fake = await Answering("""{"totalSize":1,"done":true,"records":[]}""");
        fake.NewestVersion = "59.0";
        var org = fake.Connect();
        Assert.Equal("v66.0", org.ApiVersion);
        await org.CountAsync("Contact", null, CancellationToken.None);
        await org.CountAsync("Contact", null, CancellationToken.None);
        Assert.Equal("v59.0", org.ApiVersion);
        Assert.All(fake.Calls, c => Assert.StartsWith("/services/data/v59.0/", c.Path, StringComparison.Ordinal));
        Assert.Single(fake.Requests, r => r.Path == "/services/data");
    }

    private static Task<FakeOrg> Answering(string page) => FakeOrg.StartAsync((context, received) =>
        FakeOrg.Json(context, received.Path.EndsWith("/describe", StringComparison.Ordinal) ? Describe : page));
}
