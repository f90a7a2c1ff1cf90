using System.Text.Json.Nodes;

namespace OrgSimulator.Tests.RealClients;

public sealed class JsforceTests
{
    [Fact]
    public async Task Every_call_tried_gives_what_it_should()
    {
        using var client = await RealClient.InstallAsync();
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { DataFolder = Shared.Data("npsp-1k"), PasswordSignIn = true });
        var store = org.Host.Store;
        store.Schema["Account"].Deploy(new OrgSimulator.Schema.Field("Key__c", OrgSimulator.Schema.FieldType.String) { Length = 40, ExternalId = true });
        var output = JsonNode.Parse(await client.ScriptAsync("jsforce.mjs", org.Host.Url, org.Host.NewAccessToken(), org.Host.NewRefreshToken(), "admin@sim.example", "simulator"))!;
        var id = output["id"]!.GetValue<string>();
        var expected = new Dictionary<string, string>
        {
            ["identity"] = $"\"{store.OrganizationId}\"", ["query"] = "1223", ["queryAll"] = "1223", ["describe"] = "true", ["describeGlobal"] = "true", ["create"] = "true",
            ["createMany"] = "[true,true,false]", ["retrieve"] = "\"from jsforce\"", ["retrieveMany"] = "[\"from jsforce\",null]", ["update"] = "true", ["limits"] = "true",
            ["limitInfo"] = "100000", ["recent"] = "true", ["bulkQuery"] = "1024", ["queryPaged"] = "[false,1499]", ["updateMany"] = "[true,true]", ["upsertOne"] = "[true,false]",
            ["upsertMany"] = "[false,true]", ["destroyMany"] = "[true,true]", ["versionData"] = "\"hello\"", ["metadataList"] = "true", ["metadataDescribe"] = "true", ["deadSession"] = "\"INVALID_SESSION_ID\"",
            ["bulkLoad"] = "[2,1,\"REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --\",0]", ["destroy"] = "true", ["deleted"] = $"[\"{id}\"]", ["updated"] = "true",
            ["badQuery"] = "\"INVALID_FIELD\"", ["refresh"] = "1", ["clientCredentials"] = "1", ["soapLogin"] = $"\"{store.OrganizationId}\"",
        };
        Assert.Equal(expected.Select(pair => $"{pair.Key}: {pair.Value}"), expected.Keys.Select(name => $"{name}: {output[name]?.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })}"));
    }
}
