using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Budget;
using Appliance.Engine.Jobs;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests.Budget;

public sealed class A_forecast_tells_what_a_backup_costs(ServerFixture server)
{
    [Fact]
    public async Task Before_the_first_one_from_the_objects_and_later_from_the_runs_before()
    {
        await using var scene = await BudgetScene.NewAsync(server, new() { Generate = 2_000, Files = 10, Seed = 5 });
        var forecasting = new Forecasting(scene.Sessions, scene.Jobs, scene.Snapshots, new Catalog.Templates(scene.Db, TimeProvider.System), scene.Options);
        var first = await forecasting.ForAsync(scene.Org, new BackupParameters(BackupKind.Incremental), default);
        Assert.Contains("counted from the org's objects", first.Basis, StringComparison.Ordinal);
        await scene.StartWorkerAsync();
        var full = await FiguresAsync(scene, "full");
        Assert.InRange((double)first.ApiCalls / full.Calls, 0.75, 1.25);
        Assert.InRange((double)first.Records / full.Records, 0.9, 1.1);
        Assert.InRange((double)first.BytesRead / full.Bytes, 0.25, 4);

        var counted = await forecasting.ForAsync(scene.Org, new BackupParameters(BackupKind.Incremental), default);
        for (var run = 0; run < 3; run++)
        {
            await scene.ChangeAsync(1, run + 1);
            var (calls, _, _) = await FiguresAsync(scene, "incremental");
            Assert.InRange((double)counted.ApiCalls / calls, 0.6, 1.6);
        }
        var learned = await forecasting.ForAsync(scene.Org, new BackupParameters(BackupKind.Incremental), default);
        Assert.Contains("median of the last 3 runs", learned.Basis, StringComparison.Ordinal);
        var next = await FiguresAsync(scene, "incremental");
        Assert.InRange((double)learned.ApiCalls / next.Calls, 0.7, 1.4);
    }

    private static async Task<(long Calls, long Records, long Bytes)> FiguresAsync(BudgetScene scene, string kind)
    {
        var result = JsonElement.Parse((await scene.CompletedAsync(await scene.BackUpAsync(kind))).Result!);
        return (result.GetProperty("apiCalls").GetInt64(), result.GetProperty("recordsRead").GetInt64(), result.GetProperty("bytesRead").GetInt64());
    }
}
