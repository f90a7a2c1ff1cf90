using Appliance.Engine.Restores;
using Appliance.Vault;
using Xunit;

namespace Engine.Tests;

/// <summary>Death at numbered writes of the vault, before and after the deed. Real kill -9 of the server is tests/EndToEnd's part.</summary>
public sealed class A_killed_run_ends_as_an_undisturbed_one
{
    public static TheoryData<int, bool> BackupDeaths => Deaths(1, 2, 3, 5, 8, 13, 21, 34, 55, 89);

    public static TheoryData<int, bool> RestoreDeaths => Deaths(1, 2, 3, 4, 5, 7, 10, 13, 18, 25);

    private static TheoryData<int, bool> Deaths(params int[] writes) =>
        [.. from n in writes from after in new[] { false, true } select new TheoryDataRow<int, bool>(n, after)];

    [Theory, MemberData(nameof(BackupDeaths))]
    public async Task Backup(int dieAt, bool afterTheDeed)
    {
        await using var org = await TestOrg.StartAsync(300);
        var undisturbed = await org.BackupAsync();
        var snapshot = Guid.CreateVersion7();
        var store = org.Store;
        var failing = new FailingStore(store, dieAt, afterTheDeed);
        org.Store = failing;
        await Record.ExceptionAsync(() => org.BackupAsync(snapshot));
        Assert.True(failing.Died);
        org.Store = store;

        var resumed = await org.BackupAsync(snapshot);
        Assert.Equal(undisturbed.Records, resumed.Records);
        Assert.Equal(await org.DigestAsync(undisturbed.Manifest.SnapshotId), await org.DigestAsync(snapshot));
    }

    [Theory, MemberData(nameof(RestoreDeaths))]
    public async Task Restore(int dieAt, bool afterTheDeed)
    {
        await using var org = await TestOrg.StartAsync(300);
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        await org.DamageAsync();
        var plan = await org.PlanAsync(snapshot, snapshot);
        var store = org.Store;
        var failing = new FailingStore(store, dieAt, afterTheDeed);
        org.Store = failing;
        await Record.ExceptionAsync(() => org.RestoreAsync(plan));
        org.Store = store;
        Assert.True(failing.Died);

        var summary = await org.RestoreAsync(plan);
        Assert.Equal(0, summary.Failed);
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(plan)));
    }
}
