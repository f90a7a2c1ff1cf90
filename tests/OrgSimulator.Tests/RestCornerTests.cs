using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace OrgSimulator.Tests;

/// <summary>What clients meet rarely and must not stumble over.</summary>
public sealed class RestCornerTests
{
    [Fact]
    public async Task An_address_that_is_too_long_is_refused_and_one_that_just_fits_is_not()
    {
        await using var org = await TestOrg.StartAsync();
        async Task<HttpStatusCode> Get(int length)
        {
            var path = TestOrg.Base + "/query?q=SELECT+Id+FROM+Account+WHERE+Name='x";
            using var answer = await org.Http.GetAsync(path + "'" + new string('+', length - path.Length - 1));
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await Get(15_000));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, await Get(16_384));      // the address fits, but not together with the headers
        Assert.Equal(HttpStatusCode.RequestUriTooLong, await Get(16_385));
    }

    [Fact]
    public async Task Patch_may_come_as_post()
    {
        await using var org = await TestOrg.StartAsync();
        var id = await org.CreateAsync("Account", new { Name = "a" });
        Assert.Equal(204, (await org.SendAsync(HttpMethod.Post, $"sobjects/Account/{id}?_HttpMethod=PATCH", new { Name = "b" })).Status);
        var (status, _) = await org.SendAsync(HttpMethod.Post, "composite/sobjects?_HttpMethod=PATCH", new { records = new[] { new { attributes = new { type = "Account" }, Id = id, Name = "c" } } });
        Assert.Equal((200, 1), (status, await org.CountAsync("Account WHERE Name = 'c'")));
    }

    [Fact]
    public async Task Describes_are_dated_and_a_deployment_makes_them_new()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-11-01T00:00:00Z", null));
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Time = time });
        async Task<HttpStatusCode> Since(string path, DateTimeOffset at)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{TestOrg.Base}/{path}");
            request.Headers.IfModifiedSince = at;
            using var answer = await org.Http.SendAsync(request);
            return answer.StatusCode;
        }

        foreach (var path in (string[])["sobjects", "sobjects/Account/describe"])
        {
            Assert.Equal(HttpStatusCode.NotModified, await Since(path, time.GetUtcNow()));
            Assert.Equal(HttpStatusCode.OK, await Since(path, time.GetUtcNow().AddDays(-1)));
        }
        var before = time.GetUtcNow();
        time.Advance(TimeSpan.FromHours(1));
        org.Host.Store.Schema.ChangedAt = time.GetUtcNow();
        Assert.Equal(HttpStatusCode.OK, await Since("sobjects", before));
        Assert.Equal(HttpStatusCode.NotModified, await Since("sobjects", time.GetUtcNow()));
    }

    [Theory]
    [InlineData("deleted", 14, true)]
    [InlineData("deleted", 16, false)]
    [InlineData("updated", 29, true)]
    [InlineData("updated", 31, false)]
    public async Task Replication_reaches_back_only_so_far(string what, int days, bool allowed)
    {
        await using var org = await TestOrg.StartAsync();
        string Stamp(double back) => Uri.EscapeDataString(DateTimeOffset.UtcNow.AddDays(-back).ToString("yyyy-MM-dd'T'HH:mm:ss'+00:00'", CultureInfo.InvariantCulture));
        var (status, body) = await org.SendAsync(HttpMethod.Get, $"sobjects/Account/{what}/?start={Stamp(days)}&end={Stamp(0)}");
        Assert.Equal(allowed ? 200 : 400, status);
        if (!allowed) Assert.Equal("INVALID_REPLICATION_DATE", body![0]!["errorCode"]!.GetValue<string>());
    }

    [Fact]
    public async Task Search_finds_words_and_gives_the_fields_asked_for()
    {
        await using var org = await TestOrg.StartAsync();
        await org.CreateAsync("Account", new { Name = "Acme Rockets", Industry = "Energy" });
        await org.CreateAsync("Account", new { Name = "Pacmen" });
        await org.CreateAsync("Contact", new { LastName = "Acmeson" });
        var found = await org.GetAsync("search?q=" + Uri.EscapeDataString("FIND {acme*} IN ALL FIELDS RETURNING Account(Id, Name WHERE Industry = 'Energy' LIMIT 5), Contact(LastName)"));
        Assert.Equal(["Acme Rockets", "Acmeson"], found["searchRecords"]!.AsArray().Select(record => (record!["Name"] ?? record["LastName"])!.GetValue<string>()));
        Assert.Equal(2, (await org.GetAsync("search?q=" + Uri.EscapeDataString("FIND {Acme}")))["searchRecords"]!.AsArray().Count);
        Assert.Single((await org.GetAsync("parameterizedSearch?q=Rockets&sobject=Account&Account.fields=Id,Name"))["searchRecords"]!.AsArray());
        Assert.Equal("MALFORMED_SEARCH", (await org.SendAsync(HttpMethod.Get, "search?q=" + Uri.EscapeDataString("FIND {a}"))).Body![0]!["errorCode"]!.GetValue<string>());
    }

    [Fact]
    public async Task Images_in_rich_text_have_bytes_of_their_own()
    {
        await using var org = await TestOrg.StartAsync();
        var type = org.Host.Store.Schema["Account"];
        type.Deploy(new OrgSimulator.Schema.Field("Story__c", OrgSimulator.Schema.FieldType.TextArea) { Length = 32_768, Html = true });
        var id = await org.CreateAsync("Account", new { Name = "a", Story__c = """<p><img src="https://acme.my.salesforce.com/servlet/rtaImage?eid=001&amp;feoid=00N&amp;refid=0EM000000000001"></p>""" });
        var bytes = await org.Http.GetByteArrayAsync($"{TestOrg.Base}/sobjects/Account/{id}/richTextImageFields/Story__c/0EM000000000001");
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], bytes[..4]);
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, $"sobjects/Account/{id}/richTextImageFields/Story__c/0EM000000000002")).Status);
    }

    [Fact]
    public async Task A_slash_in_a_key_is_found_escaped_or_not()
    {
        await using var org = await TestOrg.StartAsync();
        org.Host.Store.Schema["Account"].Deploy(new OrgSimulator.Schema.Field("Key__c", OrgSimulator.Schema.FieldType.String) { Length = 40, ExternalId = true });
        Assert.Equal(201, (await org.SendAsync(HttpMethod.Patch, "sobjects/Account/Key__c/a%20b%2F1", new { Name = "x" })).Status);
        Assert.Equal(200, (await org.SendAsync(HttpMethod.Patch, "sobjects/Account/Key__c/a%20b/1", new { Name = "y" })).Status);
        Assert.Equal(1, await org.CountAsync("Account WHERE Key__c = 'a b/1' AND Name = 'y'"));
    }

    [Fact]
    public async Task Event_logs_are_files_of_their_days()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { EventLogDays = 3 });
        var logs = (await org.QueryAsync("SELECT Id, EventType, LogDate, LogFileLength, LogFile FROM EventLogFile ORDER BY LogDate"))["records"]!.AsArray();
        Assert.Equal(3, logs.Count);
        var text = await org.Http.GetStringAsync(logs[0]!["LogFile"]!.GetValue<string>());
        Assert.Equal((25, logs[0]!["LogFileLength"]!.GetValue<double>()), (text.TrimEnd('\n').Split('\n').Length, text.Length));
        await using var plain = await TestOrg.StartAsync();
        Assert.Equal(400, (await plain.SendAsync(HttpMethod.Get, "query?q=SELECT+Id+FROM+EventLogFile")).Status);
    }

    [Fact]
    public async Task Too_many_changed_Ids_are_refused()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { ReplicationIdLimit = 2 });
        var ids = new List<string>();
        for (var i = 0; i < 3; i++) ids.Add(await org.CreateAsync("Account", new { Name = $"{i}" }));
        string Window() => $"?start={DateTimeOffset.UtcNow.AddHours(-1):yyyy-MM-dd'T'HH:mm:ss'Z'}&end={DateTimeOffset.UtcNow.AddHours(1):yyyy-MM-dd'T'HH:mm:ss'Z'}";
        Assert.Equal("EXCEEDED_ID_LIMIT", (await org.SendAsync(HttpMethod.Get, "sobjects/Account/updated/" + Window())).Body![0]!["errorCode"]!.GetValue<string>());
        foreach (var id in ids[..2]) await org.SendAsync(HttpMethod.Delete, $"sobjects/Account/{id}");
        Assert.Equal(2, (await org.GetAsync("sobjects/Account/deleted/" + Window()))["deletedRecords"]!.AsArray().Count);
        await org.SendAsync(HttpMethod.Delete, $"sobjects/Account/{ids[2]}");
        Assert.Equal("EXCEEDED_ID_LIMIT", (await org.SendAsync(HttpMethod.Get, "sobjects/Account/deleted/" + Window())).Body![0]!["errorCode"]!.GetValue<string>());
    }
}
