using System.Diagnostics;

namespace OrgSimulator.Tests;

public sealed class StartingAloneTests
{
    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "OrgSimulator.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    [Fact]
    public async Task It_says_where_it_listens_and_answers_there()
    {
        using var process = Start("--port", "0", "--generate", "50", "--seed", "4");
        try
        {
            var line = await process.StandardOutput.ReadLineAsync();
            Assert.Matches(@"^listening on http://127\.0\.0\.1:\d+$", line);
            using var http = new HttpClient();
            Assert.Contains("\"seed\":4", await http.GetStringAsync(line!["listening on ".Length..] + "/__info"), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task A_trace_holds_what_was_asked_and_answered()
    {
        var file = Path.Combine(Path.GetTempPath(), $"trace-{Guid.NewGuid():N}.jsonl");
        try
        {
            await using (var org = await TestOrg.StartAsync(CommandLine.Read(["--trace", file, "--password-sign-in", "on", "--app", "mine,secret"]))) await org.CreateAsync("Account", new { Name = "traced" });
            using var line = System.Text.Json.JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(file)));
            var seen = line.RootElement;
            Assert.Equal(("POST", TestOrg.Base + "/sobjects/Account", """{"Name":"traced"}""", 201), (seen.GetProperty("m").GetString(), seen.GetProperty("url").GetString(), seen.GetProperty("body").GetString(), seen.GetProperty("status").GetInt32()));
            Assert.Contains("\"success\":true", seen.GetProperty("rb").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("fail path=/nobody/asks", "Fail /nobody/asks (0 of 1, 0 matching)", 3)]
    [InlineData("truncate path=/services/data bytes=100000", "Truncate /services/data (0 of 1, 1 matching, 1 without effect", 3)]
    [InlineData("truncate path=/services/data bytes=10", "", 0)]
    public async Task It_says_its_seed_and_ends_with_code_3_when_a_planned_fault_never_came_or_had_no_effect(string fault, string words, int code)
    {
        using var process = Start("--seed", "9", "--fault", fault);
        var address = (await process.StandardOutput.ReadLineAsync())!["listening on ".Length..];
        Assert.Equal("seed 9", await process.StandardOutput.ReadLineAsync());
        using (var http = new HttpClient()) await http.GetStringAsync(address + "/services/data");
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(code, process.ExitCode);
        Assert.Contains(words, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--data /nowhere/at/all", "/nowhere/at/all: the folder does not exist")]
    [InlineData("--port lots", "--port wants a number")]
    [InlineData("--app mine,secret,/nowhere.pem", "the certificate /nowhere.pem does not exist")]
    [InlineData("--password-sign-in maybe", "--password-sign-in wants on or off")]
    [InlineData("--nope 1", "unknown argument --nope")]
    public async Task What_makes_no_sense_is_explained_and_ends_with_code_2(string arguments, string words)
    {
        using var process = Start(arguments.Split(' '));
        var (output, errors) = (await process.StandardOutput.ReadToEndAsync(), await process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal((2, ""), (process.ExitCode, output));
        Assert.Contains(words, errors, StringComparison.Ordinal);
    }
}
