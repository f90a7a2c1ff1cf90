using Appliance.Engine.Backups;
using Appliance.Vault;
using OrgSimulator;
using Xunit;

namespace Engine.Tests.Metadata;

/// <summary>Nothing of metadata stops a backup, and nothing is missing without a name; what is held stays.</summary>
public sealed class What_the_org_does_not_give_is_named
{
    [Fact]
    public async Task A_component_that_spoils_a_retrieve_is_found_among_the_others()
    {
        await using var scene = await MetadataScene.StartAsync();
        var first = await scene.BackupAsync();
        scene.Class("Class3", "public class Class3 { Integer changed; }");
        scene.Class("Class4", "public class Class4 { Integer changed; }");
        scene.Rules(r => r with { RottenMetadata = ["ApexClass:Class4"] });
        var run = await scene.BackupAsync(parent: first.Manifest.SnapshotId);
        AssertOnly(run, "ApexClass:Class4", "UNKNOWN_EXCEPTION");
        var held = await scene.HeldAsync(run.Manifest);
        Assert.Equal("public class Class3 { Integer changed; }", held["classes/Class3.cls"]);
        Assert.Equal("public class Class4 { /* ü 4 */ }", held["classes/Class4.cls"]);       // the older one stays
        await scene.AssertSoundAsync(run.Manifest);
        scene.Rules(r => r with { RottenMetadata = [] });
        await HealedAsync(scene, run);
    }

    [Fact]
    public async Task A_component_that_the_user_may_not_see()
    {
        await using var scene = await MetadataScene.StartAsync();
        scene.Rules(r => r with { ForbiddenMetadata = ["Flow:Onboard"] });
        var run = await scene.BackupAsync();
        AssertOnly(run, "Flow:Onboard", "You do not have the proper permissions to access Onboard. Give the connected user");
        Assert.DoesNotContain("flows/Onboard.flow", (await scene.HeldAsync(run.Manifest)).Keys);
        await scene.AssertSoundAsync(run.Manifest);
        scene.Rules(r => r with { ForbiddenMetadata = [] });
        await HealedAsync(scene, run);
    }

    [Theory, InlineData("Flow"), InlineData("Report"), InlineData("EmailFolder")]
    public async Task A_type_that_cannot_be_listed(string type)
    {
        await using var scene = await MetadataScene.StartAsync();
        var first = await scene.BackupAsync();
        scene.Rules(r => r with { UnlistedMetadata = [type] });
        scene.Class("Class3", "public class Class3 { Integer changed; }");
        var run = await scene.BackupAsync(parent: first.Manifest.SnapshotId);
        Assert.False(run.Certificate.Complete);
        var name = type == "EmailFolder" ? "EmailTemplate" : type;
        Assert.All(run.Certificate.Metadata!.Gaps, g => Assert.StartsWith(name, g.Text, StringComparison.Ordinal));
        Assert.Contains(run.Certificate.Metadata.Gaps, g => g is { Kind: GapKind.NotRead } && g.Text.Contains($"Cannot use: {type} in this organization", StringComparison.Ordinal));
        Assert.Null(run.Certificate.Metadata.Types.Single(t => t.Name == name).Listed);
        await scene.AssertHoldsAsync(run.Manifest);          // what was held of it stays, the others are new
        await scene.AssertSoundAsync(run.Manifest);
        scene.Rules(r => r with { UnlistedMetadata = [] });
        await HealedAsync(scene, run);
    }

    [Fact]
    public async Task All_of_it_when_the_user_lacks_the_right_with_the_remedy_and_never_green()
    {
        await using var scene = await MetadataScene.StartAsync();
        scene.Rules(r => r with { ModifyMetadata = false });
        var run = await scene.BackupAsync();
        Assert.False(run.Certificate.Complete);
        var gap = Assert.Single(run.Certificate.Metadata!.Gaps);
        Assert.Contains("requires a user with the ModifyAllData or ModifyMetadata permissions", gap.Text, StringComparison.Ordinal);
        Assert.Contains("Give the connected user \"Modify Metadata Through Metadata API Functions\"", gap.Text, StringComparison.Ordinal);
        Assert.All(run.Certificate.Objects, o => Assert.True(o.Complete));
        await scene.AssertSoundAsync(run.Manifest);
        scene.Rules(r => r with { ModifyMetadata = true });
        await HealedAsync(scene, run);
    }

    [Fact]
    public async Task A_profile_that_only_some_parts_gave_stays_as_it_was()
    {
        await using var scene = await MetadataScene.StartAsync();
        scene.Org.Options = scene.Org.Options with { MetadataPartFiles = 20 };
        var first = await scene.BackupAsync();
        // Describe, lists of types and of five folders; the first part then tells of the profile, and those behind it fail.
        var before = 1 + (OrgSimulator.Metadata.MetadataType.All.Count + 2) / 3 + 2;
        scene.Org.Simulator.Faults.Plan(PlannedFault.Parse($"fail path=/Soap/m status=500 code=UNKNOWN_EXCEPTION after={before + 3} times=0"));
        var run = await scene.BackupAsync(parent: first.Manifest.SnapshotId);
        scene.Org.Simulator.Faults.Planned.Clear();
        Assert.Contains(run.Certificate.Metadata!.Gaps, g => g.Ids.Contains("Profile:Admin") && g.Kind == GapKind.NotProven);
        Assert.Equal((await scene.HeldAsync(first.Manifest))["profiles/Admin.profile"], (await scene.HeldAsync(run.Manifest))["profiles/Admin.profile"]);
        await scene.AssertHoldsAsync(run.Manifest);
        await scene.AssertSoundAsync(run.Manifest);
    }

    [Fact]
    public async Task But_not_what_was_deleted_while_it_was_read()
    {
        await using var scene = await MetadataScene.StartAsync();
        var (calls, forgetAt) = (0, 0);
        scene.Org.Simulator.Faults.Before = (call, _) =>
        {
            if (call.Path.Contains("/Soap/m/", StringComparison.Ordinal) && Interlocked.Increment(ref calls) == forgetAt) scene.Metadata.Forget("ApexClass", "Class4");
            return Task.CompletedTask;
        };
        await scene.BackupAsync();
        var first = await scene.BackupAsync();
        (forgetAt, calls) = (calls / 2 - 5, 0);     // two parts of three calls each are the end of a run; this is the first call for the first of them
        var run = await scene.BackupAsync(parent: first.Manifest.SnapshotId);
        Assert.Equal(forgetAt + 6, calls);          // one list more, to see what became of it
        Assert.True(run.Certificate.Complete, MetadataScene.Gaps(run.Certificate));
        await scene.AssertHoldsAsync(run.Manifest);
        await scene.AssertSoundAsync(run.Manifest);
    }

    /// <summary>Each fault of the simulator that touches these calls. What is planned must happen: the simulator throws otherwise.</summary>
    [Theory]
    [InlineData("fail path=/Soap/m status=503 times=4")]
    [InlineData("fail path=/Soap/m status=500 rate=0.2 times=0")]
    [InlineData("fail path=/Soap/m status=500 code=INVALID_TYPE after=1 times=2")]
    [InlineData("fail path=/Soap/m status=500 code=UNKNOWN_EXCEPTION after=22 times=0")]
    [InlineData("quota path=/Soap/m after=4 times=2")]
    [InlineData("quota path=/Soap/m after=23 times=2")]
    [InlineData("expireToken path=/Soap/m after=3 times=3")]
    [InlineData("expireToken path=/Soap/m after=23 times=1")]
    [InlineData("nonJson path=/Soap/m after=2 times=3")]
    [InlineData("nonJson path=/Soap/m after=22 times=3")]
    [InlineData("dropAnswer path=/Soap/m times=3")]
    [InlineData("dropAnswer path=/Soap/m after=22 times=5")]
    [InlineData("truncate path=/Soap/m bytes=400 times=3")]
    [InlineData("truncate path=/Soap/m bytes=2500 after=22 times=2")]
    [InlineData("reset path=/Soap/m bytes=300 times=3")]
    [InlineData("reset path=/Soap/m bytes=2500 after=22 times=2")]
    [InlineData("stall path=/Soap/m bytes=200 seconds=1 times=1")]
    [InlineData("clockSkew path=/Soap/m seconds=-3600")]
    public async Task Or_it_is_all_there_whatever_befalls_the_calls(string fault)
    {
        await using var scene = await MetadataScene.StartAsync(o => o with { InProgressPolls = 1 });
        var first = await scene.BackupAsync();
        scene.Class("Class3", "public class Class3 { Integer changed; }");
        scene.Metadata.Forget("Report", "Sales/Won2");
        scene.Org.Simulator.Faults.Plan(PlannedFault.Parse(fault));
        var run = await scene.ResumedAsync(parent: first.Manifest.SnapshotId);
        await scene.AssertSoundAsync(run.Manifest);
        var (truth, held) = (scene.Truth(), await scene.HeldAsync(run.Manifest));
        var missing = truth.Keys.Union(held.Keys).Where(path => !truth.TryGetValue(path, out var t) || !held.TryGetValue(path, out var h) || !MetadataScene.Same(path, t, h)).ToList();
        Assert.True(missing.Count == 0 || !run.Certificate.Complete, $"{fault}: {string.Join(", ", missing)}");
        Assert.All(missing, path => Assert.True(IsNamed(run.Certificate, path), $"{fault}: {path} is not named by {MetadataScene.Gaps(run.Certificate)}"));
        Assert.Equal(run.Certificate.Complete, run.Certificate.Metadata!.Gaps.IsEmpty);
        scene.Org.Simulator.Faults.Planned.Clear();
        await HealedAsync(scene, run);
    }

    private static bool IsNamed(CompletenessCertificate certificate, string path) => certificate.Metadata!.Gaps.Any(g =>
        g.Text.StartsWith("Metadata was not read", StringComparison.Ordinal) || g.Ids.Any(id => path.Contains(id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..], StringComparison.Ordinal))
        || MetadataType(path).Any(type => g.Text.StartsWith(type, StringComparison.Ordinal)));

    private static IEnumerable<string> MetadataType(string path) =>
        OrgSimulator.Metadata.MetadataType.All.Where(t => path.StartsWith(t.Folder + "/", StringComparison.Ordinal)).Select(t => t.Name);

    private static void AssertOnly(BackupSummary run, string component, string said)
    {
        Assert.False(run.Certificate.Complete);
        var gap = Assert.Single(run.Certificate.Metadata!.Gaps);
        Assert.Equal(component, Assert.Single(gap.Ids));
        Assert.Contains(said, gap.Text, StringComparison.Ordinal);
    }

    private static async Task HealedAsync(MetadataScene scene, BackupSummary run)
    {
        var next = await scene.BackupAsync(parent: run.Manifest.SnapshotId);
        Assert.True(next.Certificate.Complete, MetadataScene.Gaps(next.Certificate));
        await scene.AssertHoldsAsync(next.Manifest);
        await scene.AssertSoundAsync(next.Manifest);
    }
}
