using System.Globalization;
using OrgSimulator.Loading;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Generating;

/// <summary>
/// Makes up an org of N records from a seed. Equal texts share one string and lookups share the Id of their target,
/// so that a million records fit into about a gigabyte.
/// </summary>
public sealed class Generator
{
    /// <summary>Share of each object in a thousand records; contacts take what is left over.</summary>
    private static readonly (string Name, int PerMille)[] Shares =
    [
        ("Account", 150), ("Contact", 0), ("Lead", 25), ("Skill__c", 5), ("Project__c", 30), ("Milestone__c", 50), ("Opportunity", 120), ("Case", 80), ("Assignment__c", 40), ("Task", 200),
    ];

    private readonly OrgStore _store;
    private readonly Random _random;
    private readonly Dictionary<string, string[]> _ids = [];
    private readonly string[] _dates;
    private readonly string[] _numbers;

    public Generator(OrgStore store)
    {
        _store = store;
        _random = new Random(store.Seed);
        var today = DateOnly.FromDateTime(store.Time.GetUtcNow().UtcDateTime);
        _dates = [.. Enumerable.Range(-3000, 3700).Select(day => today.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), "1700-01-01", "4000-12-31", "1970-01-01"];
        _numbers = [.. Enumerable.Range(0, 5000).Select(i => (i * 37 % 9999 * 2.5m).ToString("0.0#", CultureInfo.InvariantCulture)), "1.0E8", "-0.01", "123456789012.34", "0.0"];
    }

    public void Generate(int count)
    {
        var (documents, attachments) = (Math.Min(300, count / 200), Math.Min(100, count / 400));
        var plain = count - documents * GeneratedFiles.RecordsPerDocument - attachments;
        var counts = Shares.ToDictionary(share => share.Name, share => (int)((long)plain * share.PerMille / 1000));
        if (counts["Project__c"] == 0 || counts["Skill__c"] == 0) counts["Assignment__c"] = 0;     // a detail needs both its masters
        counts["Contact"] = plain - counts.Values.Sum();
        foreach (var (name, _) in Shares)
        {
            var table = _store.Table(name);
            table.EnsureCapacity(table.LiveCount + counts[name]);
            var ids = new string[counts[name]];
            for (var i = 0; i < ids.Length; i++) ids[i] = _store.NewId(table);
            _ids[name] = ids;
        }
        foreach (var (name, _) in Shares) Fill(name);
        new GeneratedFiles(_store, _random).Generate(documents, attachments, [.. _ids["Account"].Concat(_ids["Contact"]).Take(5000)]);
    }

    private void Fill(string name)
    {
        var table = _store.Table(name);
        var type = table.Type;
        var ids = _ids[name];
        var ages = new Ages(_store, name, ids.Length);
        var make = Maker(type);
        var defaults = new string?[type.SlotCount];
        FieldWriter.Default(type, defaults, _store);
        for (var i = 0; i < ids.Length; i++)
        {
            var values = (string?[])defaults.Clone();
            make(i, values);
            FieldWriter.Number(table, values);
            StandardRules.Derive(type, values, _store);
            var (created, modified) = ages.Next(i);
            table.Append(new Row
            {
                Id = ids[i], Number = SalesforceId.Number(ids[i]), Values = values, Created = created, Modified = modified, Modstamp = modified,
                CreatedBy = _store.AdminId, ModifiedBy = _store.AdminId,
            });
        }
    }

    private Action<int, string?[]> Maker(ObjectType type) => type.Name switch
    {
        "Account" => Account(new Slots(type)),
        "Contact" => Contact(new Slots(type)),
        "Lead" => Lead(new Slots(type)),
        "Opportunity" => Opportunity(new Slots(type)),
        "Case" => Case(new Slots(type)),
        "Task" => Task(new Slots(type)),
        "Project__c" => Project(new Slots(type)),
        "Milestone__c" => Milestone(new Slots(type)),
        "Skill__c" => Skill(new Slots(type)),
        _ => Assignment(new Slots(type)),
    };

    private Action<int, string?[]> Account(Slots at)
    {
        var (name, parent, city, country, industry, revenue, employees, description, website, phone) = (at["Name"], at["ParentId"], at["BillingCity"], at["BillingCountry"], at["Industry"],
            at["AnnualRevenue"], at["NumberOfEmployees"], at["Description"], at["Website"], at["Phone"]);
        var industries = at.Picklist("Industry");
        return (i, values) =>
        {
            values[name] = Odd(i) ?? $"{Pick(Words.Company)} {Pick(Words.Company)} {Pick(Words.Suffix)}";
            if (i > 0 && Chance(30)) values[parent] = Skewed(_ids["Account"], i);
            values[city] = Pick(Words.Cities);
            values[country] = Pick(Words.Countries);
            values[industry] = Chance(80) ? Pick(industries) : null;
            values[revenue] = Chance(50) ? Pick(_numbers) : null;
            values[employees] = Chance(50) ? Small() : null;
            values[website] = Chance(20) ? $"https://www.example{i}.com" : null;
            values[phone] = Chance(40) ? Phone() : null;
            values[description] = Long(i);
        };
    }

    private Action<int, string?[]> Contact(Slots at)
    {
        var (first, last, account, manager, email, birth, salutation, title, phone) = (at["FirstName"], at["LastName"], at["AccountId"], at["ReportsToId"], at["Email"], at["Birthdate"],
            at["Salutation"], at["Title"], at["Phone"]);
        var salutations = at.Picklist("Salutation");
        return (i, values) =>
        {
            values[first] = Chance(95) ? Pick(Words.First) : null;
            values[last] = Odd(i) ?? Pick(Words.Last);
            if (Chance(92)) values[account] = Skewed(_ids["Account"], int.MaxValue);
            if (i > 0 && Chance(20)) values[manager] = _ids["Contact"][_random.Next(i)];
            values[email] = Chance(70) ? $"person{i}@example.com" : null;
            values[birth] = Chance(30) ? Date(i) : null;
            values[salutation] = Chance(40) ? Pick(salutations) : null;
            values[title] = Chance(50) ? Pick(Words.Things) : null;
            values[phone] = Chance(30) ? Phone() : null;
        };
    }

    private Action<int, string?[]> Lead(Slots at)
    {
        var (first, last, company, status, email, description) = (at["FirstName"], at["LastName"], at["Company"], at["Status"], at["Email"], at["Description"]);
        var statuses = at.Picklist("Status");
        return (i, values) =>
        {
            values[first] = Pick(Words.First);
            values[last] = Odd(i) ?? Pick(Words.Last);
            values[company] = Pick(Words.Company);
            values[status] = statuses[_random.Next(2)];
            values[email] = $"lead{i}@example.org";
            values[description] = Long(i);
        };
    }

    private Action<int, string?[]> Opportunity(Slots at)
    {
        var (name, account, amount, stage, close, next, description) = (at["Name"], at["AccountId"], at["Amount"], at["StageName"], at["CloseDate"], at["NextStep"], at["Description"]);
        var stages = at.Picklist("StageName");
        return (i, values) =>
        {
            values[name] = Odd(i) ?? $"{Pick(Words.Company)} {Pick(Words.Things)}";
            values[account] = Skewed(_ids["Account"], int.MaxValue);
            values[amount] = Chance(90) ? Pick(_numbers) : null;
            values[stage] = Pick(stages);
            values[close] = Pick(_dates);
            values[next] = Chance(20) ? Pick(Words.Verbs) : null;
            values[description] = Long(i);
        };
    }

    private Action<int, string?[]> Case(Slots at)
    {
        var (subject, account, contact, status, origin, parent, description) = (at["Subject"], at["AccountId"], at["ContactId"], at["Status"], at["Origin"], at["ParentId"], at["Description"]);
        var (statuses, origins) = (at.Picklist("Status"), at.Picklist("Origin"));
        return (i, values) =>
        {
            values[subject] = Odd(i) ?? $"{Pick(Words.Verbs)} {Pick(Words.Things)}";
            if (Chance(40)) values[account] = Skewed(_ids["Account"], int.MaxValue);
            if (Chance(20)) values[contact] = Skewed(_ids["Contact"], int.MaxValue);
            if (i > 0 && Chance(5)) values[parent] = _ids["Case"][_random.Next(i)];
            values[status] = Pick(statuses);
            values[origin] = Pick(origins);
            values[description] = Long(i);
        };
    }

    private Action<int, string?[]> Task(Slots at)
    {
        var (subject, who, what, date, status, description) = (at["Subject"], at["WhoId"], at["WhatId"], at["ActivityDate"], at["Status"], at["Description"]);
        var statuses = at.Picklist("Status");
        string[] whats = ["Account", "Opportunity", "Case"];
        return (i, values) =>
        {
            values[subject] = Odd(i) ?? $"{Pick(Words.Verbs)} {Pick(Words.Things)}";
            if (Chance(70)) values[who] = Any(Chance(90) ? "Contact" : "Lead");
            if (Chance(60)) values[what] = Any(Pick(whats));
            values[date] = Chance(80) ? Date(i) : null;
            values[status] = Pick(statuses);
            values[description] = Long(i);
        };
    }

    private Action<int, string?[]> Project(Slots at)
    {
        var (name, account, lead, budget, start, stage, notes) = (at["Name"], at["Account__c"], at["LeadTask__c"], at["Budget__c"], at["Start__c"], at["Stage__c"], at["Notes__c"]);
        return (i, values) =>
        {
            values[name] = Odd(i) ?? $"{Pick(Words.Company)} {Pick(Words.Things)}";
            if (Chance(80)) values[account] = Skewed(_ids["Account"], int.MaxValue);
            if (Chance(60)) values[lead] = Any("Milestone__c");
            values[budget] = Chance(70) ? Pick(_numbers) : null;
            values[start] = Date(i);
            values[stage] = Pick(Words.Stages);
            values[notes] = Long(i);
        };
    }

    private Action<int, string?[]> Milestone(Slots at)
    {
        var (name, project, due, done, time, weight) = (at["Name"], at["Project__c"], at["Due__c"], at["Done__c"], at["At__c"], at["Weight__c"]);
        string[] times = ["00:00:00.000Z", "08:30:00.000Z", "13:05:00.000Z", "23:59:59.999Z"];
        var dueTimes = _dates.Select(date => date + "T12:34:56.000Z").ToArray();
        return (i, values) =>
        {
            values[name] = Odd(i) ?? $"{Pick(Words.Verbs)} {Pick(Words.Things)}";
            if (Chance(95)) values[project] = Any("Project__c");
            values[due] = Chance(70) ? Pick(dueTimes) : null;
            values[done] = Chance(50) ? "true" : "false";
            values[time] = Chance(50) ? Pick(times) : null;
            values[weight] = Chance(50) ? Pick(_numbers) : null;
        };
    }

    private Action<int, string?[]> Skill(Slots at)
    {
        var (name, code, tags) = (at["Name"], at["Code__c"], at["Tags__c"]);
        return (i, values) =>
        {
            values[name] = Odd(i) ?? $"{Pick(Words.Things)} {i}";
            values[code] = $"S-{i:D6}";
            values[tags] = Chance(60) ? $"{Words.Tags[_random.Next(3)]};{Words.Tags[3 + _random.Next(3)]}" : null;
        };
    }

    private Action<int, string?[]> Assignment(Slots at)
    {
        var (name, project, skill, hours) = (at["Name"], at["Project__c"], at["Skill__c"], at["Hours__c"]);
        return (i, values) =>
        {
            values[name] = $"A {i}";
            values[project] = Any("Project__c");
            values[skill] = Any("Skill__c");
            values[hours] = Small() + ".0";
        };
    }

    private bool Chance(int percent) => _random.Next(100) < percent;
    private string Pick(string[] from) => from[_random.Next(from.Length)];
    private string? Any(string objectName) => _ids[objectName] is { Length: > 0 } ids ? ids[_random.Next(ids.Length)] : null;
    private string Small() => _random.Next(1, 400).ToString(CultureInfo.InvariantCulture);
    private string Date(int i) => i % 53 == 3 ? _dates[^(1 + i / 53 % 3)] : Pick(_dates);      // the last three are the limits of the calendar
    private string Phone() => $"+44 20 {_random.Next(1000, 9999)} {_random.Next(1000, 9999)}";

    /// <summary>A few parents have very many children, most have few.</summary>
    private string? Skewed(string[] ids, int below)
    {
        var count = Math.Min(ids.Length, below);
        var at = _random.NextDouble();
        return count == 0 ? null : ids[(int)(at * at * at * count)];
    }

    private static string? Odd(int i) => i % 97 == 5 ? Words.Nasty[i / 97 % Words.Nasty.Length] : null;

    private static string? Long(int i) => i % 5003 == 7 ? string.Concat(Enumerable.Repeat("Lorem ipsum \"dolor\", sit amet;\n", 900)).TrimEnd()
        : i % 41 == 3 ? Words.NastyLong[i / 41 % Words.NastyLong.Length] : null;

    private sealed class Slots(ObjectType type)
    {
        public int this[string field] => type[field].Slot;
        public string[] Picklist(string field) => [.. type[field].PicklistValues];
    }
}
