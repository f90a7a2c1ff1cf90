using Appliance.Vault;
using Xunit;

namespace Engine.Tests.Metadata;

public sealed class A_snapshot_holds_the_orgs_metadata
{
    [Fact]
    public async Task All_of_it_and_the_certificate_counts_it_by_type()
    {
        await using var scene = await MetadataScene.StartAsync();
        var run = await scene.BackupAsync();
        Assert.True(run.Certificate.Complete, MetadataScene.Gaps(run.Certificate));
        await scene.AssertHoldsAsync(run.Manifest);
        await scene.AssertSoundAsync(run.Manifest);
        var types = run.Certificate.Metadata!.Types.ToDictionary(t => t.Name);
        Assert.Equal((9L, 9L, 18L), (types["ApexClass"].Listed!.Value, types["ApexClass"].Held, types["ApexClass"].Files));
        Assert.Equal((1L, 3L), (types["LightningComponentBundle"].Held, types["LightningComponentBundle"].Files));
        Assert.Equal((8L, 8L), (types["Report"].Listed!.Value, types["Report"].Held));       // the folder is one of them
        Assert.Equal(run.Manifest.Metadata!.Components, types.Values.Sum(t => t.Held));
        Assert.True(run.FileBytes > 0);
    }

    [Fact]
    public async Task What_did_not_change_costs_nothing_and_what_did_costs_a_row()
    {
        await using var scene = await MetadataScene.StartAsync();
        var first = await scene.BackupAsync();
        var files = await FilesAsync(scene);
        var same = await scene.BackupAsync(parent: first.Manifest.SnapshotId);
        Assert.Equal(first.Manifest.Metadata!.Segments, same.Manifest.Metadata!.Segments);
        Assert.Equal(files, await FilesAsync(scene));
        Assert.Equal(0, same.FileBytesStored);

        scene.Class("Class3", "public class Class3 { Integer changed; }");
        scene.Metadata.Forget("Report", "Sales/Won2");
        scene.Metadata.Forget("LightningComponentBundle", "tile");
        scene.Keep("LightningComponentBundle", "tile", ("lwc/tile/tile.js", "export default 2"), ("lwc/tile/tile.js-meta.xml", "<LightningComponentBundle/>"));
        var changed = await scene.BackupAsync(parent: same.Manifest.SnapshotId);
        Assert.True(changed.Certificate.Complete, MetadataScene.Gaps(changed.Certificate));
        await scene.AssertHoldsAsync(changed.Manifest);
        await scene.AssertSoundAsync(changed.Manifest);
        var written = changed.Manifest.Metadata!.Segments.Where(s => s.SnapshotId == changed.Manifest.SnapshotId).ToList();
        Assert.InRange(written.Single(s => s.Kind == SegmentKind.Records).Rows, 2, 8);
        Assert.Equal(2, written.Single(s => s.Kind == SegmentKind.Tombstones).Rows);         // a report, and the html of the bundle
        Assert.Equal("public class Class3 { /* ü 3 */ }", (await scene.HeldAsync(first.Manifest))["classes/Class3.cls"]);
    }

    [Fact]
    public async Task A_run_without_metadata_carries_over_what_is_held()
    {
        await using var scene = await MetadataScene.StartAsync();
        var first = await scene.BackupAsync();
        scene.Class("Class3", "public class Class3 { Integer changed; }");
        var next = await scene.BackupAsync(parent: first.Manifest.SnapshotId, metadata: false);
        Assert.Equal(await scene.HeldAsync(first.Manifest), await scene.HeldAsync(next.Manifest));
        Assert.True(next.Certificate.Metadata is { Carried: true, Complete: true } && next.Certificate.Metadata.SnapshotId == first.Manifest.SnapshotId);
        await scene.AssertSoundAsync(next.Manifest);
        var without = await scene.BackupAsync(metadata: false);
        Assert.Null(without.Manifest.Metadata);
        Assert.Null(without.Certificate.Metadata);
    }

    /// <summary>Of a profile each part tells only what stands in it; joined it is what one retrieve of everything gives.</summary>
    [Theory, InlineData(5_000, 160_000_000), InlineData(12, 160_000_000), InlineData(5_000, 700_000)]
    public async Task Profiles_are_whole_however_many_parts_there_are(int files, long bytes)
    {
        await using var scene = await MetadataScene.StartAsync();
        scene.Org.Options = scene.Org.Options with { MetadataPartFiles = files, MetadataPartBytes = bytes };
        var run = await scene.BackupAsync();
        Assert.True(run.Certificate.Complete, MetadataScene.Gaps(run.Certificate));
        await scene.AssertHoldsAsync(run.Manifest);
        var admin = (await scene.HeldAsync(run.Manifest))["profiles/Admin.profile"];
        Assert.Contains("<apexClass>Class8</apexClass>", admin, StringComparison.Ordinal);
        Assert.Contains("<object>Account</object>", admin, StringComparison.Ordinal);
        var again = await scene.BackupAsync(parent: run.Manifest.SnapshotId);
        Assert.Equal(run.Manifest.Metadata!.Segments, again.Manifest.Metadata!.Segments);
    }

    [Theory, InlineData(25, int.MaxValue), InlineData(4, int.MaxValue), InlineData(10_000, 14_000)]
    public async Task Parts_that_are_more_than_the_org_gives_are_halved(int files, int zipBytes)
    {
        await using var scene = await MetadataScene.StartAsync(o => o with { RetrieveFileLimit = files, RetrieveZipLimit = zipBytes });
        var run = await scene.BackupAsync();
        Assert.True(run.Certificate.Complete, MetadataScene.Gaps(run.Certificate));
        await scene.AssertHoldsAsync(run.Manifest);
        await scene.AssertSoundAsync(run.Manifest);
    }

    [Fact]
    public async Task Metadata_that_only_a_removed_snapshot_had_goes_with_it_and_the_rest_stays()
    {
        await using var scene = await MetadataScene.StartAsync();
        var first = await scene.BackupAsync();
        scene.Class("Class3", "public class Class3 { Integer changed; }");
        var second = await scene.BackupAsync();         // a full of its own
        await using var vault = await scene.Org.OpenVaultAsync();
        var list = await vault.ListPruneAsync([first.Manifest.SnapshotId], default);
        Assert.Contains(list.Containers, c => c.StartsWith("segments/_metadata/", StringComparison.Ordinal));
        Assert.Single(list.Containers, c => c.StartsWith("files/", StringComparison.Ordinal));
        await vault.BeginPruneAsync(list, default);
        await vault.PruneAsync(list, _ => { }, default);
        await scene.AssertHoldsAsync(second.Manifest);
        await scene.AssertSoundAsync(second.Manifest);
    }

    private static async Task<List<string>> FilesAsync(MetadataScene scene) => [.. (await scene.Org.Store.ListAsync("files/", default).ToListAsync()).Order(StringComparer.Ordinal)];
}
