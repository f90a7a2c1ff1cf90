using Xunit;

namespace Provisioner.Tests.Rollout;

/// <summary>templates/host/rollout with a Docker of scripts: every failure.</summary>
public sealed class The_walk_between_two_releases : IDisposable
{
    private readonly RolloutHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Starts_the_first_release_then_puts_the_next_beside_it_and_keeps_the_way_back()
    {
        await UpAsync("1.0.0");
        AssertRuns("1.0.0", 'a');
        Assert.Empty(_host.Dumps);
        await UpAsync("1.1.0");
        AssertRuns("1.1.0", 'b');
        Assert.Single(_host.Dumps);
        Assert.Equal(["app-b:8080\napp-a:8080", "app-b:8080"], _host.Upstreams[^2..]);        // the old one stands by until the new one has settled
        Assert.Equal("# of 1.1.0\n", _host.Read("srv/appliance/front/nginx/appliance.conf"));
        Assert.Equal("begin 1.1.0, step preflight, step snapshot, step images, step database, step pause, step migrate, step start, step probe, step switch, step worker, step bake, step base, step settle, done 1.1.0",
            string.Join(", ", _host.Journal[^15..]));
        // Nothing is touched when it already runs.
        var journal = _host.Journal.Length;
        await UpAsync("1.1.0");
        Assert.Equal(journal, _host.Journal.Length);
        // The image of the way back is kept, the one before goes.
        await UpAsync("1.2.0");
        Assert.Equal((false, true, true), (Has("app:1.0.0"), Has("app:1.1.0"), Has("app:1.2.0")));
        Assert.Contains("live\t1.2.0", (await _host.RunAsync("status")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await _host.RunAsync("back")).ExitCode);
        AssertRuns("1.1.0", 'b');
        var status = (await _host.RunAsync("status")).Output;
        Assert.Contains("live\t1.1.0", status, StringComparison.Ordinal);
        Assert.Contains("previous\t1.2.0", status, StringComparison.Ordinal);

        bool Has(string image) => _host.Read($"images/{image}").Length > 0;
    }

    [Theory]
    [InlineData("*' pull '*app:1.1.0*", null, null, "images")]
    [InlineData("", "dump", "broken", "snapshot")]
    [InlineData("*' stop worker'*", null, null, "pause")]
    [InlineData("*' run --rm '*", null, null, "migrate")]
    [InlineData("*' up -d --no-deps app-b'", null, null, "start")]
    [InlineData("", "app:1.1.0", "crashes", "start")]
    [InlineData("", "app:1.1.0", "unhealthy", "start")]
    [InlineData("", "app:1.1.0", "probe-fails", "probe")]
    [InlineData("", "app:1.1.0", "dies-later", "bake")]
    [InlineData("", "agent:1.1.0", "crashes", "worker")]
    public async Task Goes_back_by_itself_whatever_fails_and_comes_through_once_it_is_cured(string fail, string? what, string? how, string step)
    {
        await _host.StartAsync();
        _host.Fail(fail);
        if (what is not null) _host.Behaves(what, how!);
        _host.Want("1.1.0");
        var run = await _host.RunAsync("up");
        Assert.True(run.ExitCode == 1, $"{run.ExitCode} {run.Output}{run.Errors}");
        Assert.Contains($"going back: {step}: ", run.Errors, StringComparison.Ordinal);
        AssertRuns("1.0.0", 'a');
        var status = (await _host.RunAsync("status")).Output;
        Assert.Contains($"last\twent back from 1.1.0: {step}: ", status, StringComparison.Ordinal);
        Assert.All(status.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^[a-z-]+\t", line));      // whatever the failing program said
        Assert.All(_host.Read("var/lib/appliance/rollout/journal").Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal(3, line.Split('\t').Length));

        if (how is not "crashes" && Environment.GetEnvironmentVariable("NIGHTLY") is null) return;
        _host.Clean();
        await UpAsync("1.1.0");
        AssertRuns("1.1.0", 'b');
    }

    [Fact]
    public async Task Goes_back_when_the_front_door_does_not_follow()
    {
        await _host.StartAsync();
        _host.Behaves("proxy", "deaf");
        _host.Want("1.1.0");
        var run = await _host.RunAsync("up");
        Assert.Equal(3, run.ExitCode);     // it does not tell that it serves the old one either, so that is said
        Assert.Equal("app-a:8080", _host.Upstream);
        _host.Clean();
        await UpAsync("1.1.0");
    }

    [Theory]
    [InlineData("*' config -q'", "db:1", "the compose file is refused")]
    [InlineData("", "db:2", "the database's image changes, and that takes the appliance away")]
    public async Task Refuses_before_anything_is_touched(string fail, string database, string words)
    {
        await _host.StartAsync();
        _host.Fail(fail);
        _host.Want("1.1.0", database);
        var run = await _host.RunAsync("up");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(words, run.Errors, StringComparison.Ordinal);
        AssertRuns("1.0.0", 'a');
        Assert.Empty(_host.Dumps);
        Assert.DoesNotContain(_host.Commands, c => c.Contains("app:1.1.0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leads_the_vaults_to_no_other_place()
    {
        await _host.StartAsync();
        _host.Want("1.1.0", storage: "s3://bucket/prefix?region=eu-central-1");
        foreach (var command in new[] { "up", "stop", "up" })       // stopped meanwhile: what ran is still what is followed
        {
            var run = await _host.RunAsync(command);
            if (command is "stop") continue;
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("it would look for them in s3://bucket/prefix: a deployment moves none", run.Errors, StringComparison.Ordinal);
            AssertRuns("1.0.0", 'a');
        }
    }

    [Fact]
    public async Task Takes_the_same_place_said_with_more_words()
    {
        _host.Want("1.0.0", storage: "s3://bucket/prefix?region=eu-central-1");
        Assert.Equal(0, (await _host.RunAsync("up")).ExitCode);
        _host.Want("1.1.0", storage: "s3://bucket/prefix?region=eu-central-1&lockDays=30");
        Assert.Equal(0, (await _host.RunAsync("up")).ExitCode);
        AssertRuns("1.1.0", 'b');
    }

    /// <summary>A host of a release before the service: it comes with the upgrade, and goes with the way back, for that release has another agent or none.</summary>
    [Fact]
    public async Task Leaves_no_agent_of_certificates_to_a_release_that_knows_none()
    {
        _host.Want("1.0.0", agent: false);
        Assert.Equal(0, (await _host.RunAsync("up")).ExitCode);
        Assert.DoesNotContain("certificates", _host.Running.Keys);
        await UpAsync("1.1.0");
        AssertRuns("1.1.0", 'b');
        var back = await _host.RunAsync("back");
        Assert.True(back.ExitCode == 0, back.Output + back.Errors);
        Assert.Equal(["app-a", "db", "proxy", "worker"], _host.Running.Keys);
        _host.Behaves("agent:1.2.0", "crashes");
        _host.Want("1.2.0");
        Assert.Equal(1, (await _host.RunAsync("up")).ExitCode);
        Assert.Equal(["app-a", "db", "proxy", "worker"], _host.Running.Keys);
    }

    [Fact]
    public async Task Stops_what_it_started_when_the_very_first_release_fails()
    {
        _host.Behaves("app:1.0.0", "crashes");
        _host.Want("1.0.0");
        Assert.Equal(1, (await _host.RunAsync("up")).ExitCode);
        Assert.Equal(["db"], _host.Running.Keys);
        _host.Clean();
        await UpAsync("1.0.0");
        AssertRuns("1.0.0", 'a');
    }

    private async Task UpAsync(string version)
    {
        _host.Want(version);
        var run = await _host.RunAsync("up");
        Assert.True(run.ExitCode == 0, $"{run.ExitCode} {run.Output}{run.Errors}");
    }

    private void AssertRuns(string version, char slot)
    {
        Assert.Equal($"app-{slot}:8080", _host.Upstream);
        Assert.Equal(new SortedDictionary<string, string> { [$"app-{slot}"] = $"app:{version}", ["certificates"] = $"agent:{version}", ["db"] = "db:1", ["proxy"] = "proxy:1", ["worker"] = $"app:{version}" }, _host.Running);
    }
}
