namespace OrgSimulator.Tests;

public sealed class QueryTests
{
    private static async Task<TestOrg> OrgAsync()
    {
        var org = await TestOrg.StartAsync();
        var acme = await org.CreateAsync("Account", new { Name = "Acme \"0\", Inc", AnnualRevenue = 1.0E8, NumberOfEmployees = 5, BillingCity = "Bonn", BillingStreet = "Am Ring 1\nHof" });
        var blank = await org.CreateAsync("Account", new { Name = "blank" });
        await org.CreateAsync("Contact", new { LastName = "Ito", FirstName = "Hiro", AccountId = acme });
        await org.CreateAsync("Contact", new { LastName = "Abara", AccountId = acme });
        await org.CreateAsync("Contact", new { LastName = "Zed" });
        await org.CreateAsync("Task", new { Subject = "Call", WhatId = blank });
        return org;
    }

    /// <summary>Such counts are answered without a look at each row; the second spelling is not.</summary>
    [Fact]
    public async Task Counts_of_live_rows_by_range_of_Ids_are_those_of_the_rows_one_by_one()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 2_000 });
        var ids = await org.IdsAsync("SELECT Id FROM Contact");
        org.Host.Dml.Delete([.. ids.Where((_, i) => i % 7 == 0)]);
        org.Host.Dml.EmptyRecycleBin([.. ids.Where((_, i) => i % 21 == 0)]);
        await org.CreateAsync("Contact", new { LastName = "Youngest" });
        foreach (var range in new[] { "", $" AND Id <= '{ids[99]}'", $" AND Id > '{ids[7]}' AND Id <= '{ids[^2]}'", $" AND Id > '{ids[^1]}'" })
        {
            var quick = await CountAsync($"IsDeleted = false{range}");
            Assert.Equal(await CountAsync($"(IsDeleted = false OR IsDeleted = false){range}"), quick);
            Assert.True(quick > 0);
        }

        async Task<int> CountAsync(string where) =>
            (await org.QueryAsync($"SELECT COUNT() FROM Contact WHERE {where}", all: true))["totalSize"]!.GetValue<int>();
    }

    [Fact]
    public async Task Fields_come_in_select_order_with_parents_children_and_nulls()
    {
        await using var org = await OrgAsync();
        var record = (await org.QueryAsync("SELECT Name, Id, Industry, Owner.Name, AnnualRevenue, BillingAddress, (SELECT LastName FROM Contacts ORDER BY LastName), CreatedDate FROM Account WHERE Name LIKE 'ACME%'"))["records"]![0]!.AsObject();
        Assert.Equal(["attributes", "Name", "Id", "Industry", "Owner", "AnnualRevenue", "BillingAddress", "Contacts", "CreatedDate"], record.Select(pair => pair.Key));
        Assert.Null(record["Industry"]);
        Assert.Equal("Sim Admin", record["Owner"]!["Name"]!.GetValue<string>());
        Assert.Equal(["Abara", "Ito"], record["Contacts"]!["records"]!.AsArray().Select(child => child!["LastName"]!.GetValue<string>()));
        Assert.Equal("Bonn", record["BillingAddress"]!["city"]!.GetValue<string>());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$", record["CreatedDate"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_parent_that_is_not_there_and_children_that_are_none_are_null()
    {
        await using var org = await OrgAsync();
        var record = (await org.QueryAsync("SELECT Account.Name, Account.Owner.Name FROM Contact WHERE LastName = 'zed'"))["records"]![0]!;
        Assert.True(record.AsObject().ContainsKey("Account"));
        Assert.Null(record["Account"]);
        Assert.Null((await org.QueryAsync("SELECT (SELECT Id FROM Contacts) FROM Account WHERE Name = 'blank'"))["records"]![0]!["Contacts"]);
    }

    [Fact]
    public async Task Polymorphic_lookups_offer_name_and_type()
    {
        await using var org = await OrgAsync();
        var record = (await org.QueryAsync("SELECT What.Name, What.Type FROM Task WHERE What.Type = 'Account'"))["records"]![0]!;
        Assert.Equal("Name", record["What"]!["attributes"]!["type"]!.GetValue<string>());
        Assert.Equal("blank", record["What"]!["Name"]!.GetValue<string>());
        var chosen = (await org.QueryAsync("SELECT TYPEOF What WHEN Account THEN Name, Phone ELSE Id END FROM Task"))["records"]![0]!;
        Assert.Equal("blank", chosen["What"]!["Name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Counting_and_grouping()
    {
        await using var org = await OrgAsync();
        Assert.Equal("""{"totalSize":2,"done":true,"records":[]}""", (await org.QueryAsync("select count() from Account")).ToJsonString());
        var groups = (await org.QueryAsync("SELECT Account.Name n, COUNT(Id), MAX(LastName) top FROM Contact GROUP BY Account.Name HAVING COUNT(Id) > 1".Replace(" n,", ",", StringComparison.Ordinal)))["records"]!.AsArray();
        var only = Assert.Single(groups)!;
        Assert.Equal("AggregateResult", only["attributes"]!["type"]!.GetValue<string>());
        Assert.Equal(2, only["expr0"]!.GetValue<int>());
        Assert.Equal("Ito", only["top"]!.GetValue<string>());
        Assert.NotNull((await org.QueryAsync("SELECT MIN(SystemModstamp) a, MAX(SystemModstamp) b FROM Contact"))["records"]![0]!["b"]);
    }

    [Fact]
    public async Task Nulls_stand_first_unless_asked_otherwise()
    {
        await using var org = await OrgAsync();
        async Task<string> First(string order) => (await org.QueryAsync($"SELECT LastName FROM Contact ORDER BY FirstName {order}, LastName LIMIT 1"))["records"]![0]!["LastName"]!.GetValue<string>();
        Assert.Equal("Abara", await First(""));
        Assert.Equal("Ito", await First("NULLS LAST"));
        Assert.Equal("Abara", await First("DESC"));
        Assert.Equal("Ito", await First("DESC NULLS LAST"));
    }

    [Fact]
    public async Task Pages_follow_each_other_by_their_urls()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 2000 });
        org.Http.DefaultRequestHeaders.Add("Sforce-Query-Options", "batchSize=200");
        var page = await org.QueryAsync("SELECT Id FROM Contact");
        var (total, ids) = (page["totalSize"]!.GetValue<int>(), new HashSet<string>());
        while (true)
        {
            Assert.InRange(page["records"]!.AsArray().Count, 1, 200);
            foreach (var record in page["records"]!.AsArray()) Assert.True(ids.Add(record!["Id"]!.GetValue<string>()));
            if (page["done"]!.GetValue<bool>()) break;
            page = await org.GetAsync(page["nextRecordsUrl"]!.GetValue<string>());
        }
        Assert.Null(page["nextRecordsUrl"]);
        Assert.Equal(total, ids.Count);
        Assert.True(total > 200, "one page would do");
        var (status, refused) = await org.SendAsync(HttpMethod.Get, "query/01gXX0000000001YAA-200");
        Assert.Equal((400, "INVALID_QUERY_LOCATOR"), (status, refused![0]!["errorCode"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("SELECT Bogus FROM Account", "INVALID_FIELD: \nSELECT Bogus FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Bogus' on entity 'Account'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.")]
    [InlineData("select count() from XYZZY", "INVALID_TYPE: \nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.")]
    [InlineData("SELECT Id FROM AccountChangeEvent", "INVALID_TYPE_FOR_OPERATION: entity type AccountChangeEvent does not support query")]
    [InlineData("SELECT RecordId FROM UserRecordAccess", "MALFORMED_QUERY: UserRecordAccess: a filter on a reified column is required [UserId,DurableId]")]
    [InlineData("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY: \nSELECT FIELDS(ALL) FROM Account\n       ^\nERROR at Row:1:Column:8\nThe SOQL FIELDS function must have a LIMIT of at most 200")]
    [InlineData("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE: \nSELECT Id FROM Account OFFSET 2001\n                                  ^\nERROR at Row:1:Column:35\nMaximum SOQL offset allowed is 2000")]
    public async Task Refusals_are_in_the_recorded_words(string soql, string refusal)
    {
        await using var org = await TestOrg.StartAsync();
        Assert.Equal(refusal, await org.RefusalAsync(soql));
    }

    [Theory]
    [InlineData("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'")]
    [InlineData("SELECT Id, Id FROM Account")]
    [InlineData("SELECT Id FROM Account WHERE Name = \"a\"")]
    [InlineData("SELECT Id FROM Account WHERE")]
    [InlineData("SELECT FROM Account")]
    [InlineData("SELECT Id Account")]
    [InlineData("")]
    public async Task Bad_grammar_is_malformed(string soql)
    {
        await using var org = await TestOrg.StartAsync();
        Assert.StartsWith("MALFORMED_QUERY", await org.RefusalAsync(soql), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_text_is_not_filtered_and_wrong_literals_are_named()
    {
        await using var org = await TestOrg.StartAsync();
        Assert.Contains("can not be filtered", await org.RefusalAsync("SELECT Id FROM Account WHERE Description = 'x'"), StringComparison.Ordinal);
        Assert.Contains("must be of type datetime", await org.RefusalAsync("SELECT Id FROM Account WHERE CreatedDate > '2024'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_true_describes_the_columns_without_rows()
    {
        await using var org = await OrgAsync();
        var answer = await org.GetAsync("query?columns=true&q=" + Uri.EscapeDataString("SELECT Id, Owner.Name, (SELECT LastName FROM Contacts) FROM Account"));
        Assert.Equal("001", answer["keyPrefix"]!.GetValue<string>());
        Assert.Equal(["Id", "Owner", "Contacts"], answer["columnMetadata"]!.AsArray().Select(column => column!["columnName"]!.GetValue<string>()));
        Assert.All(answer["columnMetadata"]!.AsArray(), column => Assert.NotNull(column!["joinColumns"]!.AsArray()));
    }
}
