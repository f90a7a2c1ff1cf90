using Provisioner.Tests.Rollout;
using Xunit;

namespace EndToEnd.Containers;

/// <summary>The real app, broken in every way that an upgrade may meet, under 50 requests a second: the host is back on the release before by itself within a minute, and nothing is lost.</summary>
[Collection(InContainers.Name)]
public sealed class A_broken_release(RunningAppliance appliance)
{
    [Theory]
    [InlineData("2.0.0-sick", "start: app-")]           // starts and never answers
    [InlineData("2.0.0-crash", "start: app-")]          // does not start
    [InlineData("2.0.0-migration", "migrate: ")]        // its migration fails half-way
    [InlineData("2.0.0-late", "bake: ")]                // its app dies 30 s after it first answered
    [InlineData("2.0.0-mute", "bake: ")]                // its app stops answering then, and keeps its connections open
    public async Task Is_left_again_with_everything_as_it_was(string version, string reason)
    {
        if (version is "2.0.0-late") appliance.ReadyWhenAsked();
        else appliance.Ready();
        var facts = await appliance.User.FactsAsync();
        await using var load = new Load(appliance.User.Client, "/api/v1/system", An_upgrade_under_load.Process).Begin(50);
        await appliance.Installed.WantAsync(version);
        var (run, took) = await appliance.Installed.RolloutAsync("up", bake: 60);
        Assert.True(run.ExitCode == 1, $"{run.ExitCode} {run.Errors}{run.Output}");
        await load.DisposeAsync();
        RunningAppliance.Say($"{version}: {took.TotalSeconds:0} s in all, back in {appliance.Installed.WayBack:0} s: {load}; {appliance.Installed.Reason}");
        Assert.StartsWith(reason, appliance.Installed.Reason, StringComparison.Ordinal);
        Assert.InRange(appliance.Installed.WayBack, 0, 60);
        Assert.True(load.Failures.Count == 0, string.Join('\n', load.Failures));            // what the new app could not answer, the old one did
        await AssertAsBeforeAsync(facts);
    }

    [Fact]
    public async Task Or_a_full_disk_leaves_everything_as_it_was_and_the_backup_goes_on_when_there_is_room()
    {
        appliance.Ready();
        var facts = await appliance.User.FactsAsync();
        appliance.Slow = true;
        var backup = await appliance.User.StartBackupAsync();
        await appliance.User.UnderWayAsync(backup);
        await using var load = new Load(appliance.User.Client, "/api/v1/system", An_upgrade_under_load.Process).Begin(50);
        try
        {
            await appliance.Installed.FillDiskAsync();
            await appliance.Installed.WantAsync(InstalledAppliance.Next);
            var (run, took) = await appliance.Installed.RolloutAsync("up");
            Assert.True(run.ExitCode == 1, $"{run.ExitCode} {run.Errors}{run.Output}");
            RunningAppliance.Say($"disk full: {took.TotalSeconds:0} s in all, back in {appliance.Installed.WayBack:0} s: {load}; {appliance.Installed.Reason}");
        }
        finally
        {
            appliance.Installed.FreeDisk();
            appliance.Slow = false;
        }
        await load.DisposeAsync();
        Assert.InRange(appliance.Installed.WayBack, 0, 60);
        Assert.Empty(load.Failures);
        var done = await appliance.User.SucceedAsync(backup);
        await appliance.AssertSameAsync(RunningAppliance.Snapshot(done), await appliance.BackUpAsync());
        await appliance.User.AssertKeptAsync(facts);
        Assert.Empty(await appliance.Installed.DamageAsync());
    }

    private async Task AssertAsBeforeAsync(string facts)
    {
        Assert.Contains($"live\t{InstalledAppliance.First}\t", (await appliance.Installed.RolloutAsync("status")).Run.Output, StringComparison.Ordinal);
        Assert.Equal(facts, await appliance.User.FactsAsync());
        Assert.Empty(await appliance.Installed.DamageAsync());
        await appliance.BackUpAsync("incremental");      // and the worker works
    }
}
