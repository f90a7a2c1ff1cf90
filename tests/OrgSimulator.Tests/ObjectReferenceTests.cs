using OrgSimulator.Loading;

namespace OrgSimulator.Tests;

public sealed class ObjectReferenceTests
{
    [Fact]
    public async Task All_standard_objects_of_the_reference_are_listed_with_their_capabilities()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { ObjectReference = Path.Combine(Shared.Data("object-reference"), "objects.ndjson.gz") });
        var all = (await org.GetAsync("sobjects"))["sobjects"]!.AsArray().ToDictionary(entry => entry!["name"]!.GetValue<string>(), entry => entry!);
        Assert.True(all.Count >= 3905, $"{all.Count} objects");
        Assert.Equal(("02i", true, true), Of("Asset"));
        Assert.False(all["AggregateResult"]["queryable"]!.GetValue<bool>());
        Assert.False(all["ApexCodeCoverage"]["createable"]!.GetValue<bool>());
        var prefixes = all.Values.Select(entry => entry["keyPrefix"]?.GetValue<string>()).OfType<string>().ToList();
        Assert.Equal(prefixes.Count, prefixes.Distinct(StringComparer.Ordinal).Count());

        (string?, bool, bool) Of(string name) =>
            (all[name]["keyPrefix"]?.GetValue<string>(), all[name]["createable"]!.GetValue<bool>(), all[name]["queryable"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Objects_of_the_reference_hold_records_and_refuse_queries_where_the_reference_says_so()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { ObjectReference = Path.Combine(Shared.Data("object-reference"), "objects.ndjson.gz") });
        var account = await org.CreateAsync("Account", new { Name = "Acme", TickerSymbol = "ACM" });
        var asset = await org.CreateAsync("Asset", new { Name = "Pump", AccountId = account });
        Assert.StartsWith("02i", asset, StringComparison.Ordinal);
        var found = await org.QueryAsync("SELECT Name, Account.Name FROM Asset WHERE SystemModstamp > 2020-01-01T00:00:00Z");
        Assert.Equal("Acme", found["records"]![0]!["Account"]!["Name"]!.GetValue<string>());
        Assert.StartsWith("INVALID_TYPE_FOR_OPERATION: entity type AggregateResult does not support query", await org.RefusalAsync("SELECT Id FROM AggregateResult"), StringComparison.Ordinal);
        Assert.Equal("FieldDefinition", (await org.GetAsync("sobjects/FieldDefinition/describe"))["name"]!.GetValue<string>());
    }

    [Fact]
    public void A_file_that_is_no_reference_is_refused_by_line()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "{\"name\":\"A\",\"properties\":{}}\n[]\n");
            Assert.Contains(", line 2: it is no object with name and properties", Refusal(path), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
        Assert.Contains("does not exist", Refusal(path), StringComparison.Ordinal);

        static string Refusal(string path) => Assert.Throws<LoadException>(() => OrgBuilder.Build(new SimulatorOptions { ObjectReference = path })).Message;
    }
}
