using Appliance.Vault;
using Xunit;

namespace Engine.Tests;

public sealed class A_snapshot_holds_what_the_org_holds
{
    [Fact]
    public async Task A_full_backup_equals_the_org_and_says_so_per_object()
    {
        await using var org = await TestOrg.StartAsync();
        var summary = await org.BackupAsync();
        await AssertEqualAsync(org, summary.Manifest);
        Assert.All(summary.Manifest.Objects, o => Assert.True(o.OrgCount == o.LiveRecords && o.Explanation is null, $"{o.Name}: {o.OrgCount} {o.LiveRecords} {o.Explanation}"));
        Assert.All(summary.Manifest.Skipped, s => Assert.False(string.IsNullOrWhiteSpace(s.Reason)));
    }

    [Fact]
    public async Task An_incremental_backup_reads_little_and_equals_the_org_too()
    {
        await using var org = await TestOrg.StartAsync(2000);
        var full = await org.BackupAsync();
        var damage = await org.DamageAsync(changePercent: 1, deleteParents: 2);
        var incremental = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        await AssertEqualAsync(org, incremental.Manifest);
        Assert.Equal(damage.GetProperty("deleted").GetInt64(), incremental.DeletesSeen);
        Assert.True(incremental.RecordsRead < full.RecordsRead / 4, $"{incremental.RecordsRead} of {full.RecordsRead} were read");
    }

    [Fact]
    public async Task An_incremental_backup_of_an_unchanged_org_stores_no_rows()
    {
        await using var org = await TestOrg.StartAsync();
        var full = await org.BackupAsync();
        var incremental = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        Assert.Equal(0, incremental.RecordsRead);
        Assert.Empty(incremental.NewSegments);
        Assert.Equal(await org.DigestAsync(full.Manifest.SnapshotId), await org.DigestAsync(incremental.Manifest.SnapshotId));
    }

    private static async Task AssertEqualAsync(TestOrg org, SnapshotManifest manifest)
    {
        var truth = await org.DumpAsync();
        await using var vault = await org.OpenVaultAsync();
        var reader = vault.Open(manifest);
        var held = new HashSet<string>();
        foreach (var entry in manifest.Objects)
        {
            await foreach (var record in reader.ReadAsync(entry.Name, null, includeDeleted: false, default))
            {
                held.Add($"{entry.Name}/{record.Id}");
                Assert.True(truth.ContainsKey($"{entry.Name}/{record.Id}"), $"{entry.Name}/{record.Id} is not in the org");
            }
        }
        Assert.DoesNotContain(truth.Keys, k => !held.Contains(k));
    }
}
