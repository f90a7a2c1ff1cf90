using Microsoft.Extensions.Time.Testing;

namespace OrgSimulator.Tests;

public sealed class SemanticsTests
{
    private static async Task<string> RefusalAsync(TestOrg org, string type, object fields)
    {
        var (status, body) = await org.SendAsync(HttpMethod.Post, $"sobjects/{type}", fields);
        return status == 201 ? "saved" : $"{body![0]!["errorCode"]}: {body[0]!["message"]}";
    }

    [Fact]
    public async Task Roll_up_summaries_count_sum_and_filter_their_details()
    {
        using var folder = new MetadataFolder();
        folder.Object("Bill__c").Object("Item__c")
            .Field("Item__c", "Bill__c", "<type>MasterDetail</type><referenceTo>Bill__c</referenceTo><relationshipName>Items</relationshipName><relationshipOrder>0</relationshipOrder>")
            .Field("Item__c", "Price__c", "<type>Currency</type><precision>10</precision><scale>2</scale>").Field("Item__c", "Paid__c", "<type>Checkbox</type><defaultValue>false</defaultValue>")
            .Field("Item__c", "Kind__c", "<type>Text</type><length>20</length>");
        Sum("Paid_Total__c", "<summarizedField>Item__c.Price__c</summarizedField><summaryOperation>sum</summaryOperation>", ("Paid__c", "equals", "True"));
        Sum("Many__c", "<summaryOperation>count</summaryOperation>", ("Price__c", "greaterThan", "5"), ("Kind__c", "notEqual", "gift, loan"));
        Sum("Dearest__c", "<summarizedField>Item__c.Price__c</summarizedField><summaryOperation>max</summaryOperation>", ("Kind__c", "startsWith", "go"));
        await using var org = await TestOrg.StartAsync(folder.Options);
        var bill = await org.CreateAsync("Bill__c", new { Name = "B" });
        Assert.Equal("0.0 0.0 null", await ReadAsync());
        var item = await org.CreateAsync("Item__c", new { Bill__c = bill, Price__c = 10, Kind__c = "gold", Paid__c = true });
        await org.CreateAsync("Item__c", new { Bill__c = bill, Price__c = 7, Kind__c = "gift", Paid__c = true });
        await org.CreateAsync("Item__c", new { Bill__c = bill, Price__c = 4, Kind__c = "good" });
        Assert.Equal("17.0 1.0 10.0", await ReadAsync());
        await org.SendAsync(HttpMethod.Delete, $"sobjects/Item__c/{item}");
        Assert.Equal("7.0 0.0 4.0", await ReadAsync());
        org.Host.Dml.Undelete([item]);
        await org.SendAsync(HttpMethod.Patch, $"sobjects/Item__c/{item}", new { Paid__c = false, Price__c = 6 });
        Assert.Equal("7.0 1.0 6.0", await ReadAsync());

        void Sum(string name, string what, params (string Field, string Operation, string Value)[] filters) => folder.Field("Bill__c", name, "<type>Summary</type><summaryForeignKey>Item__c.Bill__c</summaryForeignKey>" + what
            + string.Concat(filters.Select(filter => $"<summaryFilterItems><field>Item__c.{filter.Field}</field><operation>{filter.Operation}</operation><value>{filter.Value}</value></summaryFilterItems>")));

        async Task<string> ReadAsync()
        {
            var row = (await org.QueryAsync("SELECT Paid_Total__c, Many__c, Dearest__c FROM Bill__c"))["records"]![0]!;
            return string.Join(' ', row.AsObject().Where(pair => pair.Key != "attributes").Select(pair => pair.Value?.ToJsonString() ?? "null"));
        }
    }

    [Fact]
    public async Task Fields_that_number_themselves_count_each_for_itself_in_their_format()
    {
        using var folder = new MetadataFolder();
        folder.Object("Thing__c", "<label>T</label><pluralLabel>Ts</pluralLabel><nameField><type>AutoNumber</type><label>No</label><displayFormat>{DD}{MM}{YY}-{0}</displayFormat></nameField>")
            .Field("Thing__c", "Code__c", "<type>AutoNumber</type><displayFormat>C-{YYYY}-{0000}</displayFormat><startingNumber>50</startingNumber>").Field("Thing__c", "Plain__c", "<type>AutoNumber</type><displayFormat>P</displayFormat>");
        await using var org = await TestOrg.StartAsync(folder.Options with { Time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero)) });
        foreach (var _ in new int[2]) await org.CreateAsync("Thing__c", new { });
        var rows = (await org.QueryAsync("SELECT Name, Code__c, Plain__c FROM Thing__c ORDER BY Name"))["records"]!.AsArray();
        Assert.Equal("040326-1 C-2026-0050 P1, 040326-2 C-2026-0051 P2", string.Join(", ", rows.Select(row => $"{row!["Name"]} {row["Code__c"]} {row["Plain__c"]}")));
        Assert.StartsWith("INVALID_FIELD_FOR_INSERT_UPDATE", await RefusalAsync(org, "Thing__c", new { Code__c = "x" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_types_come_from_metadata_and_must_belong_to_the_object()
    {
        using var folder = new MetadataFolder();
        folder.Object("Thing__c").Object("Other__c");
        foreach (var (type, name, active) in ((string, string, string)[])[("Thing__c", "Big", "true"), ("Thing__c", "Old", "false"), ("Other__c", "Elsewhere", "true")])
            folder.Write($"objects/{type}/recordTypes/{name}.recordType-meta.xml",
                $"<RecordType xmlns=\"http://soap.sforce.com/2006/04/metadata\"><fullName>{name}</fullName><active>{active}</active><label>{name} thing</label></RecordType>");
        await using var org = await TestOrg.StartAsync(folder.Options);
        Assert.Equal("saved", await RefusalAsync(org, "Thing__c", new { RecordTypeId = await IdAsync("Big") }));
        Assert.Equal("saved", await RefusalAsync(org, "Thing__c", new { RecordTypeId = "012000000000000AAA" }));
        Assert.Equal($"INVALID_CROSS_REFERENCE_KEY: Record Type ID: this ID value isn't valid for the user: {await IdAsync("Elsewhere")}", await RefusalAsync(org, "Thing__c", new { RecordTypeId = await IdAsync("Elsewhere") }));
        Assert.StartsWith("INVALID_CROSS_REFERENCE_KEY", await RefusalAsync(org, "Thing__c", new { RecordTypeId = await IdAsync("Old") }), StringComparison.Ordinal);
        Assert.Equal(1, await org.CountAsync("Thing__c WHERE RecordType.DeveloperName = 'Big'"));
        var infos = (await org.GetAsync("sobjects/Thing__c/describe"))["recordTypeInfos"]!.AsArray().Select(info => $"{info!["developerName"]} {info["name"]} {info["active"]}");
        Assert.Equal("Big Big thing true, Old Old thing false, Master Master true", string.Join(", ", infos));

        async Task<string> IdAsync(string name) => (await org.IdsAsync($"SELECT Id FROM RecordType WHERE DeveloperName = '{name}'")).Single();
    }

    [Fact]
    public async Task Unique_values_heed_letter_case_only_where_the_field_says_so_and_come_back_only_when_free()
    {
        using var folder = new MetadataFolder();
        folder.Field("Account", "Any__c", "<type>Text</type><length>20</length><unique>true</unique><externalId>true</externalId>")
            .Field("Account", "Exact__c", "<type>Text</type><length>20</length><unique>true</unique><externalId>true</externalId><caseSensitive>true</caseSensitive>");
        await using var org = await TestOrg.StartAsync(folder.Options);
        var first = await org.CreateAsync("Account", new { Name = "A", Any__c = "key", Exact__c = "key" });
        Assert.Equal($"DUPLICATE_VALUE: duplicate value found: Any__c duplicates value on record with id: {first}", await RefusalAsync(org, "Account", new { Name = "B", Any__c = " KEY " }));
        Assert.Equal("saved", await RefusalAsync(org, "Account", new { Name = "B", Exact__c = "KEY" }));
        Assert.StartsWith("DUPLICATE_VALUE", await RefusalAsync(org, "Account", new { Name = "B", Exact__c = "key" }), StringComparison.Ordinal);
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, "sobjects/Account/Exact__c/Key")).Status);
        Assert.Equal(200, (await org.SendAsync(HttpMethod.Get, "sobjects/Account/Any__c/KEY")).Status);
        await org.SendAsync(HttpMethod.Delete, $"sobjects/Account/{first}");
        var second = await org.CreateAsync("Account", new { Name = "C", Any__c = "Key" });
        Assert.Equal("DUPLICATE_VALUE", org.Host.Dml.Undelete([first])[0].Error!.Code);
        await org.SendAsync(HttpMethod.Patch, $"sobjects/Account/{second}", new { Any__c = "free" });
        Assert.True(org.Host.Dml.Undelete([first])[0].Success);
    }

    [Fact]
    public async Task Custom_settings_external_objects_and_events_behave_as_their_kind()
    {
        using var folder = new MetadataFolder();
        folder.Object("Tree__c", "<label>T</label><customSettingsType>Hierarchy</customSettingsType>").Field("Tree__c", "On__c", "<type>Checkbox</type><defaultValue>true</defaultValue>")
            .Object("List__c", "<label>L</label><customSettingsType>List</customSettingsType>").Object("Far__x", "<label>F</label>").Object("Rang__e", "<label>E</label>");
        await using var org = await TestOrg.StartAsync(folder.Options);
        var id = await org.CreateAsync("Tree__c", new { On__c = false });
        Assert.Equal(org.Host.Store.OrganizationId, (await org.QueryAsync("SELECT SetupOwnerId FROM Tree__c"))["records"]![0]!["SetupOwnerId"]!.GetValue<string>());
        Assert.StartsWith("DUPLICATE_VALUE", await RefusalAsync(org, "Tree__c", new { SetupOwnerId = org.Host.Store.OrganizationId }), StringComparison.Ordinal);
        Assert.Equal("saved", await RefusalAsync(org, "Tree__c", new { SetupOwnerId = org.Host.Store.ProfileId }));
        Assert.StartsWith("FIELD_INTEGRITY_EXCEPTION", await RefusalAsync(org, "Tree__c", new { SetupOwnerId = id }), StringComparison.Ordinal);
        Assert.Equal("saved", await RefusalAsync(org, "List__c", new { Name = "one" }));
        Assert.StartsWith("DUPLICATE_VALUE", await RefusalAsync(org, "List__c", new { Name = "ONE" }), StringComparison.Ordinal);
        Assert.True((await org.GetAsync("sobjects/List__c/describe"))["customSetting"]!.GetValue<bool>());
        Assert.StartsWith("EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", await org.RefusalAsync("SELECT Id FROM Far__x"), StringComparison.Ordinal);
        Assert.Equal("INVALID_TYPE_FOR_OPERATION: entity type Rang__e does not support query", await org.RefusalAsync("SELECT Id FROM Rang__e"));
        Assert.Equal("INVALID_TYPE_FOR_OPERATION: entity type AccountChangeEvent does not support query", await org.RefusalAsync("SELECT Id FROM AccountChangeEvent"));
    }

    [Fact]
    public async Task Big_objects_are_read_by_their_index_only()
    {
        using var folder = new MetadataFolder();
        folder.Object("Ride__b", "<label>R</label><pluralLabel>Rs</pluralLabel><indexes><fullName>i</fullName><label>i</label><fields><name>City__c</name><sortDirection>ASC</sortDirection></fields>"
                + "<fields><name>No__c</name><sortDirection>DESC</sortDirection></fields></indexes>")
            .Field("Ride__b", "City__c", "<type>Text</type><length>20</length><required>true</required>").Field("Ride__b", "No__c", "<type>Number</type><precision>8</precision><scale>0</scale><required>true</required>")
            .Field("Ride__b", "Note__c", "<type>Text</type><length>20</length>");
        await using var org = await TestOrg.StartAsync(folder.Options);
        for (var i = 1; i < 5; i++) await org.CreateAsync("Ride__b", new { City__c = i < 4 ? "Bern" : "Rome", No__c = i });
        Assert.Equal((3, 2, 1), (await RowsAsync("City__c = 'Bern'"), await RowsAsync("City__c IN ('Bern') AND No__c > 1"), await RowsAsync("City__c = 'Bern' AND No__c > 1 AND No__c <= 2")));
        foreach (var wrong in (string[])["No__c = 1", "Note__c = 'x'", "City__c = 'Bern' OR City__c = 'Rome'", "City__c > 'A' AND No__c = 1", "City__c != 'Bern'", "City__c = 'a' AND Note__c = 'b'"])
            Assert.StartsWith("INVALID_QUERY_FILTER_OPERATOR", await org.RefusalAsync($"SELECT No__c FROM Ride__b WHERE {wrong}"), StringComparison.Ordinal);
        Assert.StartsWith("BIG_OBJECT_UNSUPPORTED_OPERATION", await org.RefusalAsync("SELECT COUNT() FROM Ride__b"), StringComparison.Ordinal);
        Assert.StartsWith("BIG_OBJECT_UNSUPPORTED_OPERATION", await org.RefusalAsync("SELECT No__c FROM Ride__b ORDER BY City__c"), StringComparison.Ordinal);
        Assert.Contains("No such column 'SystemModstamp'", await org.RefusalAsync("SELECT SystemModstamp FROM Ride__b"), StringComparison.Ordinal);

        async Task<int> RowsAsync(string where) => (await org.QueryAsync($"SELECT No__c FROM Ride__b WHERE {where}"))["totalSize"]!.GetValue<int>();
    }

    [Theory]
    [InlineData("NumberOfEmployees", "3000000000", "NUMBER_OUTSIDE_VALID_RANGE: Employees: value outside of valid range on numeric field: 3000000000")]
    [InlineData("NumberOfEmployees", "many", "INVALID_TYPE_ON_FIELD_IN_RECORD")]
    [InlineData("AnnualRevenue", "1234567890123456789", "NUMBER_OUTSIDE_VALID_RANGE")]
    [InlineData("Phone", "12345678901234567890123456789012345678901", "STRING_TOO_LONG: Phone: data value too large: 12345678901234567890123456789012345678901 (max length=40)")]
    [InlineData("ParentId", "003000000000001AAA", "FIELD_INTEGRITY_EXCEPTION")]
    [InlineData("ParentId", "001000000000001AAA", "INVALID_CROSS_REFERENCE_KEY")]
    [InlineData("ParentId", "xyz", "MALFORMED_ID")]
    public async Task A_value_that_a_field_cannot_hold_is_refused_in_the_words_of_the_platform(string field, string value, string refusal)
    {
        await using var org = await TestOrg.StartAsync();
        var (status, body) = await org.SendAsync(HttpMethod.Post, "sobjects/Account", new Dictionary<string, string> { ["Name"] = "A", [field] = value });
        Assert.Equal(400, status);
        Assert.StartsWith(refusal.Replace("Employees", org.Host.Store.Schema["Account"][field].Label, StringComparison.Ordinal), $"{body![0]!["errorCode"]}: {body[0]!["message"]}", StringComparison.Ordinal);
        Assert.Equal(field, body[0]!["fields"]![0]!.GetValue<string>());
    }
}
