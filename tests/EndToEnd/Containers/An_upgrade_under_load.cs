using System.Text.Json;
using Provisioner.Tests.Rollout;
using Xunit;

namespace EndToEnd.Containers;

/// <summary>The real app, from 1.0.0 to 1.1.0 and back, under 50 requests a second of a signed-in user through the door over TLS, while a backup runs.</summary>
[Collection(InContainers.Name)]
public sealed class An_upgrade_under_load(RunningAppliance appliance)
{
    [Fact]
    public async Task Loses_no_request_and_pauses_the_backup_that_runs_and_lets_it_go_on()
    {
        appliance.Ready();
        var facts = await appliance.User.FactsAsync();
        appliance.Slow = true;
        var backup = await appliance.User.StartBackupAsync();
        await appliance.User.UnderWayAsync(backup);

        JsonElement done;
        await using (var load = new Load(appliance.User.Client, "/api/v1/system", Process).Begin(50))
        {
            var took = await appliance.Installed.GoToAsync(InstalledAppliance.Next);
            RunningAppliance.Say($"upgrade {took.TotalSeconds:0} s: {load}");
            await appliance.User.AssertKeptAsync(facts);
            appliance.Slow = false;
            done = await appliance.User.SucceedAsync(backup);
            Assert.True(done.GetProperty("attempts").GetInt32() > 1, $"the old worker did not give it back: {done}");

            var (run, back) = await appliance.Installed.RolloutAsync("back");
            Assert.True(run.ExitCode == 0, run.Errors + run.Output);
            await load.DisposeAsync();
            RunningAppliance.Say($"back by hand {back.TotalSeconds:0} s; in all: {load}; the backup took {done.GetProperty("attempts").GetInt32()} attempts");
            Assert.Empty(load.Failures);
            Assert.Equal(3, load.Answers.Count);        // the old app, the new one, and the old one again, which was started anew
        }
        // What was paused and went on elsewhere holds what one that nobody disturbed holds.
        await appliance.AssertSameAsync(RunningAppliance.Snapshot(done), await appliance.BackUpAsync());
        Assert.Empty(await appliance.Installed.DamageAsync());
    }

    /// <summary>Which process answered: the one that started then.</summary>
    internal static string Process(string text) => JsonElement.Parse(text).GetProperty("startedAt").GetString()!;
}
