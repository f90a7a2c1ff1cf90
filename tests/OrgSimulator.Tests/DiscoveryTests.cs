using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

public sealed class DiscoveryTests
{
    [Fact]
    public async Task Versions_need_no_session_and_double_slashes_do_not_matter()
    {
        await using var org = await TestOrg.StartAsync();
        using var anonymous = new HttpClient();
        var versions = JsonNode.Parse(await anonymous.GetStringAsync(org.Host.Url + "//services/data"))!.AsArray();
        Assert.Equal(("31.0", "68.0", "Winter \u201927"), (versions[0]!["version"]!.GetValue<string>(), versions[^1]!["version"]!.GetValue<string>(), versions[^1]!["label"]!.GetValue<string>()));
        Assert.Equal("Winter \u201926", versions[^4]!["label"]!.GetValue<string>());
        var resources = await org.GetAsync(org.Host.Url + "//services/data/v51.0/");
        Assert.Equal($"{org.Host.Url}/id/{org.Host.Store.OrganizationId}/{org.Host.Store.AdminId}", resources["identity"]!.GetValue<string>());
        Assert.Equal((410, 410, 404, 404), ((await org.SendAsync(HttpMethod.Get, "/services/data/v30.0/limits")).Status, (await org.SendAsync(HttpMethod.Get, "/services/data/v21.0/limits")).Status,
            (await org.SendAsync(HttpMethod.Get, "/services/data/v20.0/limits")).Status, (await org.SendAsync(HttpMethod.Get, "/services/data/v69.0/limits")).Status));
    }

    [Fact]
    public async Task Every_answer_counts_and_says_so_until_the_quota_is_gone()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { ApiLimit = 2 });
        using var answer = await org.Http.GetAsync(TestOrg.Base + "/limits");
        Assert.Equal("api-usage=1/2", answer.Headers.GetValues("Sforce-Limit-Info").Single());
        Assert.NotNull(answer.Headers.Date);
        await org.GetAsync("limits");
        var (status, body) = await org.SendAsync(HttpMethod.Get, "limits");
        Assert.Equal((403, "REQUEST_LIMIT_EXCEEDED"), (status, body![0]!["errorCode"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Gzip_works_both_ways()
    {
        await using var org = await TestOrg.StartAsync();
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true)) await gzip.WriteAsync("""{"Name":"zipped"}"""u8.ToArray());
        using var content = new ByteArrayContent(zipped.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        content.Headers.ContentType = new("application/json");
        Assert.Equal(201, (int)(await org.Http.PostAsync(TestOrg.Base + "/sobjects/Account", content)).StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, TestOrg.Base + "/sobjects");
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var answer = await org.Http.SendAsync(request);
        Assert.Equal("gzip", answer.Content.Headers.ContentEncoding.Single());
        await using var plain = new GZipStream(await answer.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.StartsWith("{\"encoding\"", await new StreamReader(plain, Encoding.UTF8).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Account")]
    [InlineData("Contact")]
    [InlineData("Opportunity")]
    [InlineData("Case")]
    [InlineData("Lead")]
    [InlineData("Event")]
    public async Task Describes_have_the_keys_of_recorded_ones(string name)
    {
        using var recorded = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Shared.Data("describes"), name + ".describe.json")));
        await using var org = await TestOrg.StartAsync();
        var ours = await org.GetAsync($"sobjects/{name}/describe");
        // Recordings older than API 52 lack two keys; no recording has one that ours lack.
        Assert.Empty(Keys(recorded.RootElement).Except(ours.AsObject().Select(pair => pair.Key)));
        Assert.Equal((45, 57), (ours.AsObject().Count, ours["fields"]![0]!.AsObject().Count));
        Assert.Equal(Keys(recorded.RootElement.GetProperty("fields")[0]), ours["fields"]![0]!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Equal(Keys(recorded.RootElement.GetProperty("childRelationships")[0]), ours["childRelationships"]![0]!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Equal(Keys(recorded.RootElement.GetProperty("recordTypeInfos")[0]), ours["recordTypeInfos"]![0]!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Common_fields_have_the_type_and_the_rights_that_were_recorded()
    {
        await using var org = await TestOrg.StartAsync();
        var differences = new List<string>();
        foreach (var name in (string[])["Account", "Contact", "Opportunity", "Case", "Lead", "Event"])
        {
            using var recorded = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Shared.Data("describes"), name + ".describe.json")));
            var real = recorded.RootElement.GetProperty("fields").EnumerateArray().ToDictionary(field => field.GetProperty("name").GetString()!);
            foreach (var field in (await org.GetAsync($"sobjects/{name}/describe"))["fields"]!.AsArray())
                if (real.TryGetValue(field!["name"]!.GetValue<string>(), out var other))
                    foreach (var key in (string[])["type", "createable", "updateable", "nillable", "calculated", "autoNumber", "nameField", "compoundFieldName", "relationshipName", "soapType"])
                        if (!(key == "compoundFieldName" && field["name"]!.GetValue<string>() is "Name" or "FiscalYear" or "FiscalQuarter") && !field["name"]!.GetValue<string>().StartsWith("Jigsaw", StringComparison.Ordinal)
                            && (field[key]?.ToJsonString() ?? "null") != other.GetProperty(key).GetRawText())
                            differences.Add($"{name}.{field["name"]}.{key}: {field[key]?.ToJsonString()} but recorded {other.GetProperty(key).GetRawText()}");
        }
        Assert.Equal("", string.Join('\n', differences));
    }

    [Fact]
    public async Task Describe_global_lists_what_cannot_be_backed_up_with_its_marks()
    {
        await using var org = await TestOrg.StartAsync();
        var all = (await org.GetAsync("sobjects"))["sobjects"]!.AsArray().ToDictionary(entry => entry!["name"]!.GetValue<string>(), entry => entry!);
        Assert.Equal(("ChangeEvent", "Account"), (all["AccountChangeEvent"]["associateEntityType"]!.GetValue<string>(), all["AccountChangeEvent"]["associateParentEntity"]!.GetValue<string>()));
        Assert.False(all["Sync_Notice__e"]["queryable"]!.GetValue<bool>());
        Assert.Null(all["AccountHistory"]["keyPrefix"]);
        Assert.True(all["CaseStatus"]["queryable"]!.GetValue<bool>());
        Assert.Equal(4, await org.CountAsync("CaseStatus"));
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, "sobjects/Nope/describe")).Status);
    }

    private static IEnumerable<string> Keys(JsonElement element) => element.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal);
}
