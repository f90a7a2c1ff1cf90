using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

/// <summary>Clients that do what is allowed and seldom done, or what is not allowed.</summary>
public sealed class OddHabitsTests
{
    private static async Task<(int Status, string Body, HttpResponseMessage Answer)> SendAsync(TestOrg org, HttpMethod method, string path, byte[]? body = null, string? type = null, string? encoding = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"{TestOrg.Base}/{path}");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (type is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            if (encoding is not null) request.Content.Headers.ContentEncoding.Add(encoding);
        }
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        var answer = await org.Http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public async Task Head_is_get_without_its_body()
    {
        await using var org = await TestOrg.StartAsync();
        var id = await org.CreateAsync("Account", new { Name = "x" });
        foreach (var path in (string[])[$"sobjects/Account/{id}", "sobjects", "query?q=SELECT+Id+FROM+Account", "limits"])
        {
            var (status, body, answer) = await SendAsync(org, HttpMethod.Head, path);
            Assert.Equal((200, "", "application/json"), (status, body, answer.Content.Headers.ContentType!.MediaType));
        }
        Assert.Equal(404, (await SendAsync(org, HttpMethod.Head, "sobjects/Account/001000000000001AAA")).Status);
    }

    [Theory]
    [InlineData("application/json; charset=UTF-8", null, "{\"Name\":\"x\"}", 201)]
    [InlineData(null, null, "{\"Name\":\"x\"}", 201)]
    [InlineData("application/json", null, "\uFEFF{\"Name\":\"x\"}", 201)]
    [InlineData("text/plain", null, "{\"Name\":\"x\"}", 415)]
    [InlineData("application/x-www-form-urlencoded", null, "Name=x", 415)]
    [InlineData("application/xml", null, "<Account/>", 415)]
    [InlineData("application/json", "snappy", "{\"Name\":\"x\"}", 415)]
    [InlineData("application/json", "gzip", "no gzip", 400)]
    [InlineData("application/json", null, "{\"Name\":\"half a pair \\ud83d\"}", 400)]
    [InlineData("application/json", null, "[]", 400)]
    [InlineData("application/json", null, "", 400)]
    public async Task A_body_is_what_its_header_says_or_is_refused_in_the_envelope(string? type, string? encoding, string body, int expected)
    {
        await using var org = await TestOrg.StartAsync();
        var (status, answer, _) = await SendAsync(org, HttpMethod.Post, "sobjects/Account", Bytes(body), type, encoding);
        Assert.Equal(expected, status);
        if (expected >= 400) Assert.Equal(expected == 415 ? "UNSUPPORTED_MEDIA_TYPE" : "JSON_PARSER_ERROR", JsonNode.Parse(answer)![0]!["errorCode"]!.GetValue<string>());
        Assert.Equal(expected == 201 ? 1 : 0, await org.CountAsync("Account"));
    }

    [Fact]
    public async Task Zipped_bodies_are_read_by_deflate_too()
    {
        await using var org = await TestOrg.StartAsync();
        using var memory = new MemoryStream();
        await using (var zip = new ZLibStream(memory, CompressionMode.Compress, leaveOpen: true)) await zip.WriteAsync(Bytes("{\"Name\":\"zipped\"}"));
        Assert.Equal(201, (await SendAsync(org, HttpMethod.Post, "sobjects/Account", memory.ToArray(), "application/json", "deflate")).Status);
        Assert.Equal(1, await org.CountAsync("Account WHERE Name = 'zipped'"));
    }

    [Fact]
    public async Task A_record_is_given_or_written_only_if_it_was_changed_or_not()
    {
        await using var org = await TestOrg.StartAsync();
        var id = await org.CreateAsync("Account", new { Name = "x" });
        var (_, _, answer) = await SendAsync(org, HttpMethod.Get, $"sobjects/Account/{id}");
        var seen = answer.Content.Headers.LastModified!.Value;
        string At(int seconds) => seen.AddSeconds(seconds).ToString("R");
        async Task<int> StatusAsync(HttpMethod method, string header, int seconds, string? body = null) =>
            (await SendAsync(org, method, $"sobjects/Account/{id}", body is null ? null : Bytes(body), "application/json", null, (header, At(seconds)))).Status;
        Assert.Equal(304, await StatusAsync(HttpMethod.Get, "If-Modified-Since", 0));
        Assert.Equal(200, await StatusAsync(HttpMethod.Get, "If-Modified-Since", -1));
        Assert.Equal(412, await StatusAsync(HttpMethod.Patch, "If-Unmodified-Since", -1, "{\"Name\":\"lost\"}"));
        Assert.Equal(0, await org.CountAsync("Account WHERE Name = 'lost'"));
        Assert.Equal(204, await StatusAsync(HttpMethod.Patch, "If-Unmodified-Since", 0, "{\"Name\":\"kept\"}"));
        Assert.Equal(412, await StatusAsync(HttpMethod.Delete, "If-Unmodified-Since", -1));
        Assert.Equal(204, await StatusAsync(HttpMethod.Delete, "If-Unmodified-Since", 60));
    }

    [Fact]
    public async Task An_id_of_another_object_neither_changes_nor_deletes_it()
    {
        await using var org = await TestOrg.StartAsync();
        var account = await org.CreateAsync("Account", new { Name = "x" });
        foreach (var (method, body) in ((HttpMethod, object?)[])[(HttpMethod.Delete, null), (HttpMethod.Patch, new { LastName = "y" })])
        {
            var (status, refusal) = await org.SendAsync(method, $"sobjects/Contact/{account}", body);
            Assert.Equal((400, "MALFORMED_ID"), (status, refusal![0]!["errorCode"]!.GetValue<string>()));
        }
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, $"sobjects/Contact/{account}")).Status);
        foreach (var operation in (string[])["delete", "hardDelete"])
        {
            var job = await org.IngestAsync("Contact", operation, $"Id\n{account}\n");
            Assert.Equal(1, job["numberRecordsFailed"]!.GetValue<int>());
            Assert.Contains("MALFORMED_ID", await org.ResultsAsync(job, "failedResults"), StringComparison.Ordinal);
        }
        Assert.Equal(1, await org.CountAsync("Account"));
    }

    [Theory]
    [InlineData("é", 255, true)]
    [InlineData("é", 256, false)]
    [InlineData("漢", 255, true)]
    [InlineData("\U0001F600", 127, true)]
    [InlineData("\U0001F600", 128, false)]       // a sign beyond the basic plane counts twice, as in Java
    public async Task A_field_holds_so_many_letters_whatever_their_bytes(string letter, int count, bool fits)
    {
        await using var org = await TestOrg.StartAsync();
        var name = string.Concat(Enumerable.Repeat(letter, count));
        var (status, body) = await org.SendAsync(HttpMethod.Post, "sobjects/Account", new { Name = name });
        Assert.Equal(fits ? 201 : 400, status);
        if (!fits) Assert.Equal("STRING_TOO_LONG", body![0]!["errorCode"]!.GetValue<string>());
        else Assert.Equal(name, (await org.GetAsync($"sobjects/Account/{body!["id"]}"))["Name"]!.GetValue<string>());
        var job = await org.IngestAsync("Account", "insert", $"Name\n{name}\n");
        Assert.Equal(fits ? 0 : 1, job["numberRecordsFailed"]!.GetValue<int>());
    }

    [Fact]
    public async Task Paths_heed_no_case_and_a_long_query_goes_through_a_batch()
    {
        await using var org = await TestOrg.StartAsync();
        var id = await org.CreateAsync("Account", new { Name = "x" });
        Assert.Equal("x", (await org.GetAsync($"/Services/Data/V66.0/SObjects/account/{id[..15]}?fields=name"))["Name"]!.GetValue<string>());
        var soql = $"SELECT Id FROM Account WHERE Name IN ('x',{string.Join(',', Enumerable.Range(0, 400).Select(n => $"'{new string('n', 50)}{n}'"))})";
        Assert.True(soql.Length > 20_000);
        Assert.Equal(414, (await SendAsync(org, HttpMethod.Get, "query?q=" + Uri.EscapeDataString(soql))).Status);
        var (_, batch) = await org.SendAsync(HttpMethod.Post, "composite/batch", new { batchRequests = new[] { new { method = "GET", url = "v66.0/query?q=" + Uri.EscapeDataString(soql) } } });
        Assert.Equal(1, batch!["results"]![0]!["result"]!["totalSize"]!.GetValue<int>());
    }

    [Fact]
    public async Task Many_sessions_at_once_get_what_each_asked_for()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 2000 });
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), async (who, cancellationToken) =>
        {
            using var http = new HttpClient { BaseAddress = org.Host.Uri };
            http.DefaultRequestHeaders.Authorization = new("Bearer", org.Host.NewAccessToken());
            for (var turn = 0; turn < 6; turn++)
            {
                var records = Enumerable.Range(0, 20).Select(n => new { attributes = new { type = "Account" }, Name = $"w{who} {turn} {n}" });
                using var content = new StringContent(JsonSerializer.Serialize(new { records }), Encoding.UTF8, "application/json");
                using var saved = await http.PostAsync($"{TestOrg.Base}/composite/sobjects", content, cancellationToken);
                Assert.Equal(HttpStatusCode.OK, saved.StatusCode);
                var mine = JsonNode.Parse(await http.GetStringAsync($"{TestOrg.Base}/query?q={Uri.EscapeDataString($"SELECT Name, (SELECT Id FROM Contacts) FROM Account WHERE Name LIKE 'w{who} %' ORDER BY Name")}", cancellationToken))!;
                Assert.Equal((turn + 1) * 20, mine["totalSize"]!.GetValue<int>());
                Assert.All(mine["records"]!.AsArray(), record => Assert.StartsWith($"w{who} ", record!["Name"]!.GetValue<string>(), StringComparison.Ordinal));
            }
        });
        Assert.Equal(8 * 6 * 20, await org.CountAsync("Account WHERE Name LIKE 'w_ _ %'"));
    }
}
