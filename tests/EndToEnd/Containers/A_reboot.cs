using System.Diagnostics;
using Xunit;

namespace EndToEnd.Containers;

[Collection(InContainers.Name)]
public sealed class A_reboot(RunningAppliance appliance)
{
    /// <summary>The engine goes down with everything that runs, a backup among it, and comes up again; then the unit of systemd does what it does at a start.</summary>
    [Fact]
    public async Task Brings_all_back_and_the_backup_that_ran_goes_on()
    {
        appliance.Ready();
        var facts = await appliance.User.FactsAsync();
        appliance.Slow = true;
        var backup = await appliance.User.StartBackupAsync();
        await appliance.User.UnderWayAsync(backup);
        var clock = Stopwatch.StartNew();
        await appliance.Engine.StopEngineAsync();
        var stopped = clock.Elapsed;
        appliance.Slow = false;
        clock.Restart();
        await appliance.Engine.StartEngineAsync();
        var (run, took) = await appliance.Installed.RolloutAsync("boot");
        Assert.True(run.ExitCode == 0, run.Errors + run.Output);
        var answered = await FirstAnswerAsync();
        RunningAppliance.Say($"engine and all stopped in {stopped.TotalSeconds:0.0} s; boot {took.TotalSeconds:0} s, first answer {clock.Elapsed.TotalSeconds:0} s after the engine's start ({answered} tries)");
        await appliance.User.AssertKeptAsync(facts);         // the session is still good
        var done = await appliance.User.SucceedAsync(backup);
        await appliance.AssertSameAsync(RunningAppliance.Snapshot(done), await appliance.BackUpAsync());
    }

    private async Task<int> FirstAnswerAsync()
    {
        using var client = appliance.User.Client(reuse: false);
        for (var tries = 1; ; tries++)
            try
            {
                using var answer = await client.GetAsync("/api/v1/system");
                if (answer.IsSuccessStatusCode) return tries;
                Assert.True(tries < 300, $"{answer.StatusCode}\n{await appliance.Installed.LogsAsync()}");
                await Task.Delay(200);
            }
            catch (HttpRequestException) when (tries < 300)
            {
                await Task.Delay(200);
            }
    }
}
