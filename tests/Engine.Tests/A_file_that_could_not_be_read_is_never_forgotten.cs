using Appliance.Engine.Jobs;
using Xunit;

namespace Engine.Tests;

public sealed class A_file_that_could_not_be_read_is_never_forgotten
{
    [Fact]
    public async Task It_stays_a_gap_until_it_is_held()
    {
        await using var org = await TestOrg.StartAsync();
        var whole = (await org.BackupAsync()).Manifest.Objects.Single(o => o.Name == "ContentVersion");
        Assert.True(whole.Files > 2);
        org.Simulator.Faults.FailNext("/VersionData", 1, 404, "NOT_FOUND", "The requested resource does not exist");
        var first = (await org.BackupAsync()).Manifest;
        Assert.False(Entry(first).Complete);
        org.Simulator.Faults.FailNext("/VersionData", 1, 404, "NOT_FOUND", "The requested resource does not exist");
        var second = (await org.BackupAsync(parent: first.SnapshotId)).Manifest;
        Assert.False(Entry(second).Complete);
        var third = (await org.BackupAsync(parent: second.SnapshotId)).Manifest;
        Assert.True(Entry(third).Complete, Entry(third).Explanation);
        Assert.Equal(whole.Files, Entry(third).Files);

        static (bool Complete, string? Explanation, long Files) Entry(Appliance.Vault.SnapshotManifest manifest)
        {
            var entry = manifest.Objects.Single(o => o.Name == "ContentVersion");
            return (JobRunner.IsComplete(entry), entry.Explanation, entry.Files);
        }
    }
}
