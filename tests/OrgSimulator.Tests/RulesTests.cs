using System.Text.Json.Nodes;
using OrgSimulator.Loading;
using OrgSimulator.Rules;
using OrgSimulator.Schema;

namespace OrgSimulator.Tests;

public sealed class RulesTests
{
    private static Task<TestOrg> StartAsync(OrgRules rules) => TestOrg.StartAsync(new SimulatorOptions { Rules = rules, Warnings = TextWriter.Null });

    private static async Task<string> SaveAsync(TestOrg org, string type, object fields)
    {
        var (status, body) = await org.SendAsync(HttpMethod.Post, $"sobjects/{type}", fields);
        return status == 201 ? "saved" : $"{body![0]!["errorCode"]}: {body[0]!["message"]} {body[0]!["fields"]?.ToJsonString()}".Trim();
    }

    [Fact]
    public async Task Audit_fields_can_be_set_on_creation_only_with_the_permission()
    {
        await using var org = await StartAsync(new OrgRules { Users = [new("old@sim.example")] });
        var user = (await org.IdsAsync("SELECT Id FROM User WHERE Username = 'old@sim.example'")).Single();
        var record = new { Name = "Old", CreatedDate = "2019-03-04T05:06:07Z", CreatedById = user, LastModifiedDate = "2020-01-01T00:00:00.000+0000", LastModifiedById = user };
        Assert.StartsWith("INVALID_FIELD_FOR_INSERT_UPDATE: Unable to create/update fields: CreatedDate", await SaveAsync(org, "Account", record), StringComparison.Ordinal);
        await org.Http.PostAsync("/__rules", new StringContent("""{"setAuditFields":true}"""));
        var before = org.Host.Store.Now;
        var id = await org.CreateAsync("Account", record);
        var stored = (await org.QueryAsync("SELECT CreatedDate, CreatedById, LastModifiedDate, LastModifiedById, SystemModstamp FROM Account"))["records"]![0]!;
        Assert.Equal(("2019-03-04T05:06:07.000+0000", user, "2020-01-01T00:00:00.000+0000", user), (stored["CreatedDate"]!.GetValue<string>(), stored["CreatedById"]!.GetValue<string>(),
            stored["LastModifiedDate"]!.GetValue<string>(), stored["LastModifiedById"]!.GetValue<string>()));
        Assert.True(DateTimeOffset.Parse(stored["SystemModstamp"]!.GetValue<string>()[..19] + "Z", System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds() >= before);
        Assert.Contains("INVALID_FIELD_FOR_INSERT_UPDATE", await SaveAsync(org, "Account", new { Name = "x", SystemModstamp = "2019-03-04T05:06:07Z" }), StringComparison.Ordinal);
        Assert.Contains("INVALID_FIELD_FOR_INSERT_UPDATE", await SaveAsync(org, "Product2", new { Name = "x", CreatedDate = "2019-03-04T05:06:07Z" }), StringComparison.Ordinal);
        var (status, _) = await org.SendAsync(HttpMethod.Patch, $"sobjects/Account/{id}", new { CreatedDate = "2018-01-01T00:00:00Z" });
        Assert.Equal(400, status);
        Assert.True(await FlagAsync(org, "Account", "CreatedDate", "createable"));
        Assert.False(await FlagAsync(org, "Account", "CreatedDate", "updateable"));
    }

    [Fact]
    public async Task An_inactive_owner_is_refused_unless_the_permission_lifts_it()
    {
        await using var org = await StartAsync(new OrgRules { Users = [new("gone@sim.example", Active: false), new("here@sim.example")] });
        var gone = (await org.IdsAsync("SELECT Id FROM User WHERE IsActive = false")).Single();
        var here = (await org.IdsAsync("SELECT Id FROM User WHERE Username = 'here@sim.example'")).Single();
        Assert.Equal("INACTIVE_OWNER_OR_USER: operation performed with inactive user [\"OwnerId\"]", await SaveAsync(org, "Account", new { Name = "A", OwnerId = gone }));
        var id = await org.CreateAsync("Account", new { Name = "B", OwnerId = here });
        Assert.Equal(400, (await org.SendAsync(HttpMethod.Patch, $"sobjects/Account/{id}", new { OwnerId = gone })).Status);
        await org.Http.PostAsync("/__rules", new StringContent("""{"updateInactiveOwners":true}"""));
        Assert.Equal("saved", await SaveAsync(org, "Account", new { Name = "A", OwnerId = gone }));
    }

    [Fact]
    public async Task A_hidden_field_is_unknown_to_describe_queries_and_writes_and_keeps_its_value()
    {
        await using var org = await StartAsync(new OrgRules());
        await org.CreateAsync("Account", new { Name = "Acme", Phone = "12" });
        Assert.Equal(204, (int)(await org.Http.PostAsync("/__rules", new StringContent("""{"hidden":["Account.Phone"],"readOnly":["Account.Site"]}"""))).StatusCode);
        Assert.DoesNotContain("Phone", (await org.GetAsync("sobjects/Account/describe"))["fields"]!.AsArray().Select(field => field!["name"]!.GetValue<string>()));
        Assert.Contains("No such column 'Phone' on entity 'Account'", await org.RefusalAsync("SELECT Phone FROM Account"), StringComparison.Ordinal);
        Assert.False((await org.QueryAsync("SELECT FIELDS(ALL) FROM Account LIMIT 1"))["records"]![0]!.AsObject().ContainsKey("Phone"));
        Assert.StartsWith("INVALID_FIELD: No such column 'Phone' on sobject of type Account", await SaveAsync(org, "Account", new { Name = "B", Phone = "1" }), StringComparison.Ordinal);
        Assert.StartsWith("INVALID_FIELD_FOR_INSERT_UPDATE: Unable to create/update fields: Site", await SaveAsync(org, "Account", new { Name = "B", Site = "1" }), StringComparison.Ordinal);
        await org.Http.PostAsync("/__rules", new StringContent("{}"));
        Assert.Equal("12", (await org.QueryAsync("SELECT Phone FROM Account"))["records"]![0]!["Phone"]!.GetValue<string>());
        Assert.Equal("saved", await SaveAsync(org, "Account", new { Name = "B", Site = "1" }));
    }

    [Fact]
    public async Task Describe_global_says_when_a_rule_changed_the_schema()
    {
        await using var org = await StartAsync(new OrgRules());
        var first = await AskAsync(null);
        Assert.Equal((304, null), await AskAsync(first.Modified));
        await org.Http.PostAsync("/__rules", new StringContent("""{"hidden":["Account.Phone"]}"""));
        var second = await AskAsync(first.Modified);
        Assert.Equal(200, second.Status);
        Assert.True(second.Modified > first.Modified);
        Assert.Equal(304, (await AskAsync(second.Modified)).Status);

        async Task<(int Status, DateTimeOffset? Modified)> AskAsync(DateTimeOffset? since)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, TestOrg.Base + "/sobjects");
            request.Headers.IfModifiedSince = since;
            using var answer = await org.Http.SendAsync(request);
            return ((int)answer.StatusCode, answer.Content.Headers.LastModified);
        }
    }

    [Fact]
    public async Task Encrypted_fields_refuse_what_their_scheme_cannot_do()
    {
        await using var org = await StartAsync(new OrgRules { Encrypted = new Dictionary<string, Shield> { ["Contact.Phone"] = Shield.Probabilistic, ["Contact.Email"] = Shield.Deterministic } });
        await org.CreateAsync("Contact", new { LastName = "Ito", Phone = "12", Email = "ito@x.example" });
        Assert.Equal("12", (await org.QueryAsync("SELECT Phone FROM Contact WHERE Email = 'ito@x.example'"))["records"]![0]!["Phone"]!.GetValue<string>());
        Assert.Equal((1, 1, 0), (await org.CountAsync("Contact WHERE Email IN ('ito@x.example')"), await org.CountAsync("Contact WHERE Email != null"), await org.CountAsync("Contact WHERE Email NOT IN ('ito@x.example')")));
        Assert.Contains("field 'Phone' can not be filtered in a query call", await org.RefusalAsync("SELECT Id FROM Contact WHERE Phone = '12'"), StringComparison.Ordinal);
        Assert.Contains("field 'Phone' can not be sorted in a query call", await org.RefusalAsync("SELECT Id FROM Contact ORDER BY Phone"), StringComparison.Ordinal);
        Assert.Contains("field 'Phone' can not be grouped in a query call", await org.RefusalAsync("SELECT COUNT(Id), Phone FROM Contact GROUP BY Phone"), StringComparison.Ordinal);
        Assert.Contains("invalid operator", await org.RefusalAsync("SELECT Id FROM Contact WHERE Email LIKE 'i%'"), StringComparison.Ordinal);
        Assert.Contains("invalid operator", await org.RefusalAsync("SELECT Id FROM Contact WHERE Email > 'a'"), StringComparison.Ordinal);
        Assert.Contains("can not be sorted", await org.RefusalAsync("SELECT Id FROM Contact ORDER BY Email"), StringComparison.Ordinal);
        Assert.Equal((true, false, true, true, false), (await FlagAsync(org, "Contact", "Phone", "encrypted"), await FlagAsync(org, "Contact", "Phone", "filterable"),
            await FlagAsync(org, "Contact", "Email", "encrypted"), await FlagAsync(org, "Contact", "Email", "filterable"), await FlagAsync(org, "Contact", "Title", "encrypted")));
    }

    [Fact]
    public async Task Text_of_classic_encryption_is_masked_without_the_permission()
    {
        using var folder = new MetadataFolder();
        folder.Field("Account", "Card__c", "<type>EncryptedText</type><length>20</length><maskChar>asterisk</maskChar><maskType>lastFour</maskType>");
        await using var org = await TestOrg.StartAsync(folder.Options with { Rules = new OrgRules { ViewEncryptedData = false } });
        await org.CreateAsync("Account", new { Name = "A", Card__c = "1234567890" });
        Assert.Equal("******7890", (await org.QueryAsync("SELECT Card__c FROM Account"))["records"]![0]!["Card__c"]!.GetValue<string>());
        await org.Http.PostAsync("/__rules", new StringContent("{}"));
        Assert.Equal("1234567890", (await org.QueryAsync("SELECT Card__c FROM Account"))["records"]![0]!["Card__c"]!.GetValue<string>());
    }

    [Fact]
    public async Task Validation_rules_triggers_and_duplicate_rules_judge_every_way_of_saving()
    {
        await using var org = await StartAsync(new OrgRules
        {
            Validations = [new("Account", "Rating = 'Cold' AND AnnualRevenue > 100", "A rich account is never cold", "Rating")],
            Triggers =
            [
                new("Account", "AccountTrigger", [TriggerEvent.Insert], "Name LIKE 'bad%'", Message: "System.DmlException: no bad names"),
                new("Account", "Stamp", null, "Site = 'here'", Field: "Fax", Value: "42"),
                new("Contact", "Keep", [TriggerEvent.Delete], Message: "contacts stay"),
            ],
            Duplicates = [new("Contact", "Same_mail", ["Email"])],
        });
        Assert.Equal("FIELD_CUSTOM_VALIDATION_EXCEPTION: A rich account is never cold [\"Rating\"]", await SaveAsync(org, "Account", new { Name = "A", Rating = "Cold", AnnualRevenue = 101 }));
        Assert.Equal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: AccountTrigger: execution of BeforeInsert\n\ncaused by: System.DmlException: no bad names []", await SaveAsync(org, "Account", new { Name = "badly" }));
        var id = await org.CreateAsync("Account", new { Name = "good", Rating = "Cold", Site = "here" });
        Assert.Equal("42", (await org.QueryAsync("SELECT Fax FROM Account"))["records"]![0]!["Fax"]!.GetValue<string>());
        Assert.Equal(204, (await org.SendAsync(HttpMethod.Patch, $"sobjects/Account/{id}", new { Name = "bad now" })).Status);
        Assert.Equal(400, (await org.SendAsync(HttpMethod.Patch, $"sobjects/Account/{id}", new { AnnualRevenue = 200 })).Status);
        var job = await org.IngestAsync("Account", "insert", "Name,Rating,AnnualRevenue\nok,Hot,500\nwrong,Cold,500\n");
        Assert.Equal(1, job["numberRecordsFailed"]!.GetValue<int>());
        Assert.Contains("FIELD_CUSTOM_VALIDATION_EXCEPTION:A rich account is never cold:Rating --", await org.ResultsAsync(job, "failedResults"), StringComparison.Ordinal);

        var contact = await org.CreateAsync("Contact", new { LastName = "Ito", Email = "i@x.example" });
        Assert.StartsWith("DUPLICATES_DETECTED: Use one of these records?", await SaveAsync(org, "Contact", new { LastName = "Other", Email = "I@X.example" }), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, TestOrg.Base + "/sobjects/Contact") { Content = new StringContent("""{"LastName":"Other","Email":"i@x.example"}""", null, "application/json") };
        request.Headers.Add("Sforce-Duplicate-Rule-Header", "allowSave=true");
        Assert.Equal(201, (int)(await org.Http.SendAsync(request)).StatusCode);
        var (status, body) = await org.SendAsync(HttpMethod.Delete, $"sobjects/Contact/{contact}");
        Assert.Equal((400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"), (status, body![0]!["errorCode"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{"hidden":["Account.Nope"]}""", "Account.Nope")]
    [InlineData("""{"hidden":["Account.Id"]}""", "cannot be hidden")]
    [InlineData("""{"validations":[{"object":"Account","condition":"Nope = 1","message":"x"}]}""", "is no WHERE")]
    [InlineData("""{"triggers":[{"object":"Account","name":"T"}]}""", "either a message or a field")]
    [InlineData("""{"encrypted":{"Account.AnnualRevenue":"deterministic"}}""", "cannot be encrypted")]
    [InlineData("""{"validation":[]}""", "validation")]
    public async Task Rules_that_make_no_sense_are_refused_and_change_nothing(string rules, string cause)
    {
        await using var org = await StartAsync(new OrgRules { Hidden = ["Account.Site"] });
        using var answer = await org.Http.PostAsync("/__rules", new StringContent(rules));
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains(cause, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("Account.Site", JsonNode.Parse(await org.Http.GetStringAsync("/__rules"))!["hidden"]![0]!.GetValue<string>());
        Assert.Throws<LoadException>(() => OrgBuilder.Build(new SimulatorOptions { Rules = new OrgRules { Hidden = ["Nope.Nope"] } }));
    }

    [Fact]
    public async Task Restricted_objects_refuse_in_the_documented_words()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { ObjectReference = Path.Combine(Shared.Data("object-reference"), "objects.ndjson.gz"), Rules = new OrgRules { QueryAllFiles = false } });
        Assert.Equal("MALFORMED_QUERY: " + QueryRestrictions.ContentDocumentLink, await org.RefusalAsync("SELECT Id FROM ContentDocumentLink"));
        Assert.Equal("MALFORMED_QUERY: " + QueryRestrictions.ContentDocumentLink, await org.RefusalAsync("SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId != null"));
        Assert.Equal(0, await org.CountAsync("ContentDocumentLink WHERE LinkedEntityId IN ('001000000000001', '001000000000002')"));
        Assert.Equal("MALFORMED_QUERY: Implementation restriction: ContentFolderItem requires a filter by a single Id, ChildRecordId or ParentContentFolderId using the equals operator",
            await org.RefusalAsync("SELECT Id FROM ContentFolderItem WHERE ParentContentFolderId IN ('07H000000000001', '07H000000000002')"));
        Assert.Equal(0, await org.CountAsync("ContentFolderItem WHERE ParentContentFolderId = '07H000000000001'"));
        Assert.Equal("MALFORMED_QUERY: ColorDefinition: a filter on a reified column is required [UserId,DurableId]", await org.RefusalAsync("SELECT Id FROM ColorDefinition"));
        Assert.StartsWith("MALFORMED_QUERY: When querying the Vote object, you must filter using the following syntax", await org.RefusalAsync("SELECT Id FROM Vote"), StringComparison.Ordinal);
        Assert.Equal("INVALID_TYPE_FOR_OPERATION: entity type OpenActivity does not support query", await org.RefusalAsync("SELECT Id FROM OpenActivity"));
        Assert.StartsWith("EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION: Where clauses should contain", await org.RefusalAsync("SELECT Id FROM ContentHubItem"), StringComparison.Ordinal);
        var (status, body) = await org.SendAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = "SELECT Id FROM TaskPriority" });
        Assert.Equal((400, "INVALIDENTITY"), (status, body![0]!["errorCode"]!.GetValue<string>()));
    }

    private static async Task<bool> FlagAsync(TestOrg org, string type, string field, string flag) =>
        (await org.GetAsync($"sobjects/{type}/describe"))["fields"]!.AsArray().Single(other => other!["name"]!.GetValue<string>() == field)![flag]!.GetValue<bool>();
}
