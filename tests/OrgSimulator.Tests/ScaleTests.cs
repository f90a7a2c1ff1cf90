using System.Diagnostics;
using OrgSimulator.Loading;
using OrgSimulator.Schema;

namespace OrgSimulator.Tests;

/// <summary>However many records there are, the simulator's memory stays below 300 MB.</summary>
public sealed class ScaleTests
{
    private const int MostMegabytes = 300;

    [Fact]
    public async Task Two_hundred_thousand_records_are_exported_and_dumped_in_little_memory()
    {
        await using var simulator = await SimulatorProcess.StartAsync("--generate", "200000", "--seed", "3", "--as-of", "2026-11-01", "--page", "7000");
        var store = OrgBuilder.Build(new SimulatorOptions { Generate = 200_000, Seed = 3, AsOf = new DateOnly(2026, 11, 1) });
        var expected = store.Table("Contact").All().Select(row => $"\"{row.Id}\",\"{row[store.Schema["Contact"]["Email"].Slot]}\",\"{row[store.Schema["Contact"]["AccountId"].Slot]}\"");
        using var truth = expected.GetEnumerator();
        var rows = 0;
        await foreach (var line in simulator.ExportAsync("SELECT Id, Email, AccountId FROM Contact"))
        {
            Assert.True(truth.MoveNext());
            Assert.Equal(truth.Current, line);
            rows++;
        }
        Assert.False(truth.MoveNext());
        Assert.InRange(rows, 59_000, 60_000);
        await using var dump = await simulator.Http.GetStreamAsync("/__dump");
        var lines = 0;
        using (var reader = new StreamReader(dump))
            while (await reader.ReadLineAsync() is not null) lines++;
        Assert.InRange(lines, 200_000, 203_000);
        Assert.InRange(simulator.PeakMegabytes, 20, MostMegabytes);
    }

    [Fact]
    public async Task A_hundred_million_records_are_there_in_seconds_and_answer_from_the_middle()
    {
        var watch = Stopwatch.StartNew();
        await using var simulator = await SimulatorProcess.StartAsync("--generate", "100000000");
        var ends = (await simulator.QueryAsync("SELECT MIN(Id) a, MAX(Id) z FROM Contact"))["records"]![0]!;
        var (first, last) = (ends["a"]!.GetValue<string>(), ends["z"]!.GetValue<string>());
        var middle = SalesforceId.Compose(first[..3], first[3..5], (SalesforceId.Number(first) + SalesforceId.Number(last)) / 2);
        var page = (await simulator.QueryAsync($"SELECT Id, LastName, Account.Name, SystemModstamp FROM Contact WHERE Id > '{middle}' ORDER BY Id LIMIT 500"))["records"]!.AsArray();
        Assert.Equal(Enumerable.Range(1, 500).Select(i => SalesforceId.Compose(first[..3], first[3..5], SalesforceId.Number(middle) + i)), page.Select(record => record!["Id"]!.GetValue<string>()));
        Assert.Equal(29_999_611, (await simulator.QueryAsync("SELECT COUNT() FROM Contact"))["totalSize"]!.GetValue<int>());
        var account = page.Select(record => record!["Account"]?["attributes"]!["url"]!.GetValue<string>()).First(url => url is not null)!.Split('/')[^1];
        var siblings = (await simulator.QueryAsync($"SELECT Id, AccountId FROM Contact WHERE AccountId = '{account}'"))["records"]!.AsArray();
        Assert.NotEmpty(siblings);
        Assert.All(siblings, sibling => Assert.Equal(account, sibling!["AccountId"]!.GetValue<string>()));
        var stamp = page[250]!["SystemModstamp"]!.GetValue<string>().Replace("+0000", "Z", StringComparison.Ordinal);
        Assert.Contains(page[250]!["Id"]!.GetValue<string>(), (await simulator.QueryAsync($"SELECT Id FROM Contact WHERE SystemModstamp = {stamp}"))["records"]!.AsArray().Select(record => record!["Id"]!.GetValue<string>()));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 90);      // seconds on a machine that does nothing else
        Assert.InRange(simulator.PeakMegabytes, 20, MostMegabytes);
    }

    [Fact]
    public async Task A_hundred_thousand_files_of_mixed_sizes_are_no_burden()
    {
        await using var simulator = await SimulatorProcess.StartAsync("--generate", "500000", "--files", "100000");
        var sizes = new List<long>();
        await foreach (var line in simulator.ExportAsync("SELECT Id, ContentSize FROM ContentDocument")) sizes.Add(long.Parse(line.Split('"')[3], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(100_000, sizes.Count);
        Assert.True(sizes.Count(size => size < 8_000) > 70_000 && sizes.Count(size => size > 60_000) > 3_000 && sizes.Max() > 2_000_000);
        var versions = (await simulator.QueryAsync("SELECT Id, ContentSize, Checksum FROM ContentVersion ORDER BY Id LIMIT 40"))["records"]!.AsArray();
        foreach (var version in versions)
        {
            var bytes = await simulator.Http.GetByteArrayAsync($"{TestOrg.Base}/sobjects/ContentVersion/{version!["Id"]}/VersionData");
#pragma warning disable CA5351 // Salesforce's Checksum is an MD5
            Assert.Equal((version["ContentSize"]!.GetValue<int>(), version["Checksum"]!.GetValue<string>()), (bytes.Length, Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(bytes))));
#pragma warning restore CA5351
        }
        Assert.InRange(simulator.PeakMegabytes, 20, MostMegabytes);
    }
}
