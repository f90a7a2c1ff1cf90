using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

public sealed class AdminTests
{
    private static Dictionary<string, JsonNode> Records(string dump) => dump.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
        .Where(node => node["object"] is not null).ToDictionary(node => node["id"]!.GetValue<string>(), node => node);

    [Fact]
    public async Task The_dump_has_schema_lines_first_then_records_in_id_order_and_files_by_hash()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 600 });
        var lines = (await org.DumpAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        var schemas = lines.TakeWhile(line => line["schema"] is not null).Select(line => line["schema"]!.GetValue<string>()).ToList();
        Assert.Contains("Account", schemas);
        Assert.DoesNotContain("AccountChangeEvent", schemas);
        var records = lines.Skip(schemas.Count).Select(line => (Object: line["object"]!.GetValue<string>(), Id: line["id"]!.GetValue<string>())).ToList();
        Assert.Equal(records.OrderBy(r => r.Object, StringComparer.Ordinal).ThenBy(r => r.Id, StringComparer.Ordinal), records);
        var info = await org.GetAsync("/__info");
        Assert.Equal(info["records"]!.GetValue<int>(), records.Count);

        var version = lines.First(line => line["object"]?.GetValue<string>() == "ContentVersion");
        var bytes = await org.Http.GetByteArrayAsync($"{TestOrg.Base}/sobjects/ContentVersion/{version["id"]}/VersionData");
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes)), version["fields"]!["VersionData"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("npsp-1k")]
    [InlineData("apex-recipes")]
    [InlineData("easy-spaces")]
    [InlineData("")]
    public async Task Damage_changes_deletes_and_purges_as_asked_and_says_the_truth(string folder)
    {
        await using var org = folder.Length > 0 ? await TestOrg.StartAsync(folder) : await TestOrg.StartAsync(new SimulatorOptions { Generate = 5000 });
        var before = Records(await org.DumpAsync());
        var (status, done) = await org.SendAsync(HttpMethod.Post, "/__damage", new { changePercent = 1, deleteParents = 5, purgeShare = 0.5, seed = 3 });
        Assert.Equal(200, status);
        var after = Records(await org.DumpAsync());

        var gone = before.Keys.Except(after.Keys).ToList();
        Assert.Equal(done!["deleted"]!.GetValue<int>(), gone.Count);
        Assert.Equal(5, done["deletedParents"]!.GetValue<int>());
        Assert.True(done["changed"]!.GetValue<int>() >= 1);
        Assert.Empty(after.Keys.Except(before.Keys));
        var untouchable = before.Values.Where(node => node["object"]!.GetValue<string>() is "User" or "Organization" or "Profile" or "RecordType" or "CaseStatus").ToList();
        Assert.All(untouchable, node => Assert.Equal(node.ToJsonString(), after[node["id"]!.GetValue<string>()].ToJsonString()));
        var differing = after.Where(pair => before[pair.Key].ToJsonString() != pair.Value.ToJsonString()).ToList();
        Assert.All(differing, pair => Assert.True(string.CompareOrdinal(pair.Value["fields"]!["SystemModstamp"]!.GetValue<string>(), before[pair.Key]["fields"]!["SystemModstamp"]!.GetValue<string>()) > 0));
        var binned = gone.Count(id => org.Host.Store.Find(id) is not null);
        Assert.Equal(done["purged"]!.GetValue<int>(), gone.Count - binned);
    }

    [Fact]
    public async Task Damage_is_the_same_for_the_same_seed()
    {
        var dumps = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 2000, Time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero)) });
            await org.SendAsync(HttpMethod.Post, "/__damage", new { seed = 9 });
            dumps.Add(await org.DumpAsync());
        }
        Assert.Equal(dumps[0], dumps[1]);
    }

    [Theory]
    [InlineData("drop-row")]
    [InlineData("change-cell")]
    [InlineData("lose-reference")]
    public async Task Sabotage_spoils_exactly_one_record_and_leaves_no_stamp(string kind)
    {
        await using var org = await TestOrg.StartAsync("npsp-1k");
        var before = Records(await org.DumpAsync());
        var (_, done) = await org.SendAsync(HttpMethod.Post, "/__sabotage", new { kind, seed = 5 });
        var after = Records(await org.DumpAsync());
        var id = done!["id"]!.GetValue<string>();
        if (kind == "drop-row") Assert.Equal([id], before.Keys.Except(after.Keys));
        else
        {
            var changed = Assert.Single(after, pair => before[pair.Key].ToJsonString() != pair.Value.ToJsonString());
            var fields = changed.Value["fields"]!.AsObject().Where(field => field.Value?.ToJsonString() != before[id]["fields"]![field.Key]?.ToJsonString()).Select(field => field.Key);
            Assert.Equal([done["field"]!.GetValue<string>()], fields);
        }
    }
}
