using Xunit;

namespace Provisioner.Tests.Rollout;

/// <summary>templates/host/rollout with a Docker of scripts: what a person asks for by hand, and that the exit code is true.</summary>
public sealed class Stopping_and_going_back : IDisposable
{
    private readonly RolloutHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Stopped_it_is_dumped_stays_stopped_and_keeps_its_way_back()
    {
        await _host.StartAsync();
        await UpAsync("1.1.0");
        Assert.Equal(0, (await _host.RunAsync("stop")).ExitCode);
        Assert.Empty(_host.Running);
        Assert.Contains(_host.Dumps, d => d.EndsWith("-before-stop.sql.gz", StringComparison.Ordinal));
        Assert.Equal(0, (await _host.RunAsync("boot")).ExitCode);
        Assert.Empty(_host.Running);

        await UpAsync("1.2.0");
        Assert.Equal("app:1.2.0", _host.Running["app-a"]);
        var back = await _host.RunAsync("back");
        Assert.Equal((0, true), (back.ExitCode, back.Output.Contains("1.1.0 runs", StringComparison.Ordinal)));
        Assert.Equal("app:1.1.0", _host.Running["app-b"]);
    }

    [Fact]
    public async Task Stopped_twice_and_started_again_it_is_what_it_was()
    {
        await _host.StartAsync();
        await UpAsync("1.1.0");
        var (running, status) = (_host.Running, (await _host.RunAsync("status")).Output);
        await _host.RunAsync("stop");
        await _host.RunAsync("stop");
        await UpAsync("1.1.0");
        Assert.Equal(running, _host.Running);
        Assert.Equal(status, (await _host.RunAsync("status")).Output);
    }

    [Fact]
    public async Task Stopped_without_a_dump_says_so_and_stops_all_the_same()
    {
        await _host.StartAsync();
        _host.Behaves("dump", "broken");
        var run = await _host.RunAsync("stop");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("stopped without a dump: the dump of the database is not whole", run.Output + run.Errors, StringComparison.Ordinal);
        Assert.Empty(_host.Running);
    }

    [Theory]
    [InlineData(20, 0, "the walk under way was taken back: 1.0.0 runs", "1.0.0")]
    [InlineData(33, 0, "", "1.0.0")]
    public async Task Going_back_while_a_walk_is_under_way_takes_it_back_and_says_so(int killAt, int code, string words, string version)
    {
        await _host.StartAsync();
        _host.Want("1.1.0");
        await _host.RunAsync("up", killAt);
        var back = await _host.RunAsync("back");
        Assert.True(back.ExitCode == code, $"{back.ExitCode} {back.Output}{back.Errors}");
        Assert.Contains(words, back.Output, StringComparison.Ordinal);
        Assert.Equal($"app:{version}", _host.Running[_host.Upstream[..5]]);
    }

    [Fact]
    public async Task Going_back_from_a_walk_to_a_release_that_does_not_run_ends_with_3()
    {
        await _host.StartAsync();
        _host.Want("1.1.0");
        await _host.RunAsync("up", killAt: 20);
        _host.Behaves("app:1.0.0", "unhealthy");
        var back = await _host.RunAsync("back");
        Assert.Equal(3, back.ExitCode);
        Assert.Contains("no release runs", back.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Going_back_from_the_very_first_walk_ends_with_3_because_nothing_runs()
    {
        _host.Want("1.0.0");
        await _host.RunAsync("up", killAt: 20);
        Assert.Equal(3, (await _host.RunAsync("back")).ExitCode);
    }

    [Fact]
    public async Task Going_back_to_a_release_that_fails_ends_with_1_and_the_newer_one_runs()
    {
        await _host.StartAsync();
        await UpAsync("1.1.0");
        _host.Behaves("app:1.0.0", "crashes");
        Assert.Equal(1, (await _host.RunAsync("back")).ExitCode);
        Assert.Equal("app:1.1.0", _host.Running["app-b"]);
        Assert.Equal("app-b:8080", _host.Upstream);
    }

    [Fact]
    public async Task Going_back_from_the_first_release_is_refused()
    {
        await _host.StartAsync();
        var back = await _host.RunAsync("back");
        Assert.Equal((2, true), (back.ExitCode, back.Errors.Contains("there is no release before this one", StringComparison.Ordinal)));
    }

    private async Task UpAsync(string version)
    {
        _host.Want(version);
        var run = await _host.RunAsync("up");
        Assert.True(run.ExitCode == 0, $"{run.ExitCode} {run.Output}{run.Errors}");
    }
}
