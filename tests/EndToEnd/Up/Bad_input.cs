using System.Net;
using System.Net.Sockets;
using Xunit;

namespace EndToEnd.Up;

/// <summary>What can be wrong from outside is said with its cause and what to do, and ends with a code that is not zero.</summary>
public sealed class Bad_input
{
    [Fact]
    public async Task An_unknown_data_folder_is_named() =>
        await AssertRefusedAsync(["--demo", "--json", "--data", "no/such/folder"], "no/such/folder", "index.json");

    [Fact]
    public async Task A_folder_without_an_org_is_named()
    {
        using var state = new TemporaryFolder();
        using var data = new TemporaryFolder();
        await AssertRefusedAsync(["--demo", "--json", "--state", state.Path, "--data", data.Path], "The org simulator did not start", data.Path);
    }

    [Fact]
    public async Task A_broken_CSV_is_named_with_its_line()
    {
        using var state = new TemporaryFolder();
        using var data = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(data.Path, "index.json"), """
            [{"object": "Account", "file": "Account.csv", "rowCount": 2, "idColumn": "id", "fields": ["Name"], "lookups": {}}]
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(data.Path, "Account.csv"), "id,Name\nA1,\"never closed\nA2,x\n", TestContext.Current.CancellationToken);
        await AssertRefusedAsync(["--demo", "--json", "--state", state.Path, "--data", data.Path], "Account.csv", "line");
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        using var state = new TemporaryFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await AssertRefusedAsync(["--state", state.Path, "--port", $"{port}"], $"Port {port} is taken", "./up --port");
    }

    [Fact]
    public async Task A_folder_that_belongs_to_somebody_else_is_left_alone()
    {
        using var state = new TemporaryFolder();
        var theirs = Path.Combine(state.Path, "theirs.txt");
        await File.WriteAllTextAsync(theirs, "keep", TestContext.Current.CancellationToken);
        await AssertRefusedAsync(["--demo", "--json", "--state", state.Path], "no state folder of the appliance", "--state");
        Assert.True(File.Exists(theirs));
    }

    [Theory]
    [InlineData("--sabotage drop-row", "belong to --demo")]
    [InlineData("--demo --sabotage burn", "drop-row, change-cell or lose-reference")]
    [InlineData("--demo --generate many", "--generate needs a number")]
    [InlineData("--port", "--port needs a value")]
    [InlineData("--frobnicate", "unknown option")]
    public async Task An_option_that_makes_no_sense_is_refused(string options, string words) => await AssertRefusedAsync(options.Split(' '), words, "");

    private static async Task AssertRefusedAsync(string[] arguments, string cause, string remedy)
    {
        var run = await Repository.RunAsync(Path.Combine(Repository.Root, "up"), arguments);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(cause, run.Errors, StringComparison.Ordinal);
        Assert.Contains(remedy, run.Errors, StringComparison.Ordinal);
        if (arguments.Contains("--json")) Assert.Equal("", run.Output);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);      // no stack trace for the user
    }
}
