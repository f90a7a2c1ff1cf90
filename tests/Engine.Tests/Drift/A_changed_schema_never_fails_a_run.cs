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

    /// <summary>Between two runs the field was deleted and made again, under its name and type: no stamp and no describe tells that its values are gone.</summary>
    [Theory, InlineData("multipicklist", false), InlineData("textarea", false), InlineData("multipicklist", true)]
    public async Task When_a_field_was_made_again(string type, bool unseen)
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 900, Seed = 7, Files = 0 });
        var full = await org.BackupAsync();
        Assert.Contains(await HeldAsync(org, full.Manifest, "Skill__c", "Tags__c"), value => value.Length > 0);
        await ChangeAsync(org, $"schemaChange path=/limits object=Skill__c field=Tags__c change=recreate type={type}");
        if (unseen) org.Simulator.Faults.Plan(PlannedFault.Parse("fail path=/tooling status=403 code=INSUFFICIENT_ACCESS times=1"));
        var next = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        var skill = next.Certificate.Objects.Single(o => o.Name == "Skill__c");
        Assert.True(next.Certificate.Complete, Completeness.Ordeal.Gaps(next.Certificate));
        Assert.Empty(await Completeness.Truth.DifferencesAsync(org, next.Manifest));
        Assert.Equal([""], (await HeldAsync(org, next.Manifest, "Skill__c", "Tags__c")).Distinct());
        Assert.Contains(unseen ? "could not be seen" : type == "textarea" ? "Tags__c" : "fields deleted and made again under their names: Tags__c", Assert.Single(skill.Notes), StringComparison.Ordinal);
        Assert.Equal(unseen, next.Manifest.Warnings.Any(w => w.Contains("ids of custom fields", StringComparison.Ordinal)));
        Assert.Contains(await HeldAsync(org, full.Manifest, "Skill__c", "Tags__c"), value => value.Length > 0);                 // the old snapshot reads as it was written

        var third = await org.BackupAsync(parent: next.Manifest.SnapshotId);
        if (!unseen) Assert.Equal((0, 0), (third.Certificate.Objects.Single(o => o.Name == "Skill__c").Read, third.Certificate.Objects.Sum(o => o.Notes.Length)));
    }

    [Fact]
    public async Task Though_the_ids_of_custom_fields_fill_more_than_one_page()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 40, Seed = 7, Files = 0 });
        for (var i = 0; i < 2_100; i++) org.Simulator.Store.Schema["Skill__c"].Add($"F{i}__c", FieldType.String, field => field.Length = 10);
        var ids = (await org.Connect().CustomFieldIdsAsync(default))!;
        Assert.True(ids.Count > 2_100);
        Assert.Equal(ids.Count, ids.Values.Distinct().Count());
        Assert.StartsWith("00N", ids["Skill__c.F2099__c"], StringComparison.Ordinal);
    }

    /// <summary>An object comes, is deleted with all its rows and made again under its name: another prefix, other Ids.</summary>
    [Fact]
    public async Task When_an_object_comes_and_is_made_again()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 300, Seed = 7, Files = 0 });
        var full = await org.BackupAsync();
        await ChangeAsync(org, "schemaChange path=/limits object=Made__c change=create");
        await ChangeAsync(org, "schemaChange path=/limits object=Made__c field=Colour__c change=add type=string");
        var old = org.Create("Made__c", 60, ("Name", i => $"Old {i}"), ("Colour__c", _ => "red"));
        var with = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        Assert.Empty(await Completeness.Truth.DifferencesAsync(org, with.Manifest));
        Assert.Contains("the object is new since the snapshot before", with.Certificate.Objects.Single(o => o.Name == "Made__c").Notes);

        await ChangeAsync(org, "schemaChange path=/limits object=Made__c change=recreate");
        var fresh = org.Create("Made__c", 70, ("Name", i => $"New {i}"));
        Assert.NotEqual(old[0][..3], fresh[0][..3]);
        var after = await org.BackupAsync(parent: with.Manifest.SnapshotId);
        Assert.True(after.Certificate.Complete, Completeness.Ordeal.Gaps(after.Certificate));
        Assert.Empty(await Completeness.Truth.DifferencesAsync(org, after.Manifest));
        Assert.Empty(await Completeness.Truth.FindingsAsync(org, after.Manifest));
        Assert.Contains(after.Certificate.Objects.Single(o => o.Name == "Made__c").Notes, n => n.Contains($"begin with {fresh[0][..3]}, they began with {old[0][..3]}", StringComparison.Ordinal));
        Assert.Equal((60, 70), ((await HeldAsync(org, with.Manifest, "Made__c", "Name")).Count(n => n.StartsWith("Old", StringComparison.Ordinal)), (await HeldAsync(org, after.Manifest, "Made__c", "Name")).Count));
        Assert.Equal(["red"], (await HeldAsync(org, with.Manifest, "Made__c", "Colour__c")).Distinct());
        await Completeness.Ordeal.CleanAsync(org, after.Manifest.SnapshotId, "made again");
    }

    [Fact]
    public async Task And_every_change_is_told()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 300, Seed = 7, Files = 0 });
        var full = await org.BackupAsync();
        Assert.Empty(full.Certificate.Objects.SelectMany(o => o.Notes));
        await ChangeAsync(org, "schemaChange path=/limits object=Contact field=Fresh__c change=add");
        await ChangeAsync(org, "schemaChange path=/limits object=Contact field=Fax change=remove");
        await ChangeAsync(org, "schemaChange path=/limits object=Contact field=MobilePhone change=retype type=textarea");
        var next = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        Assert.Equal(["fields added: Fresh__c", "fields removed; older snapshots keep their values: Fax", "fields of another type: MobilePhone (phone, now textarea)"],
            next.Certificate.Objects.Single(o => o.Name == "Contact").Notes);
        Assert.Contains("Fax", (await ColumnsAsync(org, full.Manifest, "Contact")));
        Assert.DoesNotContain("Fax", (await ColumnsAsync(org, next.Manifest, "Contact")));
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

    [Theory, InlineData(100_000), InlineData(1)]
    public async Task Nor_does_a_field_under_Shield_which_no_filter_and_no_sort_names(int restRows)
    {
        var encrypted = new Dictionary<string, Shield> { ["Contact.Email"] = Shield.Probabilistic, ["Account.Phone"] = Shield.Deterministic };
        var trace = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        SnapshotManifest manifest;
        await using (var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 600, Seed = 7, Files = 0, BulkPageSize = 50, TraceFile = trace, Rules = new() { Encrypted = encrypted } }))
        {
            org.Options = org.Options with { RestRows = restRows };
            var full = await org.BackupAsync();
            await org.DamageAsync(changePercent: 20, deleteParents: 2);
            var next = await org.BackupAsync(parent: full.Manifest.SnapshotId, sync: true);
            Assert.True(next.Certificate.Complete, Completeness.Ordeal.Gaps(next.Certificate));
            Assert.Empty(await Completeness.Truth.DifferencesAsync(org, next.Manifest));
            manifest = next.Manifest;
            await using var vault = await org.OpenVaultAsync();
            foreach (var (objectName, field) in encrypted.Keys.Select(k => (k.Split('.')[0], k.Split('.')[1])))
            {
                var schema = await vault.GetDocumentAsync($"schemas/{manifest.Objects.Single(o => o.Name == objectName).SchemaHash}.json", default);
                Assert.True(Appliance.Salesforce.ObjectDescribe.Parse(schema).Field(field)!.Encrypted);
            }
            await org.PlanAsync(full.Manifest.SnapshotId, next.Manifest.SnapshotId);          // a restore looks rows up as well
        }
        var asked = File.ReadLines(trace).SelectMany(Asked).ToList();
        File.Delete(trace);
        Assert.Contains(asked, q => q.Contains("FROM Contact", StringComparison.OrdinalIgnoreCase) && q.Contains("Email", StringComparison.Ordinal));       // it is read
        Assert.Contains(asked, q => q.Contains("FROM Account", StringComparison.OrdinalIgnoreCase) && q.Contains(" WHERE ", StringComparison.OrdinalIgnoreCase));
        foreach (var query in asked)
        {
            var behind = query[(query.IndexOf(" FROM ", StringComparison.OrdinalIgnoreCase) + 6)..];
            Assert.DoesNotContain("Email", behind.Split(' ')[0] == "Contact" ? behind : "", StringComparison.Ordinal);
            Assert.DoesNotContain("Phone", behind.Split(' ')[0] == "Account" ? behind : "", StringComparison.Ordinal);
        }
    }

    /// <summary>The SOQL of one traced call: in the address, in the body of a Bulk job, or in a batch.</summary>
    private static IEnumerable<string> Asked(string line)
    {
        var call = System.Text.Json.JsonElement.Parse(line);
        var (url, body) = (call.GetProperty("url").GetString()!, call.GetProperty("body").GetString() ?? "");
        var from = url.IndexOf("?q=", StringComparison.Ordinal);
        if (from >= 0) yield return Uri.UnescapeDataString(url[(from + 3)..].Replace('+', ' '));
        if (!body.StartsWith('{')) yield break;
        var json = System.Text.Json.JsonElement.Parse(body);
        if (json.TryGetProperty("query", out var query)) yield return query.GetString()!;
        if (!json.TryGetProperty("batchRequests", out var batch)) yield break;
        foreach (var part in batch.EnumerateArray().Select(b => b.GetProperty("url").GetString()!).Where(u => u.Contains("?q=", StringComparison.Ordinal)))
            yield return Uri.UnescapeDataString(part[(part.IndexOf("?q=", StringComparison.Ordinal) + 3)..].Replace('+', ' '));
    }

    private static async Task ChangeAsync(TestOrg org, string fault)
    {
        org.Simulator.Faults.Plan(PlannedFault.Parse(fault));
        await org.Connect().LimitsAsync(default);
    }

    private static async Task<List<string>> HeldAsync(TestOrg org, SnapshotManifest manifest, string objectName, string field)
    {
        await using var vault = await org.OpenVaultAsync();
        return await vault.Open(manifest).ReadAsync(objectName, null, includeDeleted: false, default).Select(r => r[field] ?? "").ToListAsync();
    }

    private static async Task<IReadOnlyList<string>> ColumnsAsync(TestOrg org, SnapshotManifest manifest, string objectName)
    {
        await using var vault = await org.OpenVaultAsync();
        return [.. await vault.Open(manifest).ColumnsAsync(objectName, default)];
    }
}
