using Xunit;

namespace Engine.Tests;

/// <summary>In a bulk upload <c>#N/A</c> empties a field. A record may hold just that text.</summary>
public sealed class A_text_that_means_null_to_bulk_is_kept
{
    [Fact]
    public async Task Whether_the_record_was_changed_or_purged()
    {
        await using var org = await TestOrg.StartAsync(100);
        var ids = org.Create("Account", 4, ("Name", i => i < 2 ? "#N/A" : $"Other {i}"), ("Description", _ => "#N/A"), ("Site", i => i == 0 ? "" : "here"));
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        org.Change("Account", ids[0], "Description", "gone");
        org.Change("Account", ids[0], "Site", "filled");
        org.Change("Account", ids[2], "Name", "renamed");
        org.Purge(ids[1], ids[3]);

        var plan = await org.PlanAsync(snapshot, snapshot);
        var summary = await org.RestoreAsync(plan);
        Assert.Equal(0, summary.Failed);
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(plan)));
    }
}
