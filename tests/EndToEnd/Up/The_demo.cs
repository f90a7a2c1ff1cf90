using System.Text.Json;
using Xunit;

namespace EndToEnd.Up;

/// <summary>The promise of the whole project: what is lost in the org comes back, and nothing differs.</summary>
public sealed class The_demo
{
    private static readonly string[] Members =
    [
        "objects", "records", "files", "bytesRead", "bytesStored", "textSpaceSaved", "incrementalRecordsRead", "deletesSeen", "deletedParents", "restored",
        "comparedRecords", "comparedFields", "differences", "seconds", "peakMemoryBytes",
    ];

    [Theory]
    [InlineData("npsp-1k", 17_000, 0.6)]
    [InlineData("apex-recipes", 300, 0.5)]
    [InlineData("easy-spaces", 150, 0.5)]
    [InlineData("lwc-recipes", 25, 0.3)]    // so few rows that the index of each segment weighs
    public async Task Leaves_no_difference_on_the_data_of(string name, long atLeastRecords, double atLeastSaved)
    {
        using var state = new TemporaryFolder();
        var (run, report) = await UpDemo.RunAsync(state.Path, "--data", Repository.SharedData(name));
        AssertWhole(run, report);
        Assert.True(report.GetProperty("records").GetInt64() >= atLeastRecords, report.ToString());
        Assert.True(report.GetProperty("textSpaceSaved").GetDouble() >= atLeastSaved, report.ToString());
    }

    [Fact]
    public async Task Leaves_no_difference_on_a_generated_org_with_cycles_and_files()
    {
        using var state = new TemporaryFolder();
        var (run, report) = await UpDemo.RunAsync(state.Path, "--generate", "20000", "--seed", "11");
        AssertWhole(run, report);
        Assert.True(report.GetProperty("files").GetInt64() > 0, report.ToString());
    }

    [Fact]
    public async Task Stays_small_in_memory_with_a_million_records()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("NIGHTLY") is not null, "a long run: ./test --nightly");
        using var state = new TemporaryFolder();
        var (run, report) = await UpDemo.RunAsync(state.Path, "--generate", "1000000");
        AssertWhole(run, report);
        Assert.True(report.GetProperty("peakMemoryBytes").GetInt64() < 512L << 20, report.ToString());
    }

    [Theory]
    [InlineData("drop-row", "is missing")]
    [InlineData("change-cell", "was ")]
    [InlineData("lose-reference", "was ")]
    public async Task Fails_and_names_the_difference_after(string sabotage, string words)
    {
        using var state = new TemporaryFolder();
        var (run, report) = await UpDemo.RunAsync(state.Path, "--generate", "1000", "--sabotage", sabotage);
        Assert.Equal(1, run.ExitCode);
        Assert.True(report.GetProperty("differences").GetInt64() > 0, report.ToString());
        var spoiled = JsonElement.Parse(run.Errors.Split('\n').First(l => l.Contains("Sabotage", StringComparison.Ordinal)).Split(": ", 2)[1]);
        var first = report.GetProperty("firstDifferences")[0].GetString()!;
        Assert.Contains(spoiled.GetProperty("id").GetString()!, first, StringComparison.Ordinal);
        Assert.Contains(words, first, StringComparison.Ordinal);
        Assert.Contains(first, run.Errors, StringComparison.Ordinal);
    }

    private static void AssertWhole(ProcessResult run, JsonElement report)
    {
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.All(Members, name => Assert.True(report.TryGetProperty(name, out _), $"{name} is not reported"));
        Assert.Equal(0, report.GetProperty("differences").GetInt64());
        Assert.True(report.GetProperty("deletesSeen").GetInt64() > 0, report.ToString());
        Assert.True(report.GetProperty("restored").GetInt64() > 0, report.ToString());
        Assert.True(report.GetProperty("incrementalRecordsRead").GetInt64() < report.GetProperty("records").GetInt64(), "the incremental read everything");
        Assert.Equal(report.GetProperty("records").GetInt64(), report.GetProperty("comparedRecords").GetInt64());
    }
}
