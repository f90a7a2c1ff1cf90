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

    [Theory]
    [InlineData("--data /nowhere/at/all", "/nowhere/at/all: the folder does not exist")]
    [InlineData("--port lots", "--port wants a number")]
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
