using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Server.Tests.Alerts;
using Appliance.Server.Tests.Budget;
using Appliance.Vault;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests.Storage;

/// <summary>It pauses with the cause and the remedy, loses nothing, and goes on by itself when the storage lets it.</summary>
public sealed class A_job_that_its_storage_does_not_let_go_on(ServerFixture server)
{
    private static SimulatorOptions Small => new() { Generate = 300, Files = 3, Seed = 5, BulkPageSize = 30 };

    [Theory]
    [InlineData("AccessDenied", "forbids access", "docs/storage.md")]
    [InlineData("ExpiredToken", "does not know these credentials", "access key")]
    [InlineData("RequestTimeTooSkewed", "clock of this machine", "keep time")]
    public async Task Waits_when_S3_refuses_it_in_the_middle(string code, string cause, string remedy)
    {
        await using var s3 = await S3OnTheWire.StartAsync();
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var options = scene.Options with { StorageRoot = s3.Root, StorageLookAgain = TimeSpan.FromMilliseconds(200) };
        await using var vaults = scene.VaultsOver(options);
        var puts = 0;
        s3.RefuseFrom = method => method == "PUT" && Interlocked.Increment(ref puts) == 30;
        await scene.StartWorkerAsync(options, vaults);
        var id = await scene.BackUpAsync();
        await scene.PausedAsync(id);
        s3.RefuseFrom = null;
        s3.Refuses = (403, code);
        var paused = await scene.UntilAsync(id, j => j.State is JobState.Paused && j.Cause?.Contains(cause, StringComparison.Ordinal) == true);
        Assert.Equal(PauseReason.Storage, paused.PauseReason);
        Assert.Contains(remedy, paused.Remedy, StringComparison.Ordinal);
        Assert.NotNull(paused.LooksAt);
        Assert.Empty(await scene.Snapshots.ListAsync(scene.Org.Id, default));

        s3.Refuses = null;
        await scene.CompletedAsync(id);
        Assert.Equal(id, Assert.Single(await scene.Snapshots.ListAsync(scene.Org.Id, default)).Id);
        var vault = await vaults.OpenAsync(scene.Org, default);
        await foreach (var finding in vault.VerifyAsync(null, default)) Assert.Fail(finding.ToString());
        Assert.Single(await scene.Jobs.LogAsync(id, 0, default), l => l.Text.StartsWith("Paused: ", StringComparison.Ordinal));      // not one for every look
    }

    [Fact]
    public async Task Waits_while_the_key_is_not_the_vaults()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var right = await scene.StartWorkerAsync();
        await scene.CompletedAsync(await scene.BackUpAsync());
        await right.StopAsync(default);

        using var other = MasterKey.CreateFile(Path.Combine(scene.Options.StorageRoot, "..", "other.key"));
        await using var vaults = new Vaults(scene.Options, other, TimeProvider.System);
        var wrong = await scene.StartWorkerAsync(scene.Options with { StorageLookAgain = TimeSpan.FromMilliseconds(100) }, vaults);
        var id = await scene.BackUpAsync("incremental");
        var paused = await scene.PausedAsync(id);
        Assert.Equal(PauseReason.Storage, paused.PauseReason);
        Assert.Contains("was made with master key", paused.Cause, StringComparison.Ordinal);
        Assert.NotEmpty(paused.Remedy!);
        await wrong.StopAsync(default);

        await scene.StartWorkerAsync();             // restarted with the right one
        await scene.CompletedAsync(id);
        Assert.Equal(2, (await scene.Snapshots.ListAsync(scene.Org.Id, default)).Count);
    }

    [Fact]
    public async Task Somebody_is_told_of_it_once()
    {
        await using var scene = await AlertScene.NewAsync(server, Small);
        using var other = MasterKey.CreateFile(Path.Combine(Directory.CreateDirectory(scene.Backups.Options.StorageRoot).FullName, "..", "other.key"));
        await scene.Backups.Vaults.OpenOrCreateAsync(scene.Backups.Org, default);
        await using var vaults = new Vaults(scene.Backups.Options, other, TimeProvider.System);
        await scene.Backups.StartWorkerAsync(scene.Backups.Options with { StorageLookAgain = TimeSpan.FromMilliseconds(50) }, vaults);
        var id = await scene.Backups.BackUpAsync();
        var told = 0;
        for (var looks = 0; looks < 3; looks++)
        {
            var paused = await scene.Backups.PausedAsync(id);
            told += await scene.Watch.LookAsync(default);
            await scene.Backups.UntilAsync(id, j => j.Version > paused.Version + 1);        // it has tried again
        }
        Assert.Equal(1, told);
        Assert.Contains("waits for the storage", Assert.Single(await scene.Alerts.ListAsync(null, 50, default)).Alert.Title, StringComparison.Ordinal);
    }

    /// <summary>What the policy no longer keeps goes while the backup waits: that is the room it waits for.</summary>
    [Fact]
    public async Task Old_snapshots_go_while_a_backup_waits_for_room()
    {
        await using var scene = await BudgetScene.NewAsync(server, Small);
        var first = await scene.StartWorkerAsync();
        for (var i = 0; i < 3; i++)
        {
            await scene.CompletedAsync(await scene.BackUpAsync());
        }
        await first.StopAsync(default);
        var newest = (await scene.Snapshots.ListAsync(scene.Org.Id, default))[0].Id;
        await new Catalog.Retention(scene.Db, TimeProvider.System).SetPolicyAsync(scene.Org.Id, """{"newest":1}""", "ann", default);

        var full = await scene.StartWorkerAsync(scene.Options with { DiskReserveBytes = long.MaxValue, DiskLookAgain = TimeSpan.FromMilliseconds(50) });
        var id = await scene.BackUpAsync("incremental");
        var paused = await scene.UntilAsync(id, j => j.PauseReason is PauseReason.Disk);
        var removal = await scene.UntilAsync((await scene.Jobs.ListAsync(scene.Org.Id, 10, default)).Single(j => j.Kind is JobKind.Prune).Id, j => j.State is JobState.Completed);
        Assert.Equal("retention", removal.CreatedBy);
        Assert.Equal(newest, Assert.Single(await scene.Snapshots.ListAsync(scene.Org.Id, default)).Id);
        await scene.UntilAsync(id, j => j.Version > paused.Version + 4);                    // it looks again, and again
        Assert.Single(await scene.Jobs.ListAsync(scene.Org.Id, 10, default), j => j.Kind is JobKind.Prune);
        await full.StopAsync(default);

        await scene.StartWorkerAsync();
        await scene.CompletedAsync(id);
        Assert.Equal((id, (Guid?)newest), ((await scene.Snapshots.ListAsync(scene.Org.Id, default))[0] is var taken ? (taken.Id, taken.ParentId) : default));
    }
}
