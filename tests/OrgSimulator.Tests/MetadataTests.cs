using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace OrgSimulator.Tests;

/// <summary>The Metadata API as a client sees it: envelopes over HTTP, zips in base64.</summary>
public sealed class MetadataTests
{
    private static readonly XNamespace Api = "http://soap.sforce.com/2006/04/metadata";

    private static async Task<XElement> CallAsync(TestOrg org, string body, string? session = null)
    {
        session ??= org.Http.DefaultRequestHeaders.Authorization!.Parameter;
        using var content = new StringContent($"""
            <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header xmlns="{Api}"><SessionHeader><sessionId>{session}</sessionId></SessionHeader></soapenv:Header>
            <soapenv:Body xmlns="{Api}">{body}</soapenv:Body></soapenv:Envelope>
            """, Encoding.UTF8, "text/xml");
        using var anonymous = new HttpClient();
        using var answer = await anonymous.PostAsync(org.Host.Url + "/services/Soap/m/66.0", content);
        return XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!.Elements().Last().Elements().Single();
    }

    private static byte[] Zip(params (string Path, string Text)[] files)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (path, text) in files)
            {
                using var entry = zip.CreateEntry(path).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        return bytes.ToArray();
    }

    private static string Package(params (string Type, string[] Members)[] types) => $"""
        <?xml version="1.0"?><Package xmlns="{Api}">{string.Concat(types.Select(type => $"<types>{string.Concat(type.Members.Select(member => $"<members>{member}</members>"))}<name>{type.Type}</name></types>"))}<version>66.0</version></Package>
        """;

    private static async Task<XElement> DeployAsync(TestOrg org, byte[] zip, string options = "<rollbackOnError>true</rollbackOnError><singlePackage>true</singlePackage>")
    {
        var id = (await CallAsync(org, $"<deploy><ZipFile>{Convert.ToBase64String(zip)}</ZipFile><DeployOptions>{options}</DeployOptions></deploy>")).Descendants(Api + "id").Single().Value;
        Assert.StartsWith("0Af", id, StringComparison.Ordinal);
        return (await CallAsync(org, $"<checkDeployStatus><asyncProcessId>{id}</asyncProcessId><includeDetails>true</includeDetails></checkDeployStatus>")).Element(Api + "result")!;
    }

    private static async Task<XElement> RetrieveAsync(TestOrg org, params (string Type, string[] Members)[] types)
    {
        var package = Package(types);
        var id = (await CallAsync(org, $"<retrieve><request><apiVersion>66.0</apiVersion><unpackaged>{package[(package.IndexOf('>', package.IndexOf("<Package", StringComparison.Ordinal)) + 1)..].Replace("</Package>", "", StringComparison.Ordinal).Trim()}</unpackaged></request></retrieve>"))
            .Descendants(Api + "id").Single().Value;
        Assert.StartsWith("09S", id, StringComparison.Ordinal);
        return (await CallAsync(org, $"<checkRetrieveStatus><asyncProcessId>{id}</asyncProcessId></checkRetrieveStatus>")).Element(Api + "result")!;
    }

    private static Dictionary<string, string> Files(XElement result)
    {
        using var zip = new ZipArchive(new MemoryStream(Convert.FromBase64String(result.Element(Api + "zipFile")!.Value)));
        return zip.Entries.ToDictionary(entry => entry.FullName, entry => new StreamReader(entry.Open()).ReadToEnd());
    }

    private static IEnumerable<string> Problems(XElement result) => result.Descendants(Api + "componentFailures").Select(failure => $"{failure.Element(Api + "fullName")!.Value}: {failure.Element(Api + "problem")!.Value}");

    private static string ObjectFile(string fields = "", string label = "Tour") => $"""
        <CustomObject xmlns="{Api}"><deploymentStatus>Deployed</deploymentStatus><label>{label}</label><nameField><label>Tour Name</label><type>Text</type></nameField>
        <pluralLabel>Tours</pluralLabel><sharingModel>ReadWrite</sharingModel>{fields}</CustomObject>
        """;

    private const string Fields = """
        <fields><fullName>Stops__c</fullName><label>Stops</label><type>Number</type><precision>4</precision><scale>0</scale></fields>
        <fields><fullName>Account__c</fullName><label>Account</label><type>Lookup</type><referenceTo>Account</referenceTo><relationshipName>Tours</relationshipName></fields>
        <fields><fullName>Kind__c</fullName><label>Kind</label><type>Picklist</type><valueSet><restricted>true</restricted><valueSetDefinition><value><fullName>Long</fullName><default>false</default></value></valueSetDefinition></valueSet></fields>
        """;

    [Fact]
    public async Task A_deployed_object_can_be_described_filled_and_retrieved()
    {
        await using var org = await TestOrg.StartAsync();
        var result = await DeployAsync(org, Zip(("package.xml", Package(("CustomObject", ["Tour__c"]))), ("objects/Tour__c.object", ObjectFile(Fields))));
        Assert.Equal(("Succeeded", "4"), (result.Element(Api + "status")!.Value, result.Element(Api + "numberComponentsDeployed")!.Value));
        var account = await org.CreateAsync("Account", new { Name = "a" });
        var id = await org.CreateAsync("Tour__c", new { Name = "t", Stops__c = 3, Account__c = account, Kind__c = "Long" });
        Assert.Equal(3, (await org.QueryAsync("SELECT Stops__c FROM Tour__c WHERE Account__r.Name = 'a'"))["records"]![0]!["Stops__c"]!.GetValue<double>());
        Assert.Equal([account], await org.IdsAsync("SELECT Id, (SELECT Id FROM Tours__r) FROM Account"));
        Assert.Contains((await org.GetAsync("sobjects"))["sobjects"]!.AsArray(), one => one!["name"]!.GetValue<string>() == "Tour__c");

        var files = Files(await RetrieveAsync(org, ("CustomObject", ["Tour__c", "Nope__c"])));
        Assert.Equal(["unpackaged/objects/Tour__c.object", "unpackaged/package.xml"], files.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("<relationshipName>Tours</relationshipName>", files["unpackaged/objects/Tour__c.object"], StringComparison.Ordinal);

        // A longer field and a new label keep the values; a removed field is gone from every face.
        await DeployAsync(org, Zip(("package.xml", Package(("CustomObject", ["Tour__c"]))), ("objects/Tour__c.object", ObjectFile(Fields.Replace("<precision>4", "<precision>8", StringComparison.Ordinal), "Journey"))));
        var describe = await org.GetAsync("sobjects/Tour__c/describe");
        Assert.Equal(("Journey", 8), (describe["label"]!.GetValue<string>(), describe["fields"]!.AsArray().Single(field => field!["name"]!.GetValue<string>() == "Stops__c")!["precision"]!.GetValue<int>()));
        Assert.Equal("3.0", (await org.GetAsync($"sobjects/Tour__c/{id}"))["Stops__c"]!.ToJsonString());
        var destroyed = await DeployAsync(org, Zip(("package.xml", Package()), ("destructiveChanges.xml", Package(("CustomField", ["Tour__c.Stops__c"]), ("ApexClass", ["None"])))));
        Assert.Equal("Succeeded", destroyed.Element(Api + "status")!.Value);
        Assert.Contains("No ApexClass named: None found", destroyed.ToString(), StringComparison.Ordinal);
        Assert.Contains("No such column 'Stops__c'", await org.RefusalAsync("SELECT Stops__c FROM Tour__c"), StringComparison.Ordinal);
        await DeployAsync(org, Zip(("package.xml", Package()), ("destructiveChanges.xml", Package(("CustomObject", ["Tour__c"])))));
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, "sobjects/Tour__c/describe")).Status);
    }

    [Fact]
    public async Task Checking_only_and_rolling_back_leave_no_trace_and_partial_success_does()
    {
        await using var org = await TestOrg.StartAsync();
        var good = ("objects/Tour__c.object", ObjectFile());
        var bad = ("classes/B.cls", "class B {}");
        var package = ("package.xml", Package(("CustomObject", ["Tour__c"]), ("ApexClass", ["B", "C"])));
        var only = await DeployAsync(org, Zip(("package.xml", Package(("CustomObject", ["Tour__c"]))), good), "<checkOnly>true</checkOnly><rollbackOnError>true</rollbackOnError>");
        Assert.Equal("Succeeded", only.Element(Api + "status")!.Value);
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, "sobjects/Tour__c/describe")).Status);
        var rolled = await DeployAsync(org, Zip(package, good, bad));
        Assert.Equal(("Failed", "2"), (rolled.Element(Api + "status")!.Value, rolled.Element(Api + "numberComponentErrors")!.Value));
        Assert.Equal(["B: classes/B.cls-meta.xml: file not found", "C: An object 'C' of type ApexClass was named in package.xml, but was not found in zipped directory"], Problems(rolled).Order(StringComparer.Ordinal));
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, "sobjects/Tour__c/describe")).Status);
        var partial = await DeployAsync(org, Zip(package, good, bad), "<rollbackOnError>false</rollbackOnError>");
        Assert.Equal("SucceededPartial", partial.Element(Api + "status")!.Value);
        Assert.Equal(200, (await org.SendAsync(HttpMethod.Get, "sobjects/Tour__c/describe")).Status);
    }

    [Theory]
    [InlineData("<fields><fullName>X__c</fullName><label>X</label><type>Text</type></fields>", "Tour__c.X__c: Must specify 'length' for a CustomField of type Text")]
    [InlineData("<fields><fullName>X__c</fullName><label>X</label><type>Novel</type></fields>", "Tour__c.X__c: 'Novel' is not a valid value for the enum 'FieldType'")]
    [InlineData("<fields><fullName>X__c</fullName><label>X</label><type>Lookup</type><referenceTo>Nope__c</referenceTo></fields>", "Tour__c.X__c: referenceTo value of 'Nope__c' does not resolve to a valid sObject type")]
    [InlineData("<fields><fullName>X__c</fullName><type>Date</type></fields>", "Tour__c.X__c: Required field is missing: label")]
    public async Task A_field_that_cannot_be_is_refused_with_its_reason(string field, string problem)
    {
        await using var org = await TestOrg.StartAsync();
        Assert.Equal([problem], Problems(await DeployAsync(org, Zip(("package.xml", Package(("CustomObject", ["Tour__c"]))), ("objects/Tour__c.object", ObjectFile(field))))));
    }

    [Fact]
    public async Task Files_come_back_byte_for_byte_and_lists_know_them()
    {
        await using var org = await TestOrg.StartAsync();
        const string meta = """<?xml version="1.0"?><ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>66.0</apiVersion></ApexClass>""";
        var result = await DeployAsync(org, Zip(("pkg/package.xml", Package(("ApexClass", ["A"]), ("LightningComponentBundle", ["tile"]), ("Report", ["Sales", "Sales/Won"]))),
            ("pkg/classes/A.cls", "public class A { /* ü */ }"), ("pkg/classes/A.cls-meta.xml", meta), ("pkg/lwc/tile/tile.js", "export default 1"), ("pkg/lwc/tile/tile.html", "<template></template>"),
            ("pkg/reports/Sales/Won.report", "<Report/>"), ("pkg/reports/Sales-meta.xml", "<ReportFolder/>")), "<rollbackOnError>true</rollbackOnError>");
        Assert.Equal("", string.Join('\n', Problems(result)));
        var files = Files(await RetrieveAsync(org, ("ApexClass", ["*"]), ("LightningComponentBundle", ["*"]), ("Report", ["Sales/Won"])));
        Assert.Equal(("public class A { /* ü */ }", meta, "<template></template>", "<Report/>"),
            (files["unpackaged/classes/A.cls"], files["unpackaged/classes/A.cls-meta.xml"], files["unpackaged/lwc/tile/tile.html"], files["unpackaged/reports/Sales/Won.report"]));
        var list = await CallAsync(org, "<listMetadata><queries><type>ApexClass</type></queries><queries><type>Report</type><folder>Sales</folder></queries><queries><type>ReportFolder</type></queries></listMetadata>");
        Assert.Equal(["A", "Sales/Won", "Sales"], list.Elements().Select(one => one.Element(Api + "fullName")!.Value));
        Assert.Contains("A maximum of 3", (await CallAsync(org, "<listMetadata>" + string.Concat(Enumerable.Repeat("<queries><type>ApexClass</type></queries>", 4)) + "</listMetadata>")).Value, StringComparison.Ordinal);
        Assert.Contains("Unknown type:Nonsense", (await CallAsync(org, "<listMetadata><queries><type>Nonsense</type></queries></listMetadata>")).Value, StringComparison.Ordinal);
        Assert.Contains(await CallAsync(org, "<describeMetadata><asOfVersion>66.0</asOfVersion></describeMetadata>") is var described ? described.Descendants(Api + "xmlName").Select(name => name.Value) : [], name => name == "CustomObject");
    }

    [Fact]
    public async Task Too_many_files_fail_the_retrieve_in_the_documented_words()
    {
        await using var org = await TestOrg.StartAsync();
        for (var i = 0; i < OrgSimulator.Metadata.Retrieval.MostFiles; i++)
            org.Host.Metadata.Keep("Layout", $"Account-{i}", System.Collections.Immutable.ImmutableSortedDictionary<string, byte[]>.Empty.Add($"layouts/Account-{i}.layout", "<Layout/>"u8.ToArray()));
        var result = await RetrieveAsync(org, ("Layout", ["*"]));
        Assert.Equal(("Failed", "LIMIT_EXCEEDED: Too many files in retrieve call, limit is: 10000"), (result.Element(Api + "status")!.Value, result.Element(Api + "errorMessage")!.Value));
        Assert.Contains("Entity of type 'Layout' named 'None' cannot be found", (await RetrieveAsync(org, ("Layout", ["None", "Account-1"]))).Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_session_is_a_fault_and_a_slow_org_is_waited_for()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { InProgressPolls = 2 });
        Assert.Contains("INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session", (await CallAsync(org, "<describeMetadata/>", "00Dnone!x")).Value, StringComparison.Ordinal);
        var deployed = await DeployAsync(org, Zip(("package.xml", Package(("CustomObject", ["Tour__c"]))), ("objects/Tour__c.object", ObjectFile())));
        Assert.Equal(("InProgress", "false"), (deployed.Element(Api + "status")!.Value, deployed.Element(Api + "done")!.Value));
        var id = deployed.Element(Api + "id")!.Value;
        await CallAsync(org, $"<cancelDeploy><string>{id}</string></cancelDeploy>");
        Assert.Equal("Canceled", (await CallAsync(org, $"<checkDeployStatus><asyncProcessId>{id}</asyncProcessId></checkDeployStatus>")).Descendants(Api + "status").Single().Value);
        Assert.Equal(404, (await org.SendAsync(HttpMethod.Get, "sobjects/Tour__c/describe")).Status);
    }

    [Fact]
    public async Task A_profile_tells_of_what_stands_beside_it_and_nothing_else()
    {
        await using var org = await TestOrg.StartAsync();
        await DeployAsync(org, Zip(("package.xml", Package(("CustomObject", ["Tour__c"]))), ("objects/Tour__c.object", ObjectFile(Fields))));
        var alone = Files(await RetrieveAsync(org, ("Profile", ["*"])))["unpackaged/profiles/Admin.profile"];
        Assert.DoesNotContain("Permissions>", alone, StringComparison.Ordinal);
        var beside = Files(await RetrieveAsync(org, ("Profile", ["Admin"]), ("CustomObject", ["Tour__c"]), ("CustomField", ["Tour__c.Stops__c"])))["unpackaged/profiles/Admin.profile"];
        Assert.Contains("<field>Tour__c.Stops__c</field>", beside, StringComparison.Ordinal);
        Assert.Contains("<object>Tour__c</object>", beside, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Components_of_a_project_folder_are_there_from_the_start()
    {
        var folder = Directory.CreateTempSubdirectory("project-").FullName;
        try
        {
            foreach (var (path, text) in ((string, string)[])[("force-app/main/default/classes/A.cls", "public class A {}"), ("force-app/main/default/classes/A.cls-meta.xml", "<ApexClass/>"),
                         ("force-app/main/default/layouts/Account-Mine.layout-meta.xml", "<Layout/>"), ("force-app/main/default/lwc/tile/tile.js", "1"), ("force-app/main/default/classes/notes.txt", "no component"),
                         ("force-app/main/default/reports/Sales.reportFolder-meta.xml", "<ReportFolder/>"), ("force-app/main/default/reports/Sales/Won.report-meta.xml", "<Report/>"),
                         ("data/Account.json", """{"records":[{"attributes":{"type":"Account","referenceId":"r"},"Name":"a"}]}""")])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
                await File.WriteAllTextAsync(Path.Combine(folder, path), text);
            }
            await using var org = await TestOrg.StartAsync(new SimulatorOptions { DataFolder = folder, Warnings = TextWriter.Null });
            var files = Files(await RetrieveAsync(org, ("ApexClass", ["*"]), ("Layout", ["*"]), ("LightningComponentBundle", ["*"]), ("Report", ["Sales", "Sales/Won"])));
            Assert.Equal(["classes/A.cls", "classes/A.cls-meta.xml", "layouts/Account-Mine.layout", "lwc/tile/tile.js", "package.xml", "reports/Sales-meta.xml", "reports/Sales/Won.report"],
                files.Keys.Select(path => path["unpackaged/".Length..]).Order(StringComparer.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task New_fields_have_values_in_old_records_and_leave_their_stamps_alone()
    {
        await using var org = await TestOrg.StartAsync();
        const string detail = """
            <fields><fullName>Tour__c</fullName><label>Tour</label><type>MasterDetail</type><referenceTo>Tour__c</referenceTo><relationshipName>Legs</relationshipName></fields>
            <fields><fullName>Miles__c</fullName><label>Miles</label><type>Number</type><precision>6</precision><scale>0</scale></fields>
            """;
        await DeployAsync(org, Zip(("package.xml", Package(("CustomObject", ["Tour__c", "Leg__c"]))), ("objects/Tour__c.object", ObjectFile()),
            ("objects/Leg__c.object", ObjectFile(detail, "Leg").Replace("ReadWrite", "ControlledByParent", StringComparison.Ordinal))));
        var tour = await org.CreateAsync("Tour__c", new { Name = "t" });
        foreach (var miles in (int[])[3, 4]) await org.CreateAsync("Leg__c", new { Name = "l", Tour__c = tour, Miles__c = miles });
        var before = (await org.GetAsync($"sobjects/Tour__c/{tour}"))["SystemModstamp"]!.GetValue<string>();
        var result = await DeployAsync(org, Zip(("package.xml", Package(("CustomField", ["Tour__c.Open__c", "Tour__c.Sum__c"]))), ("objects/Tour__c.object", ObjectFile("""
            <fields><fullName>Sum__c</fullName><label>Sum</label><type>Summary</type><summarizedField>Leg__c.Miles__c</summarizedField><summaryForeignKey>Leg__c.Tour__c</summaryForeignKey><summaryOperation>sum</summaryOperation></fields>
            <fields><fullName>Open__c</fullName><label>Open</label><type>Checkbox</type><defaultValue>true</defaultValue></fields>
            """))));
        Assert.Equal("", string.Join('\n', Problems(result)));
        var after = await org.GetAsync($"sobjects/Tour__c/{tour}");
        Assert.Equal((7, true, before), (after["Sum__c"]!.GetValue<double>(), after["Open__c"]!.GetValue<bool>(), after["SystemModstamp"]!.GetValue<string>()));
        Assert.Equal(1, await org.CountAsync("Tour__c WHERE Open__c = true AND Sum__c > 6"));
    }

    [Fact]
    public async Task Deployments_disturb_nobody_who_reads_meanwhile()
    {
        await using var org = await TestOrg.StartAsync();
        await org.CreateAsync("Account", new { Name = "a" });
        var deploying = Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
                await DeployAsync(org, Zip(("package.xml", Package(("CustomField", [$"Account.F{i}__c"]))), ("objects/Account.object",
                    $"<CustomObject xmlns=\"{Api}\"><fields><fullName>F{i}__c</fullName><label>F</label><type>Text</type><length>9</length></fields></CustomObject>")));
        });
        while (!deploying.IsCompleted)
        {
            await org.GetAsync("sobjects/Account/describe");
            await org.GetAsync("sobjects");
            Assert.Equal(1, await org.CountAsync("Account"));
        }
        await deploying;
        Assert.Equal(20, (await org.GetAsync("sobjects/Account/describe"))["fields"]!.AsArray().Count(field => field!["custom"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Rest_deploys_what_soap_retrieves()
    {
        await using var org = await TestOrg.StartAsync();
        using var form = new MultipartFormDataContent();
        using var zip = new ByteArrayContent(Zip(("package.xml", Package(("CustomObject", ["Tour__c"]))), ("objects/Tour__c.object", ObjectFile(Fields))));
        zip.Headers.ContentType = new("application/zip");
        using var options = new StringContent("""{"deployOptions":{"rollbackOnError":true,"singlePackage":true}}""", Encoding.UTF8, "application/json");
        form.Add(zip, "file", "package.xml");
        form.Add(options, "entity_content");
        using var answer = await org.Http.PostAsync(TestOrg.Base + "/metadata/deployRequest", form);
        Assert.Equal(201, (int)answer.StatusCode);
        var id = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["id"]!.GetValue<string>();
        var result = (await org.GetAsync($"metadata/deployRequest/{id}?includeDetails=true"))["deployResult"]!;
        Assert.Equal(("Succeeded", 4), (result["status"]!.GetValue<string>(), result["numberComponentsDeployed"]!.GetValue<int>()));
        Assert.Equal(5, result["details"]!["componentSuccesses"]!.AsArray().Count);     // package.xml is listed, but not counted
        Assert.Contains("Stops__c", Files(await RetrieveAsync(org, ("CustomObject", ["*"])))["unpackaged/objects/Tour__c.object"], StringComparison.Ordinal);
    }
}
