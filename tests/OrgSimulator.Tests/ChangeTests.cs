using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace OrgSimulator.Tests;

public sealed class ChangeTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task So_many_changes_are_made_and_found_by_their_stamps()
    {
        var time = new FakeTimeProvider(Start);
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 20_000, Time = time });
        var (_, done) = await org.SendAsync(HttpMethod.Post, "/__change", new { count = 400 });
        int Of(string what) => done![what]!.GetValue<int>();
        Assert.InRange(Of("updated"), 200, 340);
        Assert.InRange(Of("inserted"), 30, 140);
        Assert.InRange(Of("deleted"), 10, 90);
        Assert.Equal(400, Of("updated") + Of("inserted") + Of("deleted") + Of("refused"));
        var stamped = 0;
        foreach (var name in (string[])["Account", "Contact", "Lead", "Skill__c", "Project__c", "Milestone__c", "Opportunity", "Case", "Assignment__c", "Task"])
            stamped += (await org.QueryAsync($"SELECT COUNT() FROM {name} WHERE SystemModstamp >= 2026-11-01T08:00:00Z", all: true))["totalSize"]!.GetValue<int>();
        Assert.InRange(stamped, 200, 2000);      // a deleted record takes its children along or stamps them
    }

    [Fact]
    public async Task The_same_seed_lives_the_same_life_and_the_rate_is_kept()
    {
        var dumps = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            var time = new FakeTimeProvider(Start);
            await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 3000, Time = time, ChangesPerHour = 600 });
            var before = await org.DumpAsync();
            time.Advance(TimeSpan.FromMinutes(30));
            await org.GetAsync("limits");
            dumps.Add(await org.DumpAsync());
            Assert.InRange(dumps[^1].Split('\n').Except(before.Split('\n')).Count(), 150, 1500);
        }
        Assert.Equal(dumps[0], dumps[1]);
    }

    /// <summary>What stands in the overlay and what is generated must look like one table to every kind of reading.</summary>
    [Fact]
    public async Task All_ways_of_reading_agree_after_many_changes()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 8000, BulkPageSize = 170 });
        await org.SendAsync(HttpMethod.Post, "/__change", new { count = 1500 });
        await org.SendAsync(HttpMethod.Post, "/__damage", new { deleteParents = 20, purgeShare = 0.5 });
        var dump = (await org.DumpAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).Where(line => line["object"] is not null).ToList();
        foreach (var name in (string[])["Account", "Contact", "Opportunity", "Assignment__c", "Project__c"])
        {
            var truth = dump.Where(line => line["object"]!.GetValue<string>() == name).Select(line => line["id"]!.GetValue<string>()).ToList();
            Assert.Equal(truth, await BulkAsync(org, $"SELECT Id FROM {name}"));
            Assert.Equal(truth.AsEnumerable().Reverse(), await BulkAsync(org, $"SELECT Id FROM {name} ORDER BY Id DESC"));
            var (low, high) = (truth[truth.Count / 3], truth[truth.Count * 2 / 3]);
            var between = truth[(truth.Count / 3)..(truth.Count * 2 / 3)];
            Assert.Equal(between, await BulkAsync(org, $"SELECT Id FROM {name} WHERE Id >= '{low}' AND Id < '{high}'"));
            Assert.Equal(between.Take(50), await org.IdsAsync($"SELECT Id FROM {name} WHERE Id >= '{low}' ORDER BY Id LIMIT 50"));
            Assert.Equal(between.Count, await org.CountAsync($"{name} WHERE Id >= '{low}' AND Id < '{high}'"));
            var ends = (await org.QueryAsync($"SELECT MIN(Id) a, MAX(Id) z, COUNT(Id) n FROM {name}"))["records"]![0]!;
            Assert.Equal((truth[0], truth[^1], truth.Count), (ends["a"]!.GetValue<string>(), ends["z"]!.GetValue<string>(), ends["n"]!.GetValue<int>()));
            var edges = (await org.QueryAsync($"SELECT MIN(Id) a, MAX(Id) z FROM {name} WHERE Id >= '{low}' AND Id < '{high}'"))["records"]![0]!;
            Assert.Equal((between[0], between[^1]), (edges["a"]!.GetValue<string>(), edges["z"]!.GetValue<string>()));
            var stamps = dump.Where(line => line["object"]!.GetValue<string>() == name).Select(line => (Id: line["id"]!.GetValue<string>(), At: line["fields"]!["SystemModstamp"]!.GetValue<string>())).ToList();
            var since = stamps.Select(stamp => stamp.At).Order(StringComparer.Ordinal).ElementAt(stamps.Count * 9 / 10).Replace("+0000", "Z", StringComparison.Ordinal);
            Assert.Equal(stamps.Where(stamp => string.CompareOrdinal(stamp.At.Replace("+0000", "Z", StringComparison.Ordinal), since) >= 0).Select(stamp => stamp.Id),
                await BulkAsync(org, $"SELECT Id FROM {name} WHERE SystemModstamp >= {since}"));
        }
        var children = dump.Where(line => line["object"]!.GetValue<string>() == "Contact" && line["fields"]!["AccountId"] is not null).ToLookup(line => line["fields"]!["AccountId"]!.GetValue<string>(), line => line["id"]!.GetValue<string>());
        foreach (var parent in children.OrderByDescending(group => group.Count()).Take(3))
        {
            Assert.Equal(parent, await org.IdsAsync($"SELECT Id FROM Contact WHERE AccountId = '{parent.Key}'"));
            Assert.Equal(parent, (await org.QueryAsync($"SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Id = '{parent.Key}'"))["records"]![0]!["Contacts"]!["records"]!.AsArray().Select(child => child!["Id"]!.GetValue<string>()));
        }
        var rollUps = dump.Where(line => line["object"]!.GetValue<string>() == "Project__c").ToDictionary(line => line["id"]!.GetValue<string>(), line => line["fields"]!["Assignments__c"]!.GetValue<double>());
        var details = dump.Where(line => line["object"]!.GetValue<string>() == "Assignment__c").ToLookup(line => line["fields"]!["Project__c"]!.GetValue<string>());
        Assert.All(rollUps, rollUp => Assert.Equal(details[rollUp.Key].Count(), rollUp.Value));
    }

    private static async Task<List<string>> BulkAsync(TestOrg org, string soql)
    {
        var job = $"{TestOrg.Base}/jobs/query/{(await org.SendAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = soql })).Body!["id"]}";
        await org.GetAsync(job);
        var ids = new List<string>();
        for (var locator = ""; locator != "null";)
        {
            using var answer = await org.Http.GetAsync($"{job}/results?locator={locator}");
            ids.AddRange((await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Trim('"')));
            locator = answer.Headers.GetValues("Sforce-Locator").Single();
        }
        return ids;
    }
}
