using Xunit;

namespace Provisioner.Tests.Rollout;

public sealed class A_walk_that_is_killed
{
    /// <summary>At every moment the door leads to an app that runs; whoever comes next ends what was begun.</summary>
    [Theory]
    [InlineData("up", "1.1.0", 19, 36)]     // the same again
    [InlineData("up", "1.2.0", 25)]         // something else is wanted by now
    [InlineData("boot", "1.1.0", 12, 30)]   // the machine was started anew
    public async Task Killed_at_any_moment_is_finished_or_taken_back_by_the_next_run(string verb, string version, params int[] byDay)
    {
        // At night every moment: as many as a walk has, and a few more. Then it is not killed, and all the better.
        foreach (var moment in Environment.GetEnvironmentVariable("NIGHTLY") is null ? byDay : Enumerable.Range(1, 48))
        {
            using var host = await RolloutHost.WithFirstReleaseAsync();
            host.Want("1.1.0");
            await host.RunAsync("up", killAt: moment);
            Assert.Contains(host.Upstream[..5], host.Running.Keys);
            if (verb == "boot") host.StopAll();
            else host.Want(version);
            var next = await host.RunAsync(verb);
            Assert.True(next.ExitCode == 0, $"moment {moment}: {next.ExitCode} {next.Output}{next.Errors}");
            Assert.Equal("", host.Read("var/lib/appliance/rollout/walk/to"));
            var live = host.Live;
            if (verb == "up") Assert.Equal(version, live);
            else Assert.Contains(live, new[] { "1.0.0", "1.1.0" });
            Assert.Equal($"app:{live}", host.Running[host.Upstream[..5]]);
            Assert.Equal($"app:{live}", host.Running["worker"]);
            Assert.Equal(5, host.Running.Count);
        }
    }

    [Fact]
    public async Task Killed_on_its_way_back_ends_there_first()
    {
        using var host = await RolloutHost.WithFirstReleaseAsync();
        host.Behaves("app:1.1.0", "probe-fails");
        host.Want("1.1.0");
        await host.RunAsync("up");
        var moments = host.Syncs;
        for (var moment = moments - 4; moment <= moments; moment += Environment.GetEnvironmentVariable("NIGHTLY") is null ? 5 : 1)
        {
            await host.RunAsync("up", killAt: moment);
            host.StopAll();
            Assert.Equal(0, (await host.RunAsync("boot")).ExitCode);
            Assert.Equal(("app-a:8080", "app:1.0.0", "app:1.0.0", 5), (host.Upstream, host.Running["app-a"], host.Running["worker"], host.Running.Count));
        }
    }
}
