using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

/// <summary>Groups: their order, their subtotals, what HAVING asks, what is refused.</summary>
public sealed class SoqlGroupTests
{
    private static async Task<TestOrg> OrgAsync()
    {
        var org = await TestOrg.StartAsync();
        foreach (var (name, rating, industry, revenue) in ((string, string?, string?, int)[])
                 [("A", "Hot", "Energy", 10), ("B", "Hot", "Energy", 30), ("C", "Hot", "Banking", 5), ("D", "Cold", "Energy", 100), ("E", null, "Banking", 7)])
            await org.CreateAsync("Account", new { Name = name, Rating = rating, Industry = industry, AnnualRevenue = revenue });
        return org;
    }

    private static async Task<string> LinesAsync(TestOrg org, string soql) => string.Join(' ', (await org.QueryAsync(soql))["records"]!.AsArray()
        .Select(record => string.Join('/', record!.AsObject().Where(pair => pair.Key != "attributes").Select(pair => pair.Value?.ToJsonString().Trim('"') ?? "-"))));

    [Theory]
    [InlineData("SELECT Rating, COUNT(Id) n FROM Account GROUP BY Rating ORDER BY COUNT(Id) DESC, Rating NULLS LAST", "Hot/3 Cold/1 -/1")]
    [InlineData("SELECT Rating FROM Account GROUP BY Rating ORDER BY SUM(AnnualRevenue)", "- Hot Cold")]
    [InlineData("SELECT Rating FROM Account GROUP BY Rating ORDER BY Rating DESC NULLS FIRST LIMIT 2", "- Hot")]
    [InlineData("SELECT Rating r, MAX(AnnualRevenue) most FROM Account GROUP BY Rating HAVING MIN(AnnualRevenue) > 6 ORDER BY Rating", "-/7.0 Cold/100.0")]
    [InlineData("SELECT Rating FROM Account GROUP BY Rating HAVING Rating LIKE 'H%' OR SUM(AnnualRevenue) IN (100, 3)", "Cold Hot")]
    [InlineData("SELECT Rating FROM Account GROUP BY Rating HAVING NOT (COUNT(Id) = 1)", "Hot")]
    [InlineData("SELECT Rating, Industry, COUNT(Id) n FROM Account WHERE Rating != null GROUP BY ROLLUP(Rating, Industry)", "Cold/Energy/1 Cold/-/1 Hot/Banking/1 Hot/Energy/2 Hot/-/3 -/-/4")]
    [InlineData("SELECT Rating, GROUPING(Rating) g, COUNT(Id) n FROM Account GROUP BY ROLLUP(Rating) ORDER BY GROUPING(Rating), COUNT(Id)", "-/0/1 Cold/0/1 Hot/0/3 -/1/5")]
    [InlineData("SELECT Rating, Industry, COUNT(Id) n FROM Account WHERE Rating != null GROUP BY CUBE(Rating, Industry) HAVING GROUPING(Rating) = 1", "-/Banking/1 -/Energy/3 -/-/4")]
    [InlineData("SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) FROM Account GROUP BY CALENDAR_YEAR(CreatedDate) ORDER BY CALENDAR_YEAR(CreatedDate)", null)]
    public async Task Groups_come_as_asked(string soql, string? expected)
    {
        await using var org = await OrgAsync();
        Assert.Equal(expected ?? $"{DateTime.UtcNow.Year}/5", await LinesAsync(org, soql));
    }

    [Theory]
    [InlineData("SELECT Name, COUNT(Id) FROM Account GROUP BY Rating", "Field must be grouped or aggregated: Name")]
    [InlineData("SELECT Rating, COUNT(Id) FROM Account GROUP BY Rating ORDER BY Name", "Ordered field must be grouped or aggregated: Name")]
    [InlineData("SELECT Rating FROM Account GROUP BY Rating HAVING Name = 'x'", "Having field must be grouped or aggregated: Name")]
    [InlineData("SELECT CreatedDate, COUNT(Id) FROM Account GROUP BY CreatedDate", "field 'CreatedDate' can not be grouped in a query call")]
    [InlineData("SELECT MAX(IsDeleted) FROM Account", "field IsDeleted does not support aggregate operator MAX")]
    [InlineData("SELECT SUM(Name) FROM Account", "field Name does not support aggregate operator SUM")]
    [InlineData("SELECT MAX(Name) FROM Account LIMIT 1", "cannot also use LIMIT")]
    [InlineData("SELECT Name, Owner.Name FROM Account GROUP BY Name, Owner.Name", "duplicate alias: Name")]
    [InlineData("SELECT Name n FROM Account", "only aggregate expressions use field aliasing")]
    [InlineData("SELECT GROUPING(Name) FROM Account GROUP BY ROLLUP(Rating)", "unexpected token: 'GROUPING'")]
    [InlineData("SELECT Rating FROM Account GROUP BY ROLLUP(Rating, Industry, Name, Phone)", "at most 3 fields")]
    [InlineData("SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account", "only root queries support aggregate expressions")]
    [InlineData("SELECT Id FROM Account WHERE HOUR_IN_DAY(CreatedDate) LIKE '1%'", "invalid operator on int field")]
    public async Task What_makes_no_group_is_refused(string soql, string words)
    {
        await using var org = await OrgAsync();
        Assert.Contains(words, await org.RefusalAsync(soql), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_two_thousand_groups_have_no_second_page()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 20_000 });
        Assert.StartsWith("EXCEEDED_ID_LIMIT: Aggregate query does not support queryMore()", await org.RefusalAsync("SELECT Id, COUNT(LastName) FROM Contact GROUP BY Id"), StringComparison.Ordinal);
        Assert.Equal(2000, (await org.QueryAsync("SELECT Id, COUNT(LastName) FROM Contact GROUP BY Id LIMIT 2000"))["totalSize"]!.GetValue<int>());
    }

    [Fact]
    public async Task Subtotals_agree_with_the_groups_they_sum_up()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 6000 });
        var plain = (await org.QueryAsync("SELECT StageName s, Type t, COUNT(Id) n FROM Opportunity GROUP BY StageName, Type"))["records"]!.AsArray();
        var cube = (await org.QueryAsync("SELECT StageName s, Type t, COUNT(Id) n, GROUPING(StageName) gs, GROUPING(Type) gt FROM Opportunity GROUP BY CUBE(StageName, Type)"))["records"]!.AsArray();
        static int Sum(IEnumerable<JsonNode?> records) => records.Sum(record => record!["n"]!.GetValue<int>());
        static bool Same(JsonNode? a, JsonNode? b, string key) => a![key]?.ToJsonString() == b![key]?.ToJsonString();
        var count = await org.CountAsync("Opportunity");
        Assert.Equal([count, count, count, count], ((int, int)[])[(0, 0), (0, 1), (1, 0), (1, 1)] is var kinds
            ? kinds.Select(kind => Sum(cube.Where(record => (record!["gs"]!.GetValue<int>(), record["gt"]!.GetValue<int>()) == kind))) : []);
        foreach (var subtotal in cube.Where(record => record!["gs"]!.GetValue<int>() == 0 && record["gt"]!.GetValue<int>() == 1))
            Assert.Equal(Sum(plain.Where(record => Same(record, subtotal, "s"))), subtotal!["n"]!.GetValue<int>());
    }
}
