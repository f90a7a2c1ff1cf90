using System.Text;
using System.Xml.Linq;

namespace OrgSimulator.Tests;

/// <summary>The partner SOAP API as its clients see it.</summary>
public sealed class PartnerApiTests
{
    private static readonly XNamespace Partner = "urn:partner.soap.sforce.com";
    private static readonly XNamespace SObject = "urn:sobject.partner.soap.sforce.com";

    private static async Task<(int Status, XElement Answer)> CallAsync(TestOrg org, string body, string header = "", string? session = null)
    {
        session ??= org.Http.DefaultRequestHeaders.Authorization!.Parameter;
        using var content = new StringContent($"""
            <e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header xmlns="{Partner}"><SessionHeader><sessionId>{session}</sessionId></SessionHeader>{header}</e:Header>
            <e:Body xmlns="{Partner}">{body}</e:Body></e:Envelope>
            """, Encoding.UTF8, "text/xml");
        using var anonymous = new HttpClient();
        using var answer = await anonymous.PostAsync(org.Host.Url + "/services/Soap/u/66.0", content);
        return ((int)answer.StatusCode, XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!.Elements().Last().Elements().Single());
    }

    private static async Task<XElement> AnswerAsync(TestOrg org, string body, string header = "")
    {
        var (status, answer) = await CallAsync(org, body, header);
        Assert.True(status == 200, answer.ToString());
        return answer;
    }

    private static IEnumerable<string> Ids(XElement answer) => answer.Elements(Partner + "result").Select(result => result.Element(Partner + "id")!.Value);

    [Fact]
    public async Task Records_are_made_changed_deleted_and_brought_back()
    {
        await using var org = await TestOrg.StartAsync();
        var made = await AnswerAsync(org, "<create><sObjects><type>Account</type><Name>A &amp; B</Name><NumberOfEmployees>3</NumberOfEmployees></sObjects><sObjects><type>Contact</type><FirstName>x</FirstName></sObjects></create>");
        Assert.Equal("REQUIRED_FIELD_MISSING", made.Descendants(Partner + "statusCode").Single().Value);
        var id = Ids(made).First();
        await AnswerAsync(org, $"<update><sObjects><type>Account</type><fieldsToNull>NumberOfEmployees</fieldsToNull><Id>{id}</Id><Name>C</Name></sObjects></update>");
        Assert.Equal(1, await org.CountAsync("Account WHERE Name = 'C' AND NumberOfEmployees = null"));
        await AnswerAsync(org, $"<delete><ids>{id}</ids></delete>");
        Assert.Equal(0, await org.CountAsync("Account"));
        await AnswerAsync(org, $"<undelete><ids>{id}</ids></undelete>");
        Assert.Equal(1, await org.CountAsync("Account"));
        await AnswerAsync(org, $"<delete><ids>{id}</ids></delete>");
        await AnswerAsync(org, $"<emptyRecycleBin><ids>{id}</ids></emptyRecycleBin>");
        Assert.Empty(await org.IdsAsync("SELECT Id FROM Account", all: true));
    }

    [Fact]
    public async Task All_or_none_and_upsert_by_a_key()
    {
        await using var org = await TestOrg.StartAsync();
        org.Host.Store.Schema["Account"].Deploy(new OrgSimulator.Schema.Field("Key__c", OrgSimulator.Schema.FieldType.String) { Length = 40, ExternalId = true });
        var rolled = await AnswerAsync(org, "<create><sObjects><type>Account</type><Name>A</Name></sObjects><sObjects><type>Contact</type></sObjects></create>", "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>");
        Assert.Contains("ALL_OR_NONE_OPERATION_ROLLED_BACK", rolled.Value, StringComparison.Ordinal);
        Assert.Equal(0, await org.CountAsync("Account"));
        for (var i = 0; i < 2; i++)
            Assert.Equal(i == 0 ? "true" : "false", (await AnswerAsync(org, "<upsert><externalIDFieldName>Key__c</externalIDFieldName><sObjects><type>Account</type><Key__c>k</Key__c><Name>N</Name></sObjects></upsert>")).Descendants(Partner + "created").Single().Value);
        await AnswerAsync(org, "<create><sObjects><type>Contact</type><LastName>L</LastName><Account><type>Account</type><Key__c>k</Key__c></Account></sObjects></create>");
        Assert.Equal(1, await org.CountAsync("Contact WHERE Account.Key__c = 'k'"));
    }

    [Fact]
    public async Task Many_children_follow_by_a_locator_of_their_own()
    {
        await using var org = await TestOrg.StartAsync();
        var account = await org.CreateAsync("Account", new { Name = "A" });
        await org.IngestAsync("Contact", "insert", "LastName,AccountId\n" + string.Concat(Enumerable.Range(0, 450).Select(i => $"C{i},{account}\n")));
        const string small = "<QueryOptions><batchSize>200</batchSize></QueryOptions>";
        var children = (await AnswerAsync(org, "<query><queryString>SELECT Name, (SELECT LastName FROM Contacts) FROM Account</queryString></query>", small)).Descendants(SObject + "Contacts").Single();
        var names = new HashSet<string>();
        while (true)
        {
            foreach (var record in children.Elements(Partner + "records")) Assert.True(names.Add(record.Element(SObject + "LastName")!.Value));
            if (children.Element(Partner + "done")!.Value == "true") break;
            children = (await AnswerAsync(org, $"<queryMore><queryLocator>{children.Element(Partner + "queryLocator")!.Value}</queryLocator></queryMore>", small)).Element(Partner + "result")!;
        }
        Assert.Equal(450, names.Count);
    }

    [Fact]
    public async Task Queries_are_paged_and_nested()
    {
        await using var org = await TestOrg.StartAsync();
        var account = await org.CreateAsync("Account", new { Name = "A" });
        await org.IngestAsync("Contact", "insert", "LastName,AccountId\n" + string.Concat(Enumerable.Range(0, 450).Select(i => $"C{i},{account}\n")));
        const string small = "<QueryOptions><batchSize>200</batchSize></QueryOptions>";
        var page = (await AnswerAsync(org, "<query><queryString>SELECT Id, LastName, Account.Name, CreatedDate, Email FROM Contact ORDER BY Id</queryString></query>", small)).Element(Partner + "result")!;
        var ids = new HashSet<string>();
        while (true)
        {
            Assert.Equal("450", page.Element(Partner + "size")!.Value);
            Assert.InRange(page.Elements(Partner + "records").Count(), 50, 200);
            foreach (var record in page.Elements(Partner + "records")) Assert.True(ids.Add(record.Element(SObject + "Id")!.Value));
            if (page.Element(Partner + "done")!.Value == "true") break;
            page = (await AnswerAsync(org, $"<queryMore><queryLocator>{page.Element(Partner + "queryLocator")!.Value}</queryLocator></queryMore>", small)).Element(Partner + "result")!;
        }
        Assert.Equal(450, ids.Count);
        var last = page.Elements(Partner + "records").Last();
        Assert.Equal(("Contact", "A", "true"), (last.Element(SObject + "type")!.Value, last.Element(SObject + "Account")!.Element(SObject + "Name")!.Value,
            last.Element(SObject + "Email")!.Attribute(XName.Get("nil", "http://www.w3.org/2001/XMLSchema-instance"))!.Value));
        Assert.EndsWith("Z", last.Element(SObject + "CreatedDate")!.Value, StringComparison.Ordinal);
        var nested = await AnswerAsync(org, "<query><queryString>SELECT Id, (SELECT LastName FROM Contacts LIMIT 2) FROM Account</queryString></query>");
        Assert.Equal(2, nested.Descendants(SObject + "Contacts").Single().Elements(Partner + "records").Count());
        var retrieved = await AnswerAsync(org, $"<retrieve><fieldList>Id, Name</fieldList><sObjectType>Account</sObjectType><ids>{account}</ids><ids>001000000000001</ids></retrieve>");
        Assert.Equal("A", retrieved.Elements(Partner + "result").First().Element(SObject + "Name")!.Value);
    }

    [Fact]
    public async Task Describes_clock_and_refusals()
    {
        await using var org = await TestOrg.StartAsync();
        var describe = await AnswerAsync(org, "<describeSObject><sObjectType>Account</sObjectType></describeSObject>");
        Assert.Contains(describe.Descendants(Partner + "fields"), field => field.Element(Partner + "name")!.Value == "Name" && field.Element(Partner + "type")!.Value == "string");
        Assert.Contains((await AnswerAsync(org, "<describeGlobal/>")).Descendants(Partner + "sobjects"), one => one.Element(Partner + "name")!.Value == "Contact");
        Assert.True(DateTimeOffset.TryParse((await AnswerAsync(org, "<getServerTimestamp/>")).Descendants(Partner + "timestamp").Single().Value, out _));
        Assert.Equal(org.Host.Store.OrganizationId, (await AnswerAsync(org, "<getUserInfo/>")).Descendants(Partner + "organizationId").Single().Value);
        var (status, fault) = await CallAsync(org, "<query><queryString>SELECT Bogus FROM Account</queryString></query>");
        Assert.Equal((500, "sf:INVALID_FIELD"), (status, fault.Element("faultcode")!.Value));
        (status, fault) = await CallAsync(org, "<describeGlobal/>", session: "00Dbad!x");
        Assert.Equal((500, "sf:INVALID_SESSION_ID", "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session"), (status, fault.Element("faultcode")!.Value, fault.Element("faultstring")!.Value));
        (status, fault) = await CallAsync(org, $"<delete>{string.Concat(Enumerable.Repeat("<ids>001000000000001</ids>", 201))}</delete>");
        Assert.Equal("sf:EXCEEDED_ID_LIMIT", fault.Element("faultcode")!.Value);
        (status, fault) = await CallAsync(org, "<login><username>admin@sim.example</username><password>simulator</password></login>");
        Assert.Contains("SOAP API login() is disabled by default in this org.", fault.Value, StringComparison.Ordinal);
    }
}
