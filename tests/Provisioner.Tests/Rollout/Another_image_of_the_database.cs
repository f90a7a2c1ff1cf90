using Xunit;

namespace Provisioner.Tests.Rollout;

/// <summary>templates/host/rollout with a Docker of scripts. The files of the database list every image that was started on them.</summary>
public sealed class Another_image_of_the_database : IDisposable
{
    private readonly RolloutHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Is_a_walk_of_its_own_before_that_of_the_release()
    {
        await _host.StartAsync();
        _host.Want("1.1.0", "db:2");
        _host.AllowDowntime("1.1.0");
        var run = await _host.RunAsync("up");
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.Contains("the appliance is away until its database runs on db:2", run.Output, StringComparison.Ordinal);
        AssertRuns("1.1.0", 'b', "db:2");
        Assert.Equal("begin the database on db:2, step preflight, step snapshot, step images, step still, step copy, step exchange, step check, step start, step probe, step switch, step settle, done the database on db:2, begin 1.1.0",
            string.Join(", ", _host.Journal.SkipWhile(l => l != "begin the database on db:2").Take(14)));
        Assert.True(_host.HasCopy);
        Assert.Equal(2, _host.Dumps.Length);
        // The way back is another app, never another database: no downtime and no step back for the data.
        var back = await _host.RunAsync("back");
        Assert.True(back.ExitCode == 0, back.Output + back.Errors);
        AssertRuns("1.0.0", 'a', "db:2");
        Assert.DoesNotContain("db:1", _host.Touched.SkipWhile(i => i != "db:2"));
    }

    [Fact]
    public async Task Alone_leaves_the_release_as_it_is()
    {
        await _host.StartAsync();
        _host.Want("1.0.0", "db:2");
        _host.AllowDowntime("1.0.0");
        Assert.Equal(0, (await _host.RunAsync("up")).ExitCode);
        AssertRuns("1.0.0", 'a', "db:2");
        var journal = _host.Journal.Length;
        Assert.Equal(0, (await _host.RunAsync("up")).ExitCode);
        Assert.Equal(journal, _host.Journal.Length);
    }

    [Theory]
    [InlineData("", "db:2", "unhealthy", "exchange")]
    [InlineData("", "db:2", "crashes", "exchange")]
    [InlineData("", "db:2", "loses-rows", "check")]
    [InlineData("*' up -d --no-deps db'", null, null, "exchange")]
    [InlineData("*' stop -t 120 db'", null, null, "copy")]
    [InlineData("*' stop -t 10 app-a'", null, null, "still")]
    [InlineData("*' rows'", null, null, "still")]
    public async Task That_fails_leaves_the_old_one_with_its_files_as_they_were(string fail, string? what, string? how, string step)
    {
        await _host.StartAsync();
        _host.Fail(fail);
        if (what is not null) _host.Behaves(what, how!);
        _host.Want("1.1.0", "db:2");
        _host.AllowDowntime("1.1.0");
        var run = await _host.RunAsync("up");
        // Where a command fails for good, the way back meets it, too: that is said.
        Assert.True(run.ExitCode == (fail.Contains(" up ", StringComparison.Ordinal) || fail.Contains("app-a", StringComparison.Ordinal) ? 3 : 1), $"{run.ExitCode} {run.Output}{run.Errors}");
        Assert.Contains($"going back: {step}: ", run.Errors, StringComparison.Ordinal);
        _host.Clean();
        if (run.ExitCode == 1) AssertRuns("1.0.0", 'a', "db:1");
        Assert.All(_host.Touched, i => Assert.Equal("db:1", i));
        Assert.False(_host.IsClosed);

        if (step is not "check" && Environment.GetEnvironmentVariable("NIGHTLY") is null) return;
        Assert.Equal(0, (await _host.RunAsync("up")).ExitCode);
        AssertRuns("1.1.0", 'b', "db:2");
    }

    [Fact]
    public async Task Leaves_the_door_closed_that_an_operator_has_closed()
    {
        await _host.StartAsync();
        _host.Close();
        _host.Want("1.0.0", "db:2");
        _host.AllowDowntime("1.0.0");
        Assert.Equal(0, (await _host.RunAsync("up")).ExitCode);
        Assert.True(_host.IsClosed);
    }

    [Theory]
    [InlineData("up", "db:2", 12, 27)]      // the same again
    [InlineData("up", "db:1", 24)]          // it is no longer wanted
    [InlineData("boot", "db:2", 20, 29)]
    public async Task Killed_at_any_moment_is_finished_or_taken_back_by_the_next_run(string verb, string wanted, params int[] byDay)
    {
        // At night every moment: as many as a walk has.
        foreach (var moment in Environment.GetEnvironmentVariable("NIGHTLY") is null ? byDay : Enumerable.Range(1, 42))
        {
            using var host = await RolloutHost.WithFirstReleaseAsync();
            host.Want("1.0.0", "db:2");
            host.AllowDowntime("1.0.0");
            await host.RunAsync("up", killAt: moment);
            if (verb == "boot") host.StopAll();
            else host.Want("1.0.0", wanted);
            var next = await host.RunAsync(verb);
            Assert.True(next.ExitCode == 0, $"moment {moment}: {next.ExitCode} {next.Output}{next.Errors}");
            Assert.Equal("", host.Read("var/lib/appliance/rollout/walk/to"));
            Assert.Equal(5, host.Running.Count);
            Assert.False(host.IsClosed, $"moment {moment}");
            var database = host.Running["db"];
            if (verb == "up") Assert.Equal(wanted, database);
            if (database == "db:1" && verb == "boot") Assert.All(host.Touched, i => Assert.Equal("db:1", i));
        }
    }

    private void AssertRuns(string version, char slot, string database)
    {
        Assert.Equal($"app-{slot}:8080", _host.Upstream);
        Assert.Equal(new SortedDictionary<string, string> { [$"app-{slot}"] = $"app:{version}", ["certificates"] = $"agent:{version}", ["db"] = database, ["proxy"] = "proxy:1", ["worker"] = $"app:{version}" }, _host.Running);
    }
}
