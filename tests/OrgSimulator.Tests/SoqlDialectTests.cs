
namespace OrgSimulator.Tests;

/// <summary>The less trodden corners of SOQL.</summary>
public sealed class SoqlDialectTests
{
    private static async Task<TestOrg> OrgAsync()
    {
        var org = await TestOrg.StartAsync();
        var near = await org.CreateAsync("Account", new { Name = "Near", Industry = "Energy", AnnualRevenue = 5000, BillingLatitude = 51.5, BillingLongitude = -0.12, NumberOfEmployees = 3 });
        await org.CreateAsync("Account", new { Name = "Far", BillingLatitude = 40.7, BillingLongitude = -74.0 });
        await org.CreateAsync("Account", new { Name = "Nowhere" });
        await org.CreateAsync("Contact", new { LastName = "Ada", AccountId = near, Birthdate = "1990-05-15" });
        await org.CreateAsync("Contact", new { LastName = "Bob" });
        return org;
    }

    [Theory]
    [InlineData("Contact c, c.Account a WHERE a.Name = 'Near'", 1)]
    [InlineData("Contact c, c.Account a, a.Owner o WHERE o.Username = 'admin@sim.example' AND c.LastName = 'Ada'", 1)]
    [InlineData("Contact, Contact.Account AS a WHERE a.Industry = 'Energy'", 1)]
    [InlineData("Account USING SCOPE mine WHERE Name != null", 3)]
    [InlineData("Account USING SCOPE everything", 3)]
    [InlineData("Account WHERE DISTANCE(BillingAddress, GEOLOCATION(51.5, -0.1), 'km') < 20", 1)]
    [InlineData("Account WHERE DISTANCE(BillingAddress, GEOLOCATION(51.5, -0.1), 'mi') > 20", 1)]
    [InlineData("Contact WHERE DISTANCE(Account.BillingAddress, GEOLOCATION(51.5, -0.1), 'km') < 20", 1)]
    [InlineData("Account WHERE AnnualRevenue >= USD5000", 1)]
    [InlineData("Account WHERE HOUR_IN_DAY(convertTimezone(CreatedDate)) >= 0", 3)]
    [InlineData("Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Ada')", 1)]
    [InlineData("Account WHERE Id NOT IN (SELECT AccountId FROM Contact WHERE AccountId != null)", 2)]
    [InlineData("Contact WHERE Birthdate < LAST_N_FISCAL_YEARS:3 AND CreatedDate = TODAY", 1)]
    [InlineData("Account FOR VIEW", 3)]
    [InlineData("Account WHERE HOUR_IN_DAY(CreatedDate) IN (0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23)", 3)]
    [InlineData("Account WHERE CALENDAR_YEAR(CreatedDate) NOT IN (1999)", 3)]
    [InlineData("Account WHERE DAY_ONLY(CreatedDate) > 2020-01-01", 3)]
    [InlineData("Account WITH DATA CATEGORY Geo__c ABOVE_OR_BELOW (usa__c, uk__c) AND Kind__c AT a__c", 3)]
    [InlineData("Account WHERE CreatedDate > 2020-01-01T00:00:00+0530", 3)]
    [InlineData("Account WITH SECURITY_ENFORCED", 3)]
    public async Task It_counts(string from, int expected)
    {
        await using var org = await OrgAsync();
        Assert.Equal(expected, await org.CountAsync(from));
    }

    [Fact]
    public async Task A_distance_is_a_column_and_an_order()
    {
        await using var org = await OrgAsync();
        var records = (await org.QueryAsync("SELECT Name, DISTANCE(BillingAddress, GEOLOCATION(51.5, -0.12), 'mi') d FROM Account ORDER BY DISTANCE(BillingAddress, GEOLOCATION(51.5, -0.12), 'mi') DESC NULLS LAST"))["records"]!.AsArray();
        Assert.Equal(["Far", "Near", "Nowhere"], records.Select(record => record!["Name"]!.GetValue<string>()));
        Assert.Equal(0, records[1]!["d"]!.GetValue<double>());
        Assert.InRange(records[0]!["d"]!.GetValue<double>(), 3400, 3520);       // London to New York
        Assert.Null(records[2]!["d"]);
    }

    [Theory]
    [InlineData("SELECT Id FROM", 1, 15, "unexpected token: '<EOF>'")]
    [InlineData("SELECT Id FROM Account WHERE (Name = 'a'", 1, 41, "unexpected token: '<EOF>'")]
    [InlineData("SELECT Id,\nBogus FROM Account", 2, 1, "No such column 'Bogus' on entity 'Account'")]
    [InlineData("SELECT Id FROM Account USING SCOPE nobody", 1, 36, "unexpected token: 'nobody'")]
    [InlineData("SELECT FIELDS(ALL) FROM Account", 1, 8, "The SOQL FIELDS function must have a LIMIT of at most 200")]
    [InlineData("SELECT Id, Id FROM Account", 1, 20, "duplicate field selected: Id")]
    [InlineData("SELECT Id FROM Account OFFSET 3000", 1, 35, "Maximum SOQL offset allowed is 2000")]
    [InlineData("SELECT Id FROM Account WHERE Name = 'open", 1, 42, "string literal not terminated")]
    [InlineData("SELECT Id FROM Account WHERE DISTANCE(Name, GEOLOCATION(1, 2), 'km') < 5", 1, 39, "DISTANCE needs a location")]
    [InlineData("SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'ft') < 5", 1, 74, "Invalid distance unit")]
    [InlineData("SELECT Id FROM Account ALL ROWS", 1, 24, "ALL ROWS not allowed in this context")]
    [InlineData("SELECT Id FROM Account WHERE CreatedDate > 2024-01-01T00:00:00", 1, 44, "must be of type datetime")]
    [InlineData("SELECT Id FROM Account WITH DATA CATEGORY Geo__c NEAR usa__c", 1, 50, "unexpected token: 'NEAR'")]
    [InlineData("SELECT TYPEOF What WHEN Account THEN Bogus END FROM Task", 1, 38, "No such column 'Bogus' on entity 'Account'")]
    [InlineData("SELECT TYPEOF What WHEN Lead THEN Id END FROM Task", 1, 25, "sObject type 'Lead' is not supported")]
    [InlineData("SELECT TYPEOF Account WHEN Account THEN Id END FROM Contact", 1, 15, "TYPEOF needs a relationship that names several objects")]
    [InlineData("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) OR Name = 'x'", 1, 30, "not allowed with the 'OR' operator")]
    [InlineData("SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Contact)", 1, 30, "should point to the same object type")]
    [InlineData("SELECT Id FROM Account WHERE Name IN (SELECT LastName FROM Contact)", 1, 30, "should point to the same object type")]
    [InlineData("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact LIMIT 1)", 1, 59, "not supported in semi join sub-selects")]
    [InlineData("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT WhoId FROM Task))", 1, 79, "Nesting of semi join sub-selects is not supported")]
    public async Task Every_refusal_says_where(string soql, int row, int column, string words)
    {
        await using var org = await OrgAsync();
        var refusal = await org.RefusalAsync(soql);
        Assert.Contains($"ERROR at Row:{row}:Column:{column}\n", refusal, StringComparison.Ordinal);
        Assert.Contains(words, refusal, StringComparison.Ordinal);
        var caret = refusal.Split('\n').First(line => line.TrimStart(' ') == "^");
        Assert.Equal(column, caret.Length);
    }

    [Fact]
    public async Task A_literal_has_four_thousand_letters_at_most_and_a_query_so_many_subqueries()
    {
        await using var org = await TestOrg.StartAsync();
        Assert.Equal(0, await org.CountAsync($"Account WHERE Name = '{new string('x', 4000)}'"));
        Assert.Contains("longer than 4,000 characters", await org.RefusalAsync($"SELECT Id FROM Account WHERE Name = '{new string('x', 4001)}'"), StringComparison.Ordinal);
        string Nested(int count) => $"SELECT Id, {string.Join(", ", Enumerable.Repeat("(SELECT Id FROM Contacts)", count))} FROM Account";
        await org.QueryAsync(Nested(20));
        Assert.Contains("at most 20 subqueries", await org.RefusalAsync(Nested(21)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Typeof_follows_paths_and_format_gives_text()
    {
        await using var org = await OrgAsync();
        var near = (await org.IdsAsync("SELECT Id FROM Account WHERE Name = 'Near'"))[0];
        var contact = (await org.IdsAsync("SELECT Id FROM Contact WHERE LastName = 'Ada'"))[0];
        await org.CreateAsync("Task", new { Subject = "t", WhatId = near, WhoId = contact });
        var task = (await org.QueryAsync("SELECT TYPEOF What WHEN Account THEN Name, Owner.Username WHEN Opportunity THEN Amount END, TYPEOF Who WHEN Lead THEN Company ELSE Name END FROM Task"))["records"]![0]!;
        Assert.Equal(("Near", "admin@sim.example"), (task["What"]!["Name"]!.GetValue<string>(), task["What"]!["Owner"]!["Username"]!.GetValue<string>()));
        Assert.Equal(("Ada", 2), (task["Who"]!["Name"]!.GetValue<string>(), task["Who"]!.AsObject().Count));
        var account = (await org.QueryAsync("SELECT FORMAT(AnnualRevenue) a, FORMAT(NumberOfEmployees), FORMAT(CreatedDate) c FROM Account WHERE Name = 'Near'"))["records"]![0]!;
        Assert.Equal(("$5,000.00", "3"), (account["a"]!.GetValue<string>(), account["NumberOfEmployees"]!.GetValue<string>()));
        Assert.Matches("^[0-9]+/[0-9]+/20[0-9]{2} [0-9]+:[0-9]{2} (AM|PM)$", account["c"]!.GetValue<string>());
    }

    [Fact]
    public async Task Case_counts_where_the_field_says_so()
    {
        await using var org = await OrgAsync();
        org.Host.Store.Schema["Account"].Deploy(new OrgSimulator.Schema.Field("Key__c", OrgSimulator.Schema.FieldType.String) { Length = 40, ExternalId = true, Unique = true, CaseSensitive = true });
        foreach (var key in (string[])["ab", "AB"]) await org.CreateAsync("Account", new { Name = "k", Key__c = key });
        Assert.Equal((1, 1, 4), (await org.CountAsync("Account WHERE Key__c = 'ab'"), await org.CountAsync("Account WHERE Key__c IN ('AB', 'x')"), await org.CountAsync("Account WHERE Key__c != 'ab'")));
        Assert.Equal(2, await org.CountAsync("Account WHERE Name = 'K'"));
    }

    public static TheoryData<string> DateWords =>
    [
        .. ((string[])["YESTERDAY", "TODAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS"]),
        .. ((string[])["WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"]).SelectMany(unit => (string[])[$"LAST_{unit}", $"THIS_{unit}", $"NEXT_{unit}"]),
        .. ((string[])["DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"]).SelectMany(unit => (string[])[$"LAST_N_{unit}S:2", $"NEXT_N_{unit}S:2", $"N_{unit}S_AGO:2"]),
    ];

    [Fact]
    public async Task Every_word_for_a_date_is_known_and_spans_what_it_says()
    {
        await using var org = await OrgAsync();
        foreach (var word in DateWords.Select(row => row.Data))
        {
            var (below, within, above) = (await org.CountAsync($"Account WHERE CreatedDate < {word}"), await org.CountAsync($"Account WHERE CreatedDate = {word}"), await org.CountAsync($"Account WHERE CreatedDate > {word}"));
            Assert.Equal((word, 3), (word, below + within + above));
            // Created just now: in every span that holds today, before every one that lies ahead, after every one that lies behind.
            var expected = word.StartsWith("NEXT", StringComparison.Ordinal) || word == "TOMORROW" ? below : word is "TODAY" or "LAST_90_DAYS" or "LAST_N_DAYS:2" || word.StartsWith("THIS", StringComparison.Ordinal) ? within : above;
            Assert.Equal((word, 3), (word, expected));
        }
    }
}
