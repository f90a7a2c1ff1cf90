using OrgSimulator.Rules;

namespace OrgSimulator.Tests;

public sealed class PersonAccountTests
{
    private static async Task<TestOrg> StartAsync()
    {
        using var folder = new MetadataFolder();
        folder.Field("Contact", "Diet__c", "<type>Text</type><length>20</length>");
        return await TestOrg.StartAsync(folder.Options with { Rules = new OrgRules { PersonAccounts = true } });
    }

    private static async Task<string> RecordTypeAsync(TestOrg org) => (await org.IdsAsync("SELECT Id FROM RecordType WHERE SobjectType = 'Account' AND IsPersonType = true")).Single();

    [Fact]
    public async Task A_person_has_a_shadow_contact_that_follows_it_through_all_its_life()
    {
        await using var org = await StartAsync();
        var id = await org.CreateAsync("Account", new { RecordTypeId = await RecordTypeAsync(org), FirstName = "Ada", LastName = "Ito", PersonEmail = "ada@x.example", Diet__pc = "none", Phone = "12" });
        var account = (await org.QueryAsync("SELECT Name, IsPersonAccount, PersonContactId FROM Account"))["records"]![0]!;
        Assert.Equal(("Ada Ito", true), (account["Name"]!.GetValue<string>(), account["IsPersonAccount"]!.GetValue<bool>()));
        var contact = account["PersonContactId"]!.GetValue<string>();
        Assert.Equal("Ada Ito|ada@x.example|none|12|" + id, await ShadowAsync());
        await org.SendAsync(HttpMethod.Patch, $"sobjects/Account/{id}", new { LastName = "Lee", Diet__pc = (string?)null, PersonEmail = "lee@x.example" });
        Assert.Equal("Ada Lee|lee@x.example||12|" + id, await ShadowAsync());
        Assert.Equal("Ada Lee", (await org.QueryAsync("SELECT Name FROM Account"))["records"]![0]!["Name"]!.GetValue<string>());
        Assert.Equal(204, (await org.SendAsync(HttpMethod.Delete, $"sobjects/Account/{id}")).Status);
        Assert.Equal(0, await org.CountAsync("Contact"));
        org.Host.Dml.Undelete([id]);
        Assert.Equal(contact, (await org.IdsAsync("SELECT Id FROM Contact WHERE IsPersonAccount = true")).Single());

        async Task<string> ShadowAsync()
        {
            var row = (await org.QueryAsync($"SELECT Name, Email, Diet__c, Phone, AccountId FROM Contact WHERE Id = '{contact}'"))["records"]![0]!;
            return $"{row["Name"]}|{row["Email"]}|{row["Diet__c"]}|{row["Phone"]}|{row["AccountId"]}";
        }
    }

    [Fact]
    public async Task The_shadow_is_not_written_as_a_contact_and_a_business_has_no_fields_of_people()
    {
        await using var org = await StartAsync();
        var person = await org.CreateAsync("Account", new { LastName = "Ito" });
        var contact = (await org.IdsAsync("SELECT Id FROM Contact")).Single();
        await RefusedAsync(HttpMethod.Patch, $"sobjects/Contact/{contact}", new { LastName = "Lee" }, "INVALID_PERSON_ACCOUNT_OPERATION");
        await RefusedAsync(HttpMethod.Delete, $"sobjects/Contact/{contact}", null, "INVALID_PERSON_ACCOUNT_OPERATION");
        await RefusedAsync(HttpMethod.Post, "sobjects/Contact", new { LastName = "Kid", AccountId = person }, "INVALID_PERSON_ACCOUNT_OPERATION");
        await RefusedAsync(HttpMethod.Post, "sobjects/Account", new { Name = "Acme", PersonEmail = "a@x.example" }, "INVALID_FIELD_FOR_INSERT_UPDATE");
        await RefusedAsync(HttpMethod.Post, "sobjects/Account", new { Name = "Ito", LastName = "Ito", RecordTypeId = await RecordTypeAsync(org) }, "INVALID_FIELD_FOR_INSERT_UPDATE");
        await RefusedAsync(HttpMethod.Post, "sobjects/Account", new { FirstName = "Ada", RecordTypeId = await RecordTypeAsync(org) }, "REQUIRED_FIELD_MISSING");
        await org.CreateAsync("Account", new { Name = "Acme" });
        Assert.Equal((1, 1), (await org.CountAsync("Contact"), await org.CountAsync("Account WHERE IsPersonAccount = false AND PersonContactId = null")));

        async Task RefusedAsync(HttpMethod method, string path, object? body, string code)
        {
            var (status, answer) = await org.SendAsync(method, path, body);
            Assert.Equal((400, code), (status, answer![0]!["errorCode"]!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task A_recorded_describe_of_an_org_with_people_turns_them_on()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Describes = [Path.Combine(Shared.Data("describes"), "PersonAccount.describe.json")], Warnings = TextWriter.Null });
        var type = (await org.IdsAsync("SELECT Id FROM RecordType WHERE SobjectType = 'Account' AND IsPersonType = true"))[0];
        await org.CreateAsync("Account", new { RecordTypeId = type, FirstName = "Ada", LastName = "Ito", PersonEmail = "ada@x.example" });
        Assert.Equal("Ada Ito ada@x.example", (await org.QueryAsync("SELECT Name, Email FROM Contact"))["records"]![0] is { } row ? $"{row["Name"]} {row["Email"]}" : "");
        Assert.Equal(1, await org.CountAsync("Account WHERE IsPersonAccount = true AND PersonContactId != null AND Name = 'Ada Ito'"));
    }
}
