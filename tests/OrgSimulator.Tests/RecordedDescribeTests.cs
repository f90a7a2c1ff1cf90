using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrgSimulator.Tests;

public sealed partial class RecordedDescribeTests
{
    public static TheoryData<string> Recordings =>
        ["Account", "Case", "Contact", "Custom__c", "Event", "Lead", "Opportunity", "OpportunityContactRole", "PersonAccount"];

    [Theory]
    [MemberData(nameof(Recordings))]
    public async Task Every_recorded_describe_comes_back_key_for_key_and_value_for_value(string file)
    {
        var path = Path.Combine(Shared.Data("describes"), file + ".describe.json");
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Describes = [path] });
        var recorded = JsonNode.Parse(await File.ReadAllBytesAsync(path))!;
        var ours = await org.GetAsync($"sobjects/{recorded["name"]}/describe");
        Assert.Equal(recorded.AsObject().Select(pair => pair.Key), ours.AsObject().Select(pair => pair.Key));
        Assert.Equal("", string.Join('\n', Differences(recorded, ours, "").Take(20)));
    }

    [Fact]
    public async Task All_recordings_together_come_back_and_the_recorded_describe_global_too()
    {
        var folder = Shared.Data("describes");
        using var warnings = new StringWriter();
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Describes = [folder], Warnings = warnings });
        Assert.Contains("PersonAccount.describe.json: left out, Account.describe.json describes Account, too", warnings.ToString(), StringComparison.Ordinal);
        foreach (var name in Recordings.Select(row => row.Data).Where(name => name != "PersonAccount"))
        {
            var recorded = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, name + ".describe.json")))!;
            Assert.Equal("", string.Join('\n', Differences(recorded, await org.GetAsync($"sobjects/{name}/describe"), "").Take(20)));
        }
        var global = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "global.json")))!;
        var ours = (await org.GetAsync("sobjects"))["sobjects"]!.AsArray().ToDictionary(entry => entry!["name"]!.GetValue<string>(), entry => entry!);
        foreach (var entry in global["sobjects"]!.AsArray())
            Assert.Equal("", string.Join('\n', Differences(entry!, ours[entry!["name"]!.GetValue<string>()], "").Take(20)));
    }

    [Fact]
    public async Task An_object_that_was_recorded_keeps_records_by_its_recorded_fields()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Describes = [Shared.Data("describes")], Warnings = TextWriter.Null });
        var account = await org.CreateAsync("Account", new { Name = "Acme", BillingCity = "Bern" });
        var contact = await org.CreateAsync("Contact", new { FirstName = "Ada", LastName = "Ito", AccountId = account });
        await org.CreateAsync("Opportunity", new { Name = "Deal", StageName = "Closed Won", CloseDate = "2026-01-31", Amount = 12.5, AccountId = account });
        await org.CreateAsync("Case", new { Subject = "Help", ContactId = contact });
        await org.CreateAsync("Lead", new { LastName = "Lee", Company = "Lee Ltd" });
        var found = await org.QueryAsync("SELECT Name, Account.BillingCity FROM Contact WHERE Account.Name = 'Acme'");
        Assert.Equal(("Ada Ito", "Bern"), (found["records"]![0]!["Name"]!.GetValue<string>(), found["records"]![0]!["Account"]!["BillingCity"]!.GetValue<string>()));
        var won = (await org.QueryAsync("SELECT IsWon, ExpectedRevenue, (SELECT ContactId FROM OpportunityContactRoles) FROM Opportunity"))["records"]![0]!;
        Assert.Equal((true, 12.5m), (won["IsWon"]!.GetValue<bool>(), won["ExpectedRevenue"]!.GetValue<decimal>()));
        Assert.Equal(200, (await org.SendAsync(HttpMethod.Get, $"sobjects/Case/{(await org.IdsAsync("SELECT Id FROM Case"))[0]}")).Status);
        Assert.Equal((1, 1), (await org.CountAsync("Opportunity WHERE AccountId != null"), (await org.QueryAsync("SELECT FIELDS(ALL) FROM Lead LIMIT 1"))["totalSize"]!.GetValue<int>()));
    }

    /// <summary>Recordings of API 59 have all keys; older ones lack some, and no object has others.</summary>
    [Fact]
    public async Task Describes_of_the_built_in_schema_have_the_key_sets_of_recorded_ones_for_every_kind_of_object_and_field()
    {
        var lead = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(Shared.Data("describes"), "Lead.describe.json")))!;
        var custom = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(Shared.Data("describes"), "Custom__c.describe.json")))!;
        Assert.Equal(Keys(lead), Keys(custom));
        await using var org = await TestOrg.StartAsync("easy-spaces");
        var types = new HashSet<string>();
        foreach (var entry in (await org.GetAsync("sobjects"))["sobjects"]!.AsArray())
        {
            var name = entry!["name"]!.GetValue<string>();
            var ours = await org.GetAsync($"sobjects/{name}/describe");
            Assert.Equal((name, Keys(lead)), (name, Keys(ours)));
            foreach (var field in ours["fields"]!.AsArray())
            {
                Assert.Equal((name, Keys(lead["fields"]![0]!)), (name, Keys(field!)));
                types.Add(field!["type"]!.GetValue<string>());
                foreach (var value in field["picklistValues"]!.AsArray()) Assert.Equal("active,defaultValue,label,validFor,value", Keys(value!));
            }
            foreach (var child in ours["childRelationships"]!.AsArray()) Assert.Equal((name, Keys(lead["childRelationships"]![0]!)), (name, Keys(child!)));
            foreach (var info in ours["recordTypeInfos"]!.AsArray()) Assert.Equal((name, Keys(lead["recordTypeInfos"]![0]!)), (name, Keys(info!)));
        }
        Assert.Superset(new HashSet<string> { "id", "string", "textarea", "boolean", "int", "double", "currency", "percent", "date", "datetime", "time", "email", "phone", "url", "picklist", "multipicklist",
            "reference", "base64", "address" }, types);
    }

    [Fact]
    public async Task Data_and_describes_together_add_what_the_recording_lacks()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Describes = [Path.Combine(Shared.Data("describes"), "Contact.describe.json")], DataFolder = Shared.Data("npsp-1k"), Warnings = TextWriter.Null });
        Assert.Equal(1024, await org.CountAsync("Contact WHERE LastName != null"));
        var names = (await org.GetAsync("sobjects/Contact/describe"))["fields"]!.AsArray().Select(field => field!["name"]!.GetValue<string>()).ToList();
        Assert.Contains("Jigsaw", names);
        Assert.Contains(names, name => name.EndsWith("__c", StringComparison.Ordinal));
    }

    private static string Keys(JsonNode node) => string.Join(',', node.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal));

    /// <summary>Everything that differs, but for hosts and versions inside addresses.</summary>
    private static IEnumerable<string> Differences(JsonNode? recorded, JsonNode? ours, string path)
    {
        switch (recorded, ours)
        {
            case (JsonObject left, JsonObject right):
                foreach (var key in left.Select(pair => pair.Key).Union(right.Select(pair => pair.Key)))
                    if (left.ContainsKey(key) != right.ContainsKey(key)) yield return $"{path}/{key} stands on one side only";
                    else
                        foreach (var difference in Differences(left[key], right[key], $"{path}/{key}")) yield return difference;
                break;
            case (JsonArray left, JsonArray right):
                if (left.Count != right.Count) yield return $"{path}: {left.Count} items recorded, {right.Count} here";
                for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
                    foreach (var difference in Differences(left[i], right[i], $"{path}[{i}]")) yield return difference;
                break;
            default:
                var (was, now) = (Plain(recorded), Plain(ours));
                if (was != now) yield return $"{path}: recorded {was}, here {now}";
                break;
        }
    }

    private static string Plain(JsonNode? node) => Place().Replace(node?.ToJsonString() ?? "null", "");

    [GeneratedRegex("^\"(https?://[^/\"]+|/services/data/v[^/]+)")]
    private static partial Regex Place();
}
