using System.Text.Json.Nodes;

namespace OrgSimulator.Tests.RealClients;

/// <summary>Every bulk command of the unmodified CLI, with its results and its ways to go on.</summary>
public sealed class SalesforceCliBulkTests
{
    private static async Task<string> FileAsync(RealClient client, string text)
    {
        var path = Path.Combine(client.Home, $"{Guid.NewGuid():N}.csv");
        await File.WriteAllTextAsync(path, text);
        return path;
    }

    [Fact]
    public async Task Update_upsert_delete_and_hard_delete()
    {
        var (client, org) = await SalesforceCliTests.SignedInAsync(new SimulatorOptions { DataFolder = Shared.Data("npsp-1k"), Warnings = TextWriter.Null });
        using (client)
        await using (org)
        {
            var ids = await org.IdsAsync("SELECT Id FROM OpportunityContactRole ORDER BY Id LIMIT 3");
            var updated = await client.SfResultAsync("data update bulk -o sim -s OpportunityContactRole -w 5 -f", await FileAsync(client, $"Id,Role\n{ids[0]},Evaluator\n{ids[1]},Evaluator\n"));
            Assert.Equal((2, 2), (updated["processedRecords"]!.GetValue<int>(), updated["successfulRecords"]!.GetValue<int>()));
            Assert.Equal(2, await org.CountAsync("OpportunityContactRole WHERE Role = 'Evaluator'"));

            var account = (await org.IdsAsync("SELECT Id FROM Account LIMIT 1"))[0];
            var upserted = await client.SfResultAsync("data upsert bulk -o sim -s Account -i Id -w 5 -f", await FileAsync(client, $"Id,Name\n{account},Upserted\n"));
            Assert.Equal(1, upserted["jobInfo"]!["numberRecordsProcessed"]!.GetValue<int>());
            Assert.Equal(1, await org.CountAsync("Account WHERE Name = 'Upserted'"));

            var deleted = await client.SfResultAsync("data delete bulk -o sim -s OpportunityContactRole -w 5 -f", await FileAsync(client, $"Id\n{ids[0]}\n"));
            Assert.Equal(1, deleted["jobInfo"]!["numberRecordsProcessed"]!.GetValue<int>());
            await client.SfResultAsync("data delete bulk -o sim -s OpportunityContactRole -w 5 --hard-delete -f", await FileAsync(client, $"Id\n{ids[1]}\n"));
            Assert.Equal([ids[0]], await org.IdsAsync($"SELECT Id FROM OpportunityContactRole WHERE Id IN ('{ids[0]}', '{ids[1]}')", all: true));
        }
    }

    [Fact]
    public async Task Jobs_are_taken_up_again_and_their_results_read_later()
    {
        var (client, org) = await SalesforceCliTests.SignedInAsync(new SimulatorOptions { InProgressPolls = 1 });
        using (client)
        await using (org)
        {
            var job = (await client.SfResultAsync("data import bulk -o sim -s Contact -f", await FileAsync(client, "LastName,Birthdate\nA,2000-01-01\nB,never\n")))["jobId"]!.GetValue<string>();
            var (code, resumed) = await client.SfAsync($"data import resume -i {job} -w 5");
            Assert.True(code != 0 && resumed["name"]!.GetValue<string>() == "FailedRecordDetailsError", resumed.ToJsonString());
            var results = await client.SfResultAsync($"data bulk results -o sim -i {job}");
            Assert.Equal((2, 1, 1), (results["processedRecords"]!.GetValue<int>(), results["successfulRecords"]!.GetValue<int>(), results["failedRecords"]!.GetValue<int>()));
            Assert.Contains("INVALID_TYPE_ON_FIELD_IN_RECORD", await File.ReadAllTextAsync(Path.Combine(client.Home, $"{job}-failed-records.csv")), StringComparison.Ordinal);

            var file = Path.Combine(client.Home, "later.json");
            await client.SfResultAsync("data export bulk -o sim -r json --output-file", file, "-q", "SELECT Id, LastName FROM Contact");
            var (more, exported) = await client.SfAsync("data export resume --use-most-recent");
            Assert.True(more == 0, exported.ToJsonString());
            Assert.Equal("A", JsonNode.Parse(await File.ReadAllTextAsync(file))![0]!["LastName"]!.GetValue<string>());
        }
    }
}
