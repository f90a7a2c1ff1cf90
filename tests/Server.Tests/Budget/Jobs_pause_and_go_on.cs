using System.Text.Json;
using Appliance.Catalog;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests.Budget;

public sealed class Jobs_pause_and_go_on(ServerFixture server)
{
    private static SimulatorOptions Small => new() { Generate = 400, Files = 4, Seed = 5, BulkPageSize = 30 };

    [Fact]
    public async Task By_themselves_when_Salesforce_has_no_calls_left_and_has_some_again()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        scene.Simulator.Faults.Plan(PlannedFault.Parse("quota path=/query after=25 times=1"));
        scene.Simulator.Faults.Plan(PlannedFault.Parse("quota path=/limits after=1 times=2"));        // still none at the first two looks
        await scene.StartWorkerAsync();
        var id = await scene.BackUpAsync();
        var paused = await scene.PausedAsync(id);
        Assert.Equal(PauseReason.Quota, paused.PauseReason);
        Assert.Contains("API calls of the last 24 hours are used up", paused.Cause, StringComparison.Ordinal);
        Assert.NotNull(paused.LooksAt);
        await scene.CompletedAsync(id);
        Assert.Equal(scene.Simulator.Store.Schema.Objects.Where(t => t.Name is "Account" or "Contact" or "Lead").Sum(t => scene.Simulator.Store.Table(t).LiveCount), await HeldAsync(scene, id, "Account", "Contact", "Lead"));
        Assert.Contains(await scene.Jobs.LogAsync(id, 0, default), l => l.Level == "warning" && l.Text.StartsWith("Paused: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_the_org_is_connected_again_after_its_token_was_taken_back()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        scene.Simulator.Faults.Before = (call, _) =>
        {
            if (call.Path.Contains("/jobs/query", StringComparison.Ordinal)) scene.Simulator.Sessions.RevokeAll();
            return Task.CompletedTask;
        };
        await scene.StartWorkerAsync();
        var (id, behind) = (await scene.BackUpAsync(), await scene.BackUpAsync("incremental"));
        var paused = await scene.PausedAsync(id);
        Assert.Equal((PauseReason.Token, null), (paused.PauseReason, paused.LooksAt));
        Assert.Equal(TokenState.Broken, (await scene.Orgs.FindAsync(scene.Org.Id, default))!.TokenState);
        Assert.Equal(JobState.Queued, (await scene.Jobs.GetAsync(behind, default))!.State);
        scene.Simulator.Faults.Before = null;
        await scene.ConnectAsync();
        await scene.CompletedAsync(id);
        await scene.CompletedAsync(behind);
        Assert.Equal([behind, id], (await scene.Snapshots.ListAsync(scene.Org.Id, default)).Select(s => s.Id));
    }

    /// <summary>What was read stays read: the worker that goes on with it asks for no row of a finished object again.</summary>
    [Fact]
    public async Task On_another_worker_when_a_user_paused_and_resumes_them()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var hold = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        scene.Simulator.Faults.Before = (call, token) =>
        {
            if (!call.Path.Contains("/VersionData", StringComparison.Ordinal)) return Task.CompletedTask;
            reached.TrySetResult();
            return hold.Task.WaitAsync(token);
        };
        var first = await scene.StartWorkerAsync();
        var id = await scene.BackUpAsync();
        await reached.Task;
        Assert.True(await scene.Starter.PauseAsync(id, "ann", default));
        var paused = await scene.PausedAsync(id);
        Assert.Equal((PauseReason.User, "ann paused it."), (paused.PauseReason, paused.Cause));
        await first.StopAsync(default);
        hold.SetResult();
        var jobsBefore = scene.Simulator.Faults.Calls.Count(c => c is { Method: "POST" } && c.Path.EndsWith("/jobs/query", StringComparison.Ordinal));
        await scene.StartWorkerAsync();
        Assert.True(await scene.Starter.ResumeAsync(id, "ann", default));
        await scene.CompletedAsync(id);
        var jobsAfter = scene.Simulator.Faults.Calls.Count(c => c is { Method: "POST" } && c.Path.EndsWith("/jobs/query", StringComparison.Ordinal));
        Assert.True(jobsBefore > 0, "nothing was read before the pause");
        await using var whole = await BudgetScene.NewAsync(server, Small);
        await whole.StartWorkerAsync();
        await whole.CompletedAsync(await whole.BackUpAsync());
        var undisturbed = whole.Simulator.Faults.Calls.Count(c => c is { Method: "POST" } && c.Path.EndsWith("/jobs/query", StringComparison.Ordinal));
        Assert.Equal(undisturbed, jobsAfter);
    }

    private static async Task<long> HeldAsync(BudgetScene scene, Guid snapshot, params string[] objects)
    {
        var manifest = await (await scene.Vaults.OpenAsync(scene.Org, default)).ReadManifestAsync(snapshot, default);
        return manifest.Objects.Where(o => objects.Contains(o.Name)).Sum(o => o.LiveRecords);
    }
}
