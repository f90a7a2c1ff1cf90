using System.Text.Json;
using System.Text.Json.Nodes;
using OrgSimulator.Schema;

namespace OrgSimulator.Tests;

/// <summary>Each recorded error body: the request that it answered, made against the simulator, is answered in the same shape, with the same code and status.</summary>
public sealed class RecordedErrorTests
{
    private static JsonNode Recorded(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Shared.Data("errors"), file)))!;

    /// <summary>Names and kinds of values, all the way down; texts do not count.</summary>
    private static string Shape(JsonNode? node) => node switch
    {
        JsonObject value => "{" + string.Join(",", value.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}:{Shape(pair.Value)}")) + "}",
        JsonArray values => "[" + string.Join(",", values.Select(Shape)) + "]",
        null => "null",
        var value => value.GetValueKind().ToString(),
    };

    private static async Task<TestOrg> OrgAsync()
    {
        var org = await TestOrg.StartAsync(new SimulatorOptions { PasswordSignIn = true });
        var type = org.Host.Store.Schema["Account"];
        type.Deploy(new Field("Shared__c", FieldType.String) { Length = 20, ExternalId = true });
        return org;
    }

    [Theory]
    [InlineData("restforce/session-expired.json", 401, "GET", "limits", null)]
    [InlineData("restforce/external-id-field-unknown-delete.json", 404, "DELETE", "sobjects/Account/rid", null)]
    [InlineData("restforce/external-id-field-unknown-find.json", 404, "GET", "sobjects/Account/23foo", null)]
    [InlineData("restforce/external-id-field-unknown-upsert.json", 404, "PATCH", "sobjects/Account/Namez/x", """{"Name":"x"}""")]
    [InlineData("restforce/describe-not-found.json", 404, "GET", "sobjects/Whizbang/describe", null)]
    [InlineData("restforce/search-malformed.json", 400, "GET", "search?q=foo", null)]
    public async Task The_whole_body_is_the_same(string file, int status, string method, string path, string? body)
    {
        await using var org = await OrgAsync();
        if (status == 401) org.Host.Sessions.ExpireAccessTokens();
        var (given, answer) = await org.SendAsync(new HttpMethod(method), path, body);
        Assert.Equal(status, given);
        Assert.True(JsonNode.DeepEquals(Recorded(file), answer), $"{file}: {answer}");
    }

    [Theory]
    [InlineData("restforce/query-invalid-field-placeholder.json", "GET", "query?q=SELECT+Bogus+FROM+Account", null)]
    [InlineData("restforce/write-invalid-field.json", "POST", "sobjects/Account", """{"Name":"a","foo":1}""")]
    public async Task Shape_and_code_are_the_same(string file, string method, string path, string? body)
    {
        await using var org = await OrgAsync();
        var (status, answer) = await org.SendAsync(new HttpMethod(method), path, body);
        var recorded = Recorded(file);
        Assert.Equal((400, Shape(recorded), recorded[0]!["errorCode"]!.GetValue<string>()), (status, Shape(answer), answer![0]!["errorCode"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("restforce/auth-invalid-password.json", "grant_type=password&client_id=a&username=admin%40sim.example&password=wrong")]
    [InlineData("restforce/auth-expired-refresh-token.json", "grant_type=refresh_token&client_id=a&refresh_token=5Aep-none")]
    public async Task Sign_ins_are_refused_in_the_same_words(string file, string form)
    {
        await using var org = await OrgAsync();
        using var content = new StringContent(form, null, "application/x-www-form-urlencoded");
        using var answer = await org.Http.PostAsync("/services/oauth2/token", content);
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.True(JsonNode.DeepEquals(Recorded(file), JsonNode.Parse(await answer.Content.ReadAsStringAsync())));
    }

    [Fact]
    public async Task Several_records_of_one_key_are_a_list_of_addresses()
    {
        await using var org = await OrgAsync();
        for (var i = 0; i < 2; i++) await org.CreateAsync("Account", new { Name = "a", Shared__c = "k" });
        var recorded = Recorded("restforce/external-id-not-unique-300.json");
        foreach (var (method, body) in ((HttpMethod, string?)[])[(HttpMethod.Get, null), (HttpMethod.Patch, """{"Name":"b"}""")])
        {
            var (status, answer) = await org.SendAsync(method, "sobjects/Account/Shared__c/k", body);
            Assert.Equal((300, Shape(recorded)), (status, Shape(answer)));
            Assert.All(answer!.AsArray(), address => Assert.StartsWith(TestOrg.Base + "/sobjects/Account/001", address!.GetValue<string>(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Composite_answers_hold_their_failures_inside()
    {
        await using var org = await OrgAsync();
        for (var i = 0; i < 17; i++) await org.CreateAsync("Account", new { Name = "a" });
        var (status, answer) = await org.SendAsync(HttpMethod.Post, "composite", new
        {
            compositeRequest = new[]
            {
                new { method = "GET", url = TestOrg.Base + "/query?q=select+count()+from+Account", referenceId = "refAccount" },
                new { method = "GET", url = TestOrg.Base + "/query?q=select+count()+from+XYZZY", referenceId = "refXYZZY" },
            },
        });
        Assert.Equal(200, status);
        Assert.True(JsonNode.DeepEquals(Recorded("cumulusci/composite-invalid-type.json"), answer), answer!.ToJsonString());
        (status, answer) = await org.SendAsync(HttpMethod.Post, "composite", new { compositeRequest = new[] { new { method = "GET", url = TestOrg.Base + "/no/such/thing", referenceId = "CCI__RefId__0__" } } });
        Assert.Equal(200, status);
        Assert.True(JsonNode.DeepEquals(Recorded("cumulusci/composite-not-found.json"), answer), answer!.ToJsonString());
    }

    [Fact]
    public void Every_recorded_body_is_asked_for_above()
    {
        using var index = JsonDocument.Parse(File.ReadAllText(Path.Combine(Shared.Data("errors"), "index.json")));
        var asked = typeof(RecordedErrorTests).GetMethods().SelectMany(method => method.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>()).Select(data => (string)data.Data[0]!)
            .Concat(["restforce/external-id-not-unique-300.json", "cumulusci/composite-invalid-type.json", "cumulusci/composite-not-found.json"]);
        Assert.Equal(index.RootElement.EnumerateArray().Select(body => body.GetProperty("file").GetString()!).Order(StringComparer.Ordinal), asked.Order(StringComparer.Ordinal));
    }
}
