using Appliance.Vault;
using OrgSimulator;
using OrgSimulator.Schema;
using Xunit;

namespace Engine.Tests.Drift;

/// <summary>Between two runs an administrator changes objects and fields; the next run takes it as it is and says so.</summary>
public sealed class A_changed_schema_never_fails_a_run
{
    public static TheoryData<string, string> Changes => new()
    {
        { "field added", "schemaChange path=/limits object=Contact field=Fresh__c change=add" },
        { "field removed", "schemaChange path=/limits object=Contact field=Fax change=remove" },
        { "field re-typed", "schemaChange path=/limits object=Contact field=Fax change=retype type=textarea" },
        { "object removed", "schemaChange path=/limits object=Lead change=drop" },
    };

    [Theory, MemberData(nameof(Changes))]
    public async Task Between_two_runs(string what, string change)
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 600, Seed = 7, Files = 0 });
        var full = await org.BackupAsync();
        org.Simulator.Faults.Plan(PlannedFault.Parse(change));
        await org.Connect().LimitsAsync(default);
        await org.DamageAsync(changePercent: 10, deleteParents: 0);
        var next = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        Assert.Empty(await Completeness.Truth.DifferencesAsync(org, next.Manifest));
        Assert.Equal(what != "object removed", next.Certificate.Complete);
        if (what == "object removed") Assert.Contains(next.Certificate.Gaps, g => g.Kind == GapKind.NotVisible && g.Text.StartsWith("Lead", StringComparison.Ordinal));
        var third = await org.BackupAsync(parent: next.Manifest.SnapshotId);
        Assert.Empty(await Completeness.Truth.DifferencesAsync(org, third.Manifest));
    }

    /// <summary>The field is gone in one run and back, under its old name and type, in the next: no stamp tells that its values are new.</summary>
    [Fact]
    public async Task When_a_field_goes_and_comes_again()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 600, Seed = 7, Files = 0 });
        var full = await org.BackupAsync();
        org.Simulator.Faults.Plan(PlannedFault.Parse("schemaChange path=/limits object=Contact field=Fax change=remove"));
        await org.Connect().LimitsAsync(default);
        var without = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        org.Simulator.Faults.Plan(PlannedFault.Parse("schemaChange path=/limits object=Contact field=Fax change=add type=phone"));
        await org.Connect().LimitsAsync(default);
        var again = await org.BackupAsync(parent: without.Manifest.SnapshotId);
        Assert.True(again.Certificate.Complete, Completeness.Ordeal.Gaps(again.Certificate));
        Assert.Empty(await Completeness.Truth.DifferencesAsync(org, again.Manifest));
        var contact = again.Certificate.Objects.Single(o => o.Name == "Contact");
        Assert.Equal(contact.HeldLive + contact.HeldDeleted, contact.Read);                // it was read whole
    }

    [Fact]
    public async Task Nor_does_a_field_under_Shield_which_no_filter_and_no_sort_names()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions
        {
            Generate = 600, Seed = 7, Files = 0, Rules = new() { Encrypted = new Dictionary<string, Shield> { ["Contact.Email"] = Shield.Probabilistic, ["Account.Phone"] = Shield.Deterministic } },
        });
        var full = await org.BackupAsync();
        await org.DamageAsync(changePercent: 20, deleteParents: 2);
        var next = await org.BackupAsync(parent: full.Manifest.SnapshotId, sync: true);
        Assert.True(next.Certificate.Complete, Completeness.Ordeal.Gaps(next.Certificate));
        Assert.Empty(await Completeness.Truth.DifferencesAsync(org, next.Manifest));
        foreach (var call in org.Simulator.Faults.Calls)
        {
            var asked = Uri.UnescapeDataString(call.Path.Replace('+', ' '));
            var behind = asked.IndexOf(" WHERE ", StringComparison.OrdinalIgnoreCase) is var at and >= 0 ? asked[at..] : "";
            Assert.DoesNotContain("Email", behind, StringComparison.Ordinal);
            Assert.DoesNotContain("Phone", behind, StringComparison.Ordinal);
        }
        await using var vault = await org.OpenVaultAsync();
        var schema = await vault.GetDocumentAsync($"schemas/{next.Manifest.Objects.Single(o => o.Name == "Contact").SchemaHash}.json", default);
        Assert.True(Appliance.Salesforce.ObjectDescribe.Parse(schema).Field("Email")!.Encrypted);
    }
}
