using OrgSimulator.Loading;

namespace OrgSimulator.Tests;

public sealed class LoadingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simulator-data").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private (Store.OrgStore Store, string Warnings) Build()
    {
        using var warnings = new StringWriter();
        return (OrgBuilder.Build(new SimulatorOptions { DataFolder = _folder, Warnings = warnings }), warnings.ToString());
    }

    private string Refusal() => Assert.Throws<LoadException>(() => Build()).Message;

    [Theory]
    [InlineData("npsp-1k", "Account 1223, Address__c 1424, Allocation__c 1030, Campaign 13, CampaignMember 1699, Contact 1024, General_Accounting_Unit__c 1000, Opportunity 1517, "
        + "OpportunityContactRole 3499, Partial_Soft_Credit__c 1100, RecordType 2, npe01__OppPayment__c 2443, npe03__Recurring_Donation__c 3, npe4__Relationship__c 1308")]
    [InlineData("apex-recipes", "Account 50, Campaign 15, Contact 150, Junction_Demo_1__c 50, Junction_Demo_2__c 50, Junction__c 50, Opportunity 50")]
    [InlineData("easy-spaces", "Account 12, Contact 12, Lead 11, Market__c 11, Reservation__c 2, Space__c 132")]
    [InlineData("lwc-recipes", "Account 10, Contact 6, Opportunity 20")]
    public void Every_record_of_the_public_data_is_there(string folder, string counts)
    {
        var store = OrgBuilder.Build(new SimulatorOptions { DataFolder = Shared.Data(folder), Warnings = TextWriter.Null });
        string[] builtIn = ["User", "Profile", "Organization", "Pricebook2", "CaseStatus", "TaskStatus"];
        Assert.Equal(counts, string.Join(", ", store.Schema.Objects.Where(type => !builtIn.Contains(type.Name) && store.Table(type).LiveCount > 0)
            .OrderBy(type => type.Name, StringComparer.Ordinal).Select(type => $"{type.Name} {store.Table(type).LiveCount}")));
    }

    [Fact]
    public async Task References_of_the_public_data_resolve()
    {
        await using var npsp = await TestOrg.StartAsync("npsp-1k");
        Assert.Equal(1307, await npsp.CountAsync("Opportunity WHERE Primary_Contact__c != null AND Primary_Contact__r.LastName != null"));
        Assert.Equal(1223, await npsp.CountAsync("Account WHERE RecordType.SobjectType = 'Account'"));
        await using var recipes = await TestOrg.StartAsync("apex-recipes");
        Assert.Equal(50, await recipes.CountAsync("Junction__c WHERE parent1__r.Name != null AND Parent2__r.Name != null"));
    }

    [Fact]
    public async Task Types_come_from_metadata_or_from_the_values()
    {
        await using var npsp = await TestOrg.StartAsync("npsp-1k");
        Assert.Equal("boolean,currency,date,double,string", string.Join(',', await TypesAsync(npsp, "Opportunity", "npe01__Do_Not_Automatically_Create_Payment__c", "Amount", "CloseDate"),
            (await TypesAsync(npsp, "npe01__OppPayment__c", "npe01__Payment_Amount__c")), (await TypesAsync(npsp, "Address__c", "MailingState__c"))));
        await using var spaces = await TestOrg.StartAsync("easy-spaces");
        Assert.Equal("time,multipicklist,reference", string.Join(',', await TypesAsync(spaces, "Reservation__c", "Start_Time__c"), await TypesAsync(spaces, "Space__c", "Type__c"), await TypesAsync(spaces, "Space__c", "Market__c")));
        var market = (await spaces.GetAsync("sobjects/Market__c/describe"))["childRelationships"]!.AsArray().Single(child => child!["childSObject"]!.GetValue<string>() == "Space__c")!;
        Assert.True(market["cascadeDelete"]!.GetValue<bool>());

        static async Task<string> TypesAsync(TestOrg org, string type, params string[] fields)
        {
            var all = (await org.GetAsync($"sobjects/{type}/describe"))["fields"]!.AsArray();
            return string.Join(',', fields.Select(name => all.Single(field => field!["name"]!.GetValue<string>() == name)!["type"]!.GetValue<string>()));
        }
    }

    [Fact]
    public void Loaded_records_are_older_than_two_days_and_the_same_seed_gives_the_same_org()
    {
        Write("index.json", """[{"object":"Account","file":"a.csv","idColumn":"id","fields":["Name"],"lookups":{"ParentId":"Account"}}]""");
        Write("a.csv", "id,Name,ParentId\n1,Top,\n2,Below,1\n");
        var (store, _) = Build();
        Assert.All(store.Table("Account").Live(), row => Assert.InRange(row.Modstamp, row.Created, store.Now - 2 * 86_400));
        Assert.Equal(store.Table("Account").Live().Select(row => row.Id), Build().Store.Table("Account").Live().Select(row => row.Id));
        var other = OrgBuilder.Build(new SimulatorOptions { DataFolder = _folder, Seed = 2 });
        Assert.Empty(store.Table("Account").Live().Select(row => row.Id).Intersect(other.Table("Account").Live().Select(row => row.Id)));
    }

    [Fact]
    public void The_data_wins_where_the_built_in_type_does_not_fit()
    {
        Write("index.json", """[{"object":"Account","file":"a.csv","idColumn":"id","fields":["Name"],"lookups":{}},{"object":"Invoice","file":"i.csv","idColumn":"id","fields":[],"lookups":{"Buyer__c":"Account"}}]""");
        Write("a.csv", "id,Name,NumberOfEmployees,Unheard,Long__c\n1,A,many,7," + new string('x', 300) + "\n2,B,3,8,y\n");
        Write("i.csv", "id,Name,Total,Buyer__c\n1,I-1,12.50,2\n");
        var (store, _) = Build();
        var account = store.Schema["Account"];
        Assert.Equal(("string", "int", "textarea"), (Name("NumberOfEmployees"), Name("Unheard"), Name("Long__c")));
        Assert.Equal("12.50", store.Table("Invoice").Live().Single()[store.Schema["Invoice"]["Total"].Slot]);
        Assert.NotNull(store.Table("Invoice").Live().Single()[store.Schema["Invoice"]["Buyer__c"].Slot]);

        string Name(string field) => Schema.FieldTypes.Name(account[field].Type);
    }

    [Fact]
    public void Bom_crlf_short_lines_and_dangling_references_are_coped_with_in_project_folders()
    {
        Write("data/Contacts.csv", "\uFEFFId,Last Name,AccountId,Twitter\r\n0031,Ito,0019,@x\r\n0032,Abara\r\n");
        Write("data/Account_Data.csv", "Id,Name\n0011,Acme\n");
        Write("objects/Thing__c/Thing__c.object-meta.xml", "<CustomObject><label>Thing</label><pluralLabel>Things</pluralLabel><nameField><type>Text</type><label>Name</label></nameField></CustomObject>");
        var (store, warnings) = Build();
        Assert.Equal((2, 1), (store.Table("Contact").LiveCount, store.Table("Account").LiveCount));
        Assert.Contains("points to '0019'", warnings, StringComparison.Ordinal);
        Assert.Equal("Thing", store.Schema["Thing__c"].Label);
    }

    [Fact]
    public void Trees_without_plans_are_loaded_all_with_children_and_references_in_any_order()
    {
        Write("data/b.json", """{"records":[{"attributes":{"type":"Contact","referenceId":"c1"},"LASTNAME":"Ito","accountid":"@a1","Title":"@home"}]}""");
        Write("data/z.json", """{"records":[{"attributes":{"type":"Account","referenceId":"a1"},"name":"Acme","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"c2"},"LastName":"Kid"}]}}]}""");
        Write("data/package.json", """{"name":"not data"}""");
        var (store, warnings) = Build();
        var contact = store.Schema["Contact"];
        var account = store.Table("Account").Live().Single();
        Assert.All(store.Table("Contact").Live(), row => Assert.Equal(account.Id, row[contact["AccountId"].Slot]));
        Assert.Equal("@home", store.Table("Contact").Live().First()[contact["Title"].Slot]);
        Assert.Equal("", warnings);
    }

    [Fact]
    public void What_cannot_be_loaded_is_refused_by_file_and_line()
    {
        Assert.Contains("holds no records", Refusal(), StringComparison.Ordinal);
        Write("index.json", """[{"object":"Account","file":"a.csv","idColumn":"id","fields":["Name"],"lookups":{}}]""");
        Assert.Contains("a.csv: the file is missing", Refusal(), StringComparison.Ordinal);
        Write("a.csv", "id,Name\n1,ok\n2,\"never closed\n");
        Assert.Contains("a.csv, line 3: a quoted value is never closed", Refusal(), StringComparison.Ordinal);
        Write("a.csv", "id,Name\n1,ok\n2,too,many\n");
        Assert.Contains("a.csv, line 3: the line has 3 values, the header 2", Refusal(), StringComparison.Ordinal);
        Write("a.csv", "id,Name\n1,ok\n1,again\n");
        Assert.Contains("stands twice", Refusal(), StringComparison.Ordinal);
        Write("index.json", "[{]");
        Assert.Contains("index.json, line 1: it is not valid JSON", Refusal(), StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<LoadException>(() => OrgBuilder.Build(new SimulatorOptions { DataFolder = _folder + "-no" })).Message, StringComparison.Ordinal);
    }
}
