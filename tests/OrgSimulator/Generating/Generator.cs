using System.Globalization;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Generating;

/// <summary>
/// Describes an org of N records: which objects have how many, and by what function each field comes about. Nothing is made here;
/// a hundred million records cost no more than ten. Shapes: skewed children, sparse columns, long texts, a cycle of two objects, self-references,
/// polymorphic lookups, a junction with many lookups.
/// </summary>
public sealed class Generator
{
    /// <summary>Share of each object in a thousand records; contacts take what is left over.</summary>
    private static readonly (string Name, int PerMille)[] Shares =
    [
        ("Account", 150), ("Contact", 0), ("Lead", 25), ("Skill__c", 5), ("Project__c", 30), ("Milestone__c", 50), ("Opportunity", 120), ("Case", 80), ("Assignment__c", 40), ("Task", 200),
    ];

    private readonly OrgStore _store;
    private readonly Dictionary<string, GeneratedRows> _rows = [];
    private readonly string[] _dates;
    private readonly string[] _dueTimes;
    private readonly string[] _numbers;

    public Generator(OrgStore store)
    {
        _store = store;
        _dates = [.. Enumerable.Range(-3000, 3700).Select(day => store.AsOf.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), "1700-01-01", "4000-12-31", "1970-01-01"];
        _dueTimes = [.. _dates.Select(date => date + "T12:34:56.000Z")];
        _numbers = [.. Enumerable.Range(0, 5000).Select(i => (i * 37 % 9999 * 2.5m).ToString("0.0#", CultureInfo.InvariantCulture)), "1.0E8", "-0.01", "123456789012.34", "0.0"];
    }

    /// <param name="count">Records in all.</param>
    /// <param name="files">Documents among them, four records each; null for one in two hundred records, at most 300.</param>
    public void Generate(int count, int? files = null)
    {
        var documents = Math.Min(files ?? Math.Min(300, count / 200), count / GeneratedFiles.RecordsPerDocument);
        var attachments = Math.Min(files is { } asked ? asked / 10 : Math.Min(100, count / 400), count - documents * GeneratedFiles.RecordsPerDocument);
        var plain = count - documents * GeneratedFiles.RecordsPerDocument - attachments;
        var counts = Shares.ToDictionary(share => share.Name, share => (int)((long)plain * share.PerMille / 1000));
        if (counts["Project__c"] == 0 || counts["Skill__c"] == 0) counts["Assignment__c"] = 0;     // a detail needs both its masters
        counts["Contact"] = plain - counts.Values.Sum();
        foreach (var (name, _) in Shares) Reserve(name, counts[name]);
        Reserve("ContentDocument", documents);
        Reserve("ContentVersion", documents);
        Reserve("ContentDocumentLink", documents * 2);
        Reserve("Attachment", attachments);

        DescribeAccount(Of("Account"));
        DescribeContact(Of("Contact"));
        DescribeLead(Of("Lead"));
        DescribeOpportunity(Of("Opportunity"));
        DescribeCase(Of("Case"));
        DescribeTask(Of("Task"));
        DescribeProject(Of("Project__c"));
        DescribeMilestone(Of("Milestone__c"));
        DescribeSkill(Of("Skill__c"));
        DescribeAssignment(Of("Assignment__c"));
        new GeneratedFiles(_store, _store.Seed).Describe(_rows["ContentDocument"], _rows["ContentVersion"], _rows["ContentDocumentLink"], _rows["Attachment"],
            counts["Account"] > 0 ? _rows["Account"] : _rows["Contact"],
            counts["Opportunity"] > 0 ? _rows["Opportunity"] : _rows["Contact"]);
        foreach (var rows in _rows.Values.Where(rows => rows.Count > 0))
        {
            rows.Complete();
            _store.Table(rows.Type).Generate(rows);
        }
    }

    private void Reserve(string name, int count)
    {
        var table = _store.Table(name);
        var rows = new GeneratedRows(_store, table.Type, table.NextNumber, count);
        foreach (var field in table.Type.Fields)
        {
            if (field.AutoNumberFormat is not { } format) continue;
            var first = table.ReserveAutoNumbers(field, count);
            rows.Set(field.Name, i => FieldWriter.Format(format, first + i, _store.AsOf));
        }
        table.NextNumber += count;
        _rows[name] = rows;
    }

    private Recipe Of(string name) => new(_rows[name], _rows);

    private void DescribeAccount(Recipe r)
    {
        r.Text("Name", i => $"{r.Pick(Words.Company, 1, i)} {r.Pick(Words.Company, 2, i)} {r.Pick(Words.Suffix, 3, i)}");
        r.Self("ParentId", 30, skewed: true);
        r.Choice("BillingCity", 100, Words.Cities);
        r.Choice("BillingCountry", 100, Words.Countries);
        r.Picklist("Industry", 80);
        r.Choice("AnnualRevenue", 50, _numbers);
        r.Some("NumberOfEmployees", 50, i => r.Small(4, i));
        r.Long("Description");
        r.Some("Website", 20, i => $"https://www.example{i}.com");
        r.Some("Phone", 40, r.Phone);
    }

    private void DescribeContact(Recipe r)
    {
        r.Choice("FirstName", 95, Words.First);
        r.Text("LastName", i => r.Pick(Words.Last, 1, i));
        r.Lookup("AccountId", 92, "Account");
        r.Self("ReportsToId", 20, skewed: false);
        r.Some("Email", 70, i => $"person{i}@example.com");
        r.Key("Email", "person", "@example.com");
        r.Some("Birthdate", 30, i => Date(r, i));
        r.Picklist("Salutation", 40);
        r.Choice("Title", 50, Words.Things);
        r.Some("Phone", 30, r.Phone);
    }

    private static void DescribeLead(Recipe r)
    {
        r.Choice("FirstName", 100, Words.First);
        r.Text("LastName", i => r.Pick(Words.Last, 1, i));
        r.Choice("Company", 100, Words.Company);
        r.Picklist("Status", 100, first: 2);
        r.Some("Email", 100, i => $"lead{i}@example.org");
        r.Key("Email", "lead", "@example.org");
        r.Long("Description");
    }

    private void DescribeOpportunity(Recipe r)
    {
        var type = _store.Schema["Opportunity"];
        r.Text("Name", i => $"{r.Pick(Words.Company, 1, i)} {r.Pick(Words.Things, 2, i)}");
        r.Lookup("AccountId", 100, "Account");
        r.Choice("Amount", 90, _numbers);
        r.Picklist("StageName", 100);
        r.Choice("CloseDate", 100, _dates);
        r.Follows(_store, "StageName", [.. type["StageName"].PicklistValues], "Probability", "ForecastCategory", "ForecastCategoryName", "IsClosed", "IsWon");
        r.Follows(_store, "CloseDate", _dates, "FiscalYear", "FiscalQuarter", "Fiscal");
        r.Choice("NextStep", 20, Words.Verbs);
        r.Long("Description");
    }

    private void DescribeCase(Recipe r)
    {
        r.Text("Subject", i => $"{r.Pick(Words.Verbs, 1, i)} {r.Pick(Words.Things, 2, i)}");
        r.Lookup("AccountId", 40, "Account");
        r.Lookup("ContactId", 20, "Contact");
        r.Self("ParentId", 5, skewed: false);
        r.Picklist("Status", 100);
        r.Follows(_store, "Status", [.. _store.Schema["Case"]["Status"].PicklistValues], "IsClosed");
        r.Picklist("Origin", 100);
        r.Long("Description");
    }

    private void DescribeTask(Recipe r)
    {
        r.Text("Subject", i => $"{r.Pick(Words.Verbs, 1, i)} {r.Pick(Words.Things, 2, i)}");
        r.Lookup("WhoId", 70, ("Contact", 90), ("Lead", 10));
        r.Lookup("WhatId", 60, ("Account", 34), ("Opportunity", 33), ("Case", 33));
        r.Some("ActivityDate", 80, i => Date(r, i));
        r.Picklist("Status", 100);
        r.Follows(_store, "Status", [.. _store.Schema["Task"]["Status"].PicklistValues], "IsClosed");
        r.Long("Description");
    }

    private void DescribeProject(Recipe r)
    {
        r.Text("Name", i => $"{r.Pick(Words.Company, 1, i)} {r.Pick(Words.Things, 2, i)}");
        r.Lookup("Account__c", 80, "Account");
        r.Lookup("LeadTask__c", 60, "Milestone__c");
        r.Choice("Budget__c", 70, _numbers);
        r.Some("Start__c", 100, i => Date(r, i));
        r.Choice("Stage__c", 100, Words.Stages);
        r.Long("Notes__c");
        r.Count("Assignments__c", "Assignment__c", "Project__c");
    }

    private void DescribeMilestone(Recipe r)
    {
        r.Text("Name", i => $"{r.Pick(Words.Verbs, 1, i)} {r.Pick(Words.Things, 2, i)}");
        r.Lookup("Project__c", 95, "Project__c");
        r.Choice("Due__c", 70, _dueTimes);
        r.Choice("Done__c", 100, ["true", "false"]);
        r.Choice("At__c", 50, ["00:00:00.000Z", "08:30:00.000Z", "13:05:00.000Z", "23:59:59.999Z"]);
        r.Choice("Weight__c", 50, _numbers);
    }

    private static void DescribeSkill(Recipe r)
    {
        r.Text("Name", i => $"{r.Pick(Words.Things, 1, i)} {i}");
        r.Some("Code__c", 100, i => $"S-{i:D6}");
        r.Key("Code__c", "S-", "");
        r.Some("Tags__c", 60, i => $"{Words.Tags[r.Roll(2, i, 3)]};{Words.Tags[3 + r.Roll(3, i, 3)]}");
    }

    private static void DescribeAssignment(Recipe r)
    {
        r.Some("Name", 100, i => $"A {i}");
        r.Lookup("Project__c", 100, "Project__c");
        r.Lookup("Skill__c", 100, "Skill__c");
        r.Lookup("Reviewer__c", 30, "Contact");
        r.Lookup("Milestone__c", 20, "Milestone__c");
        r.Self("Replaces__c", 3, skewed: false);
        r.Some("Hours__c", 100, i => r.Small(4, i) + ".0");
    }

    private string Date(Recipe r, long i) => i % 53 == 3 ? _dates[^(int)(1 + i / 53 % 3)] : _dates[r.Roll(5, i, _dates.Length)];      // the last three are the limits of the calendar
}
