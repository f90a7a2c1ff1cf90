using Appliance.Engine;
using Appliance.Engine.Restores;
using OrgSimulator.Schema;
using Xunit;

namespace Engine.Tests;

public sealed class What_the_org_hides_is_never_taken_for_gone
{
    [Fact]
    public async Task An_object_that_can_no_longer_be_seen_is_a_warning_of_the_backup_and_of_the_plan()
    {
        await using var org = await TestOrg.StartAsync(100);
        org.Create("Campaign", 5, ("Name", i => $"C{i}"));
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        var campaigns = (await Manifest(org, snapshot)).Objects.Single(o => o.Name == "Campaign").LiveRecords;
        org.Simulator.Store.Schema["Campaign"].Queryable = false;
        var later = (await org.BackupAsync(parent: snapshot)).Manifest;
        Assert.Contains(later.Warnings, w => w.StartsWith("Campaign ", StringComparison.Ordinal));
        Assert.Equal(5, campaigns);
    }

    [Fact]
    public async Task An_object_that_the_safety_backup_could_not_read_is_not_planned_on_a_guess()
    {
        await using var org = await TestOrg.StartAsync(100);
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        org.Simulator.Faults.FailNext("FROM+Contact", 50, 400, "QUERY_TIMEOUT", "Your query request was running for too long.");
        var refusal = await Assert.ThrowsAsync<EngineException>(() => org.PlanAsync(snapshot, snapshot));
        Assert.Contains("Contact", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_that_is_of_another_type_is_read_again_in_every_row()
    {
        await using var org = await TestOrg.StartAsync(200);
        var first = (await org.BackupAsync()).Manifest;
        var accounts = first.Objects.Single(o => o.Name == "Account").LiveRecords;
        org.Simulator.Store.Schema["Account"]["Site"].Type = FieldType.TextArea;
        var second = (await org.BackupAsync(parent: first.SnapshotId)).Manifest;
        Assert.Equal(accounts, second.Objects.Single(o => o.Name == "Account").ReadRecords);
    }

    [Fact]
    public async Task A_child_that_lost_its_parent_because_that_could_not_be_created_is_no_success()
    {
        await using var org = await TestOrg.StartAsync(100);
        var parent = org.Create("Account", 1, ("Name", _ => "Parent"), ("AccountNumber", _ => "N-1"))[0];
        var children = org.Create("Contact", 3, ("LastName", i => $"Child {i}"), ("AccountId", _ => parent));
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        org.Purge(parent);
        org.Simulator.Store.Schema["Account"]["AccountNumber"].Unique = true;
        org.Create("Account", 1, ("Name", _ => "In the way"), ("AccountNumber", _ => "N-1"));

        var plan = await org.PlanAsync(snapshot, snapshot);
        var summary = await org.RestoreAsync(plan);
        Assert.Equal(1 + children.Length, summary.Failed);
        var outcomes = await org.OutcomesAsync(plan);
        Assert.All(children, id => Assert.Contains("AccountId", outcomes.Single(o => o.OldId == id && o.Action == nameof(RestoreAction.Insert)).Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_record_chosen_alone_comes_with_all_its_lost_ancestors_however_many()
    {
        await using var org = await TestOrg.StartAsync(100);
        var chain = new List<string>();
        for (var i = 0; i < 15; i++) chain.Add(org.Create("Account", 1, ("Name", _ => $"Level {i}"), ("ParentId", _ => chain.LastOrDefault()))[0]);
        var before = await org.DumpAsync();
        var snapshot = (await org.BackupAsync()).Manifest.SnapshotId;
        org.Purge([.. chain]);
        var plan = await org.PlanAsync(snapshot, snapshot, scope: new RestoreScope { SnapshotId = snapshot, Records = [new RecordKey("Account", chain[^1])] });
        var summary = await org.RestoreAsync(plan);
        Assert.Equal((15L, 0L), (summary.Inserted, summary.Failed));
        Assert.Empty(TestOrg.Differences(before, await org.DumpAsync(), await org.IdMapAsync(plan)));
    }

    private static async Task<Appliance.Vault.SnapshotManifest> Manifest(TestOrg org, Guid snapshot)
    {
        await using var vault = await org.OpenVaultAsync();
        return await vault.ReadManifestAsync(snapshot, default);
    }
}
