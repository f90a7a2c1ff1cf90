using Appliance.Engine;
using Appliance.Engine.Backups;
using Appliance.Engine.Templates;
using Appliance.Vault;
using Engine.Tests.Completeness;
using Xunit;

namespace Engine.Tests.Templates;

public sealed class A_template_takes_exactly_what_it_chooses
{
    [Fact]
    public async Task A_tree_with_filters_and_logic_takes_the_records_that_hang_on_each_other()
    {
        await using var org = await TestOrg.StartAsync(2500);
        var truth = await org.DumpAsync();
        var industries = truth.Where(r => r.Key.StartsWith("Account/", StringComparison.Ordinal)).Select(r => r.Value.GetValueOrDefault("Industry", "")).Where(i => i.Length > 0).Distinct().Take(5).ToList();
        var summary = await BackupAsync(org, SnapshotKind.Templated, null, $$"""
            { "objects": [ { "object": "Account",
                             "filters": [ { "field": "Industry", "operator": "in", "value": "{{string.Join(';', industries)}}" }, { "field": "Name", "operator": "contains", "value": "a" }, { "field": "Name", "operator": "starts with", "value": "B" } ],
                             "logic": "1 AND (2 OR NOT 3)",
                             "children": [ { "object": "Contact", "parentField": "AccountId", "children": [ { "object": "Case", "parentField": "ContactId" } ] } ] } ] }
            """);
        bool Taken(Dictionary<string, string> a) => industries.Contains(a.GetValueOrDefault("Industry", ""))
            && (a["Name"].Contains('a', StringComparison.OrdinalIgnoreCase) || !a["Name"].StartsWith("B", StringComparison.OrdinalIgnoreCase));
        var accounts = truth.Where(r => r.Key.StartsWith("Account/", StringComparison.Ordinal) && Taken(r.Value)).Select(r => r.Key).ToHashSet();
        var contacts = Hanging("Contact", "AccountId", "Account", accounts);
        var cases = Hanging("Case", "ContactId", "Contact", contacts);
        Assert.True(accounts.Count > 3 && contacts.Count > 3 && cases.Count > 0, $"{accounts.Count} {contacts.Count} {cases.Count}");
        Assert.Equal(["Account", "Case", "Contact"], summary.Manifest.Objects.Select(o => o.Name));
        Assert.Equal(accounts.Concat(contacts).Concat(cases).Order(StringComparer.Ordinal), (await HeldAsync(org, summary.Manifest)).Order(StringComparer.Ordinal));
        Assert.True(summary.Certificate.Complete, Ordeal.Gaps(summary.Certificate));
        Assert.Empty(await Truth.FindingsAsync(org, summary.Manifest));
        Assert.All(summary.Certificate.Skipped, s => Assert.NotEmpty(s.Reason));

        HashSet<string> Hanging(string child, string field, string parent, HashSet<string> parents) =>
            [.. truth.Where(r => r.Key.StartsWith(child + "/", StringComparison.Ordinal) && parents.Contains($"{parent}/{r.Value.GetValueOrDefault(field)}")).Select(r => r.Key)];
    }

    [Fact]
    public async Task A_condition_in_SOQL_and_children_by_several_ways_are_merged()
    {
        await using var org = await TestOrg.StartAsync(600);
        var summary = await BackupAsync(org, SnapshotKind.Templated, null, """
            { "objects": [ { "object": "Account", "soql": "Name != null AND CreatedDate > 2001-01-01T00:00:00Z", "children": [ { "object": "Opportunity", "parentField": "AccountId" } ] },
                           { "object": "Account", "filters": [ { "field": "Name", "operator": "!=" } ], "children": [ { "object": "Contact", "parentField": "AccountId" } ] },
                           { "object": "Contact", "filters": [ { "field": "AccountId", "operator": "=" } ] } ] }
            """);
        var truth = (await org.DumpAsync()).Keys.Where(k => k.Split('/')[0] is "Account" or "Contact" or "Opportunity");
        Assert.Equal(truth.Order(StringComparer.Ordinal), (await HeldAsync(org, summary.Manifest)).Order(StringComparer.Ordinal));
        Assert.True(summary.Certificate.Complete, Ordeal.Gaps(summary.Certificate));
    }

    [Theory]
    [InlineData("""{ "objects": [ { "object": "Acount" } ] }""", "Acount: there is no such object")]
    [InlineData("""{ "objects": [] }""", "names no object")]
    [InlineData("""{ "objects": [ { "object": "Account", "fields": [ "Nmae" ] } ] }""", "Account.Nmae: there is no such field")]
    [InlineData("""{ "objects": [ { "object": "Account", "filters": [ { "field": "Nmae", "operator": "=", "value": "x" } ] } ] }""", "Account.Nmae: there is no such field")]
    [InlineData("""{ "objects": [ { "object": "Account", "filters": [ { "field": "Name", "operator": "like", "value": "x" } ] } ] }""", "there is no operator 'like'")]
    [InlineData("""{ "objects": [ { "object": "Account", "filters": [ { "field": "AnnualRevenue", "operator": ">", "value": "much" } ] } ] }""", "'much' is no value of the type currency")]
    [InlineData("""{ "objects": [ { "object": "Account", "filters": [ { "field": "CreatedDate", "operator": ">", "value": "LAST_N_DAYS" } ] } ] }""", "is no value of the type datetime")]
    [InlineData("""{ "objects": [ { "object": "Account", "filters": [ { "field": "Name", "operator": "=", "value": "x" } ], "logic": "1 OR 2" } ] }""", "'2' is no number of a filter")]
    [InlineData("""{ "objects": [ { "object": "Account", "filters": [ { "field": "Name", "operator": "=", "value": "x" }, { "field": "Site", "operator": "=", "value": "x" } ], "logic": "1" } ] }""", "leaves out the filters 2")]
    [InlineData("""{ "objects": [ { "object": "Account", "logic": "1" } ] }""", "a logic and no filter")]
    [InlineData("""{ "objects": [ { "object": "Account", "children": [ { "object": "Contact", "parentField": "ReportsToId" } ] } ] }""", "must be its reference field to Account")]
    [InlineData("""{ "objects": [ { "object": "Account", "soql": "Name = 'x') OR (Id != null" } ] }""", "no plain condition")]
    [InlineData("""{ "objects": [ { "object": "Account", "soql": "Name != null ORDER BY Name LIMIT 1" } ] }""", "no plain condition")]
    [InlineData("""{ "objects": [ { "object": "Account", "soql": "Nmae = 'x'" } ] }""", "Salesforce refuses the condition")]
    public async Task What_does_not_fit_the_org_is_named_before_the_run(string template, string said)
    {
        await using var org = await TestOrg.StartAsync(20);
        var resolved = await new TemplateResolution(org.Connect()).ResolveAsync([BackupTemplate.Parse(template)], default);
        Assert.Contains(said, string.Join(" ", resolved.Mistakes), StringComparison.Ordinal);
        await Assert.ThrowsAsync<EngineException>(() => new TemplateResolution(org.Connect()).ChooseAsync([BackupTemplate.Parse(template)], false, default));
    }

    [Theory, InlineData("{"), InlineData("""{ "objects": [ { "objekt": "Account" } ] }"""), InlineData("null")]
    public void What_is_no_template_is_refused(string json) => Assert.Throws<EngineException>(() => BackupTemplate.Parse(json));

    [Fact]
    public async Task Fields_that_it_does_not_choose_are_neither_held_nor_emptied_by_a_restore()
    {
        await using var org = await TestOrg.StartAsync(60);
        var id = org.Create("Account", 1, ("Name", _ => "First"), ("Site", _ => "Here"), ("Fax", _ => "1"))[0];
        var whole = await org.BackupAsync();
        var summary = await BackupAsync(org, SnapshotKind.Templated, null, """{ "objects": [ { "object": "Account", "fields": [ "Name", "Site" ] } ] }""");
        await using (var vault = await org.OpenVaultAsync())
        {
            var columns = await vault.Open(summary.Manifest).ColumnsAsync("Account", default);
            Assert.Contains("Site", columns);
            Assert.DoesNotContain("Fax", columns);
        }
        Assert.Contains(summary.Certificate.Objects.Single().SkippedFields, f => f.Name == "Fax" && f.Reason.Contains("template", StringComparison.Ordinal));
        org.Change("Account", id, "Site", "There");
        org.Change("Account", id, "Fax", "2");
        var plan = await org.PlanAsync(summary.Manifest.SnapshotId, whole.Manifest.SnapshotId);
        Assert.Equal(0, (await org.RestoreAsync(plan)).Failed);
        var now = (await org.DumpAsync())[$"Account/{id}"];
        Assert.Equal(("Here", "2"), (now["Site"], now["Fax"]));
    }

    [Fact]
    public async Task A_composite_refreshes_its_objects_and_carries_everything_else_over()
    {
        await using var org = await TestOrg.StartAsync(400);
        var full = await org.BackupAsync();
        org.Create("Account", 3, ("Name", i => $"New {i}"));
        org.Create("Lead", 2, ("LastName", i => $"New {i}"), ("Company", _ => "C"));
        var composite = await BackupAsync(org, SnapshotKind.Incremental, full.Manifest.SnapshotId, """{ "objects": [ { "object": "Account" } ] }""");
        long Held(BackupSummary summary, string name) => summary.Manifest.Objects.Single(o => o.Name == name).LiveRecords;
        Assert.Equal(Held(full, "Account") + 3, Held(composite, "Account"));
        Assert.Equal(Held(full, "Lead"), Held(composite, "Lead"));
        Assert.Equal(ProofMethod.Carried, composite.Certificate.Objects.Single(o => o.Name == "Lead").Method);
        Assert.True(composite.Certificate.Complete, Ordeal.Gaps(composite.Certificate));
        Assert.Empty(await Truth.FindingsAsync(org, composite.Manifest));
        Assert.Equal(full.Manifest.Objects.Select(o => o.Name), composite.Manifest.Objects.Select(o => o.Name));
        await Ordeal.CleanAsync(org, composite.Manifest.SnapshotId, "after a composite");     // what was carried is caught up with
    }

    private static async Task<BackupSummary> BackupAsync(TestOrg org, SnapshotKind kind, Guid? parent, string template)
    {
        var choice = await new TemplateResolution(org.Connect()).ChooseAsync([BackupTemplate.Parse(template)], wholeObjects: kind == SnapshotKind.Incremental, default);
        return await org.BackupAsync(new BackupOrder(kind, parent, false, choice));
    }

    private static async Task<List<string>> HeldAsync(TestOrg org, SnapshotManifest manifest)
    {
        await using var vault = await org.OpenVaultAsync();
        var held = new List<string>();
        foreach (var entry in manifest.Objects)
            await foreach (var record in vault.Open(manifest).ReadAsync(entry.Name, null, includeDeleted: false, default)) held.Add($"{entry.Name}/{record.Id}");
        return held;
    }
}
