using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

/// <summary>A planned fault is met when somebody could notice it, not when it was merely its turn.</summary>
public sealed class FaultEffectTests
{
    /// <summary>A fault, what the client does, and what is said of the fault when the org goes.</summary>
    public static TheoryData<string, string, string> Idle => new()
    {
        { "truncate path=/limits bytes=10000000", "GET limits", "Truncate /limits (0 of 1, 1 matching, 1 without effect: the answer had no more than 10000000 bytes, or another fault came first)" },
        { "stall path=/limits bytes=10000000 seconds=1", "GET limits", "Stall /limits (0 of 1, 1 matching, 1 without effect: the answer had no more than 10000000 bytes, or another fault came first)" },
        { "reset path=/limits bytes=10000000", "GET limits", "Reset /limits (0 of 1, 1 matching, 1 without effect: the answer had no more than 10000000 bytes, or another fault came first)" },
        { "truncate path=/sobjects method=DELETE", "DELETE sobjects/Lead/NEW", "Truncate DELETE /sobjects (0 of 1, 1 matching, 1 without effect: the answer had no more than 0 bytes, or another fault came first)" },
        { "duplicateRows path=/limits rows=2", "GET limits", "DuplicateRows /limits (0 of 1, 1 matching, 1 without effect: the answer was no CSV with rows, or another fault came first)" },
        { "duplicateRows path=/results rows=2", "BULK SELECT Id FROM Lead WHERE Id = null", "DuplicateRows /results (0 of 1, 1 matching, 1 without effect: the answer was no CSV with rows, or another fault came first)" },
        { "duplicatePage path=/query", "GET query/01g000000000001AAA-2000", "DuplicatePage /query (0 of 1, 1 matching, 1 without effect: no page of the same query came before, or another fault came first)" },
        { "clockSkew path=/limits", "GET limits", "ClockSkew /limits (0 of 1, 1 matching, 1 without effect: the clock was off by that already)" },
        { "schemaChange path=/limits object=Account field=Website change=add", "GET limits", "SchemaChange /limits Account Website add (0 of 1, 1 matching, 1 without effect: Account.Website was there)" },
        { "schemaChange path=/limits object=Account field=Phone change=retype type=Phone", "GET limits", "SchemaChange /limits Account Phone retype (0 of 1, 1 matching, 1 without effect: Account.Phone was of that type)" },
        { "schemaChange path=/limits object=Account field=Phone change=remove times=2", "GET limits GET limits GET limits", "SchemaChange /limits Account Phone remove (1 of 2, 3 matching, 2 without effect: Account.Phone was not there)" },
        { "schemaChange path=/limits object=Milestone__c change=drop times=2", "GET limits GET limits", "SchemaChange /limits Milestone__c drop (1 of 2, 2 matching, 1 without effect: Milestone__c is gone)" },
        { "lateRows path=/limits object=Organization rows=1", "GET limits",
            "LateRows /limits Organization (0 of 1, 1 matching, 1 without effect: no record of Organization can be made up here: it wants values that only its users know)" },
        { "burst path=/limits object=Organization rows=5", "GET limits",
            "Burst /limits Organization (0 of 1, 1 matching, 1 without effect: no record of Organization can be made up here: it wants values that only its users know)" },
        { "slowJob path=Lead polls=3", "BULK SELECT Id FROM Lead UNPOLLED", "SlowJob Lead (0 of 1, 1 matching, 1 of which nobody has seen the effect)" },
        { "failJob path=Lead", "BULK SELECT Id FROM Lead UNPOLLED", "FailJob Lead (0 of 1, 1 matching, 1 of which nobody has seen the effect)" },
        { "lockRow path=Lead every=3", "POST sobjects/Lead", "LockRow Lead (0 of 1, 1 matching)" },
        { "loseLocator path=/query", "GET query?q=SELECT+Id+FROM+Lead", "LoseLocator /query (0 of 1, 0 matching)" },
    };

    [Theory]
    [MemberData(nameof(Idle))]
    public async Task A_fault_that_nobody_could_notice_is_not_met(string fault, string deeds, string said)
    {
        var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 3000, Faults = [PlannedFault.Parse(fault)] });
        await DoAsync(org, deeds);
        var unmet = await Assert.ThrowsAsync<UnmetFaultException>(async () => await org.DisposeAsync());
        Assert.Equal(said, Assert.Single(unmet.Unmet));
    }

    private static async Task DoAsync(TestOrg org, string deeds)
    {
        foreach (var deed in deeds.Split(["GET ", "POST ", "DELETE ", "BULK "], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            switch (deeds.Split(' ')[0])
            {
                case "BULK":
                    var job = (await org.SendAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = deed.Replace(" UNPOLLED", "", StringComparison.Ordinal) })).Body!["id"];
                    if (deed.EndsWith("UNPOLLED", StringComparison.Ordinal)) break;
                    await org.GetAsync($"jobs/query/{job}");
                    using (await org.Http.GetAsync($"{TestOrg.Base}/jobs/query/{job}/results")) break;
                case "POST": await org.SendAsync(HttpMethod.Post, deed, new { LastName = "x", Company = "y" }); break;
                case "DELETE": await org.SendAsync(HttpMethod.Delete, deed.Replace("NEW", await org.CreateAsync("Lead", new { LastName = "x", Company = "y" }), StringComparison.Ordinal)); break;
                default: await org.SendAsync(HttpMethod.Get, deed); break;
            }
    }

    [Fact]
    public async Task Its_turn_goes_to_the_next_call_where_it_has_an_effect()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 3000, Faults = [new PlannedFault { Kind = FaultKind.Truncate, Path = "/query?q", Bytes = 700 }] });
        await org.QueryAsync("SELECT Id FROM Lead LIMIT 1");
        Assert.Equal(700, (await org.Http.GetByteArrayAsync($"{TestOrg.Base}/query?q=SELECT+Id,Name+FROM+Lead")).Length);
        await org.QueryAsync("SELECT Id, Name FROM Lead");
        Assert.Equal("Truncate /query?q @ 1", Assert.Single(org.Host.Faults.Planned.Trace));
    }

    [Fact]
    public async Task Of_two_faults_that_befall_one_call_the_second_waits_for_the_next()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Faults = [new PlannedFault { Kind = FaultKind.Fail, Path = "/limits" }, new PlannedFault { Kind = FaultKind.Quota, Path = "/limits" }] });
        var statuses = new List<int>();
        for (var i = 0; i < 3; i++) statuses.Add((await org.SendAsync(HttpMethod.Get, "limits")).Status);
        Assert.Equal([503, 403, 200], statuses);
    }

    [Fact]
    public async Task A_page_comes_twice_only_after_a_page_of_the_same_query()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 16_000, Faults = [new PlannedFault { Kind = FaultKind.DuplicatePage }] });
        var first = await org.QueryAsync("SELECT Id FROM Contact");
        await org.QueryAsync("SELECT Id FROM Account");      // another query, and something that is no query, come between
        await org.GetAsync("limits");
        var again = await org.GetAsync(first["nextRecordsUrl"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(first, again));
    }

    [Fact]
    public async Task A_list_with_one_senseless_fault_plans_none()
    {
        await using var org = await TestOrg.StartAsync();
        foreach (var nonsense in (object[])[new object[] { new { kind = "fail", path = "/x" }, new { kind = "fail", rate = 2 } }, new object?[] { null }, "null",
            new { kind = "stall", bytes = 5 }, new { kind = "slowJob", polls = 0 }, new { kind = "schemaChange", change = "add", @object = "Account", field = "X__c", type = "colour" }])
            Assert.Equal(400, (await org.SendAsync(HttpMethod.Post, "/__faults", nonsense)).Status);
        Assert.Empty((await org.GetAsync("/__faults"))["faults"]!.AsArray());
    }
}
