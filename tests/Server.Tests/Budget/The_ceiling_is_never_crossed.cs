using Appliance.Catalog;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests.Budget;

public sealed class The_ceiling_is_never_crossed(ServerFixture server)
{
    private static SimulatorOptions Small => new() { Generate = 400, Files = 4, Seed = 5, BulkPageSize = 30, ApiLimit = 300 };

    [Fact]
    public async Task By_the_calls_of_one_job_which_goes_on_when_the_day_has_more()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        await scene.Budgets.SetAsync(scene.Org.Id, new OrgCeilings(50, 80), "ann", default);
        await scene.StartWorkerAsync();
        var id = await scene.BackUpAsync();
        var paused = await scene.PausedAsync(id);
        Assert.Equal(PauseReason.Quota, paused.PauseReason);
        Assert.Contains("ceiling of 50 % of the org's 300 daily API calls", paused.Cause, StringComparison.Ordinal);
        Assert.InRange(scene.Simulator.Meter.Used, 100, 150);
        await LooksAsync(scene, 3);                                                  // each look is one call, and there are calls kept back for it
        Assert.InRange(scene.Simulator.Meter.Used, 100, 150);
        scene.Simulator.Meter.Max = 100_000;
        var done = await scene.CompletedAsync(id);
        Assert.Contains("\"apiCalls\":", done.Result, StringComparison.Ordinal);
        Assert.Equal(scene.Simulator.Store.Table(scene.Simulator.Store.Schema.Find("Contact")!).LiveCount, await HeldAsync(scene, id, "Contact"));
    }

    /// <summary>Another app may cross it; then no call of ours follows but the looks.</summary>
    [Fact]
    public async Task By_us_when_other_apps_use_the_quota_too()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        await scene.Budgets.SetAsync(scene.Org.Id, new OrgCeilings(50, 80), "ann", default);
        var over = 0;
        scene.Simulator.Faults.Before = (call, _) =>
        {
            if (scene.Simulator.Meter.Used > 150 && !call.Path.Contains("/limits", StringComparison.Ordinal)) Interlocked.Increment(ref over);
            if (call.Path.Contains("/query", StringComparison.Ordinal)) scene.Simulator.Meter.Count();      // somebody else's call with each query
            return Task.CompletedTask;
        };
        await scene.StartWorkerAsync();
        var id = await scene.BackUpAsync();
        Assert.Equal(PauseReason.Quota, (await scene.PausedAsync(id)).PauseReason);
        // What others do while our calls are under way nobody can know: at most as many as were under way.
        Assert.InRange(over, 0, 1);
        scene.Simulator.Faults.Before = null;
        scene.Simulator.Meter.Max = 100_000;
        await scene.CompletedAsync(id);
    }

    /// <summary>Two orgs' jobs run side by side in two workers; pages ask the same org meanwhile. Every org keeps to its own ceiling.</summary>
    [Fact]
    public async Task By_several_workers_and_pages_together()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        await scene.Budgets.SetAsync(scene.Org.Id, new OrgCeilings(50, 80), "ann", default);
        await scene.StartWorkerAsync();
        await scene.StartWorkerAsync();
        var id = await scene.BackUpAsync();
        using var stop = new CancellationTokenSource();
        var page = Task.Run(async () =>
        {
            var other = scene.NewSession();
            for (var refused = 0; refused < 3 && !stop.IsCancellationRequested;)
            {
                try
                {
                    await other.DescribeAsync("Account", stop.Token);
                }
                catch (Appliance.Salesforce.SalesforceException e) when (e.OutOfQuota)
                {
                    refused++;
                }
            }
        });
        await scene.PausedAsync(id);
        await page;
        Assert.InRange(scene.Simulator.Meter.Used, 100, 150);
    }

    [Fact]
    public async Task Of_bulk_jobs_where_REST_can_do_the_rest()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small with { ApiLimit = 100_000, BulkQueryJobLimit = 4 });
        await scene.Budgets.SetAsync(scene.Org.Id, new OrgCeilings(80, 50), "ann", default);
        await scene.StartWorkerAsync();
        var id = await scene.BackUpAsync();
        await scene.CompletedAsync(id);
        Assert.Equal(2, scene.Simulator.Faults.Calls.Count(c => c is { Method: "POST" } && c.Path.EndsWith("/jobs/query", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Of_bulk_jobs_and_the_job_waits_where_REST_has_too_few_calls()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small with { ApiLimit = 100_000, BulkQueryJobLimit = 2, Generate = 30_000, BulkPageSize = 10_000 });
        scene.Simulator.Faults.Before = (call, _) =>
        {
            // From the first bulk job on somebody else uses up what REST would need.
            if (call.Path.EndsWith("/jobs/query", StringComparison.Ordinal)) scene.Simulator.Meter.Max = scene.Simulator.Meter.Used + 20;
            return Task.CompletedTask;
        };
        await scene.Budgets.SetAsync(scene.Org.Id, new OrgCeilings(100, 50), "ann", default);
        await scene.StartWorkerAsync();
        var id = await scene.BackUpAsync();
        Assert.Equal(PauseReason.Quota, (await scene.PausedAsync(id)).PauseReason);
        Assert.InRange(scene.Simulator.Faults.Calls.Count(c => c is { Method: "POST" } && c.Path.EndsWith("/jobs/query", StringComparison.Ordinal)), 1, 1);
    }

    [Fact]
    public async Task Even_when_it_is_lowered_under_a_running_job()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small with { ApiLimit = 1_000 });
        scene.Simulator.Faults.Before = (call, token) => call.Path.EndsWith("/jobs/query", StringComparison.Ordinal) && call.Method == "POST" && scene.Org.Ceilings.RestPercent != 10
            ? LowerAsync(scene, token) : Task.CompletedTask;
        await scene.StartWorkerAsync();
        var id = await scene.BackUpAsync();
        var paused = await scene.PausedAsync(id);
        Assert.Contains("ceiling of 1 %", paused.Cause, StringComparison.Ordinal);
    }

    private static async Task LowerAsync(BudgetScene scene, CancellationToken cancellationToken)
    {
        await scene.Budgets.SetAsync(scene.Org.Id, new OrgCeilings(1, 80), "ann", cancellationToken);
        scene.Sessions.SetCeilings((await scene.Orgs.FindAsync(scene.Org.Id, cancellationToken))!);
    }

    private static async Task LooksAsync(BudgetScene scene, int times)
    {
        int Looks() => scene.Simulator.Faults.Calls.Count(c => c.Path.EndsWith("/limits", StringComparison.Ordinal));
        var before = Looks();
        for (var look = 0; Looks() < before + times; look++)
        {
            Assert.True(look < 3_000, "the paused job does not look");
            await Task.Delay(10);
        }
    }

    private static async Task<long> HeldAsync(BudgetScene scene, Guid snapshot, string name)
    {
        var manifest = await (await scene.Vaults.OpenAsync(scene.Org, default)).ReadManifestAsync(snapshot, default);
        return manifest.Objects.Single(o => o.Name == name).LiveRecords;
    }
}
