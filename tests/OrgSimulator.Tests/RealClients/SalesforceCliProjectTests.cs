using System.Text.Json.Nodes;

namespace OrgSimulator.Tests.RealClients;

/// <summary>Metadata through the unmodified CLI: project retrieve and deploy, over SOAP and over REST.</summary>
public sealed class SalesforceCliProjectTests
{
    private const string Field = """
        <?xml version="1.0" encoding="UTF-8"?>
        <CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
            <fullName>Rank__c</fullName><label>Rank</label><type>Text</type><length>20</length><externalId>true</externalId>
        </CustomField>
        """;

    private static async Task<string> ProjectAsync(RealClient client)
    {
        var project = Path.Combine(client.Home, "project");
        Directory.CreateDirectory(Path.Combine(project, "force-app"));
        await File.WriteAllTextAsync(Path.Combine(project, "sfdx-project.json"), """{"packageDirectories":[{"path":"force-app","default":true}],"sourceApiVersion":"68.0"}""");
        return project;
    }

    private static async Task WriteAsync(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text);
    }

    private static async Task<JsonNode> RunAsync(RealClient client, string project, string command, Dictionary<string, string>? environment = null, params string[] more)
    {
        var (code, answer) = await client.SfInAsync(project, command, environment, more);
        Assert.True(code == 0, $"sf {command}: {answer}");
        return answer["result"]!;
    }

    [Fact]
    public async Task What_is_deployed_stands_in_the_describe_and_comes_back_by_retrieve()
    {
        var (client, org) = await SalesforceCliTests.SignedInAsync(new SimulatorOptions());
        using (client)
        await using (org)
        {
            var project = await ProjectAsync(client);
            var classes = Path.Combine(project, "force-app", "main", "default", "classes");
            await WriteAsync(Path.Combine(project, "force-app/main/default/objects/Account/fields/Rank__c.field-meta.xml"), Field);
            await WriteAsync(Path.Combine(classes, "A.cls"), "public class A {}\n");
            await WriteAsync(Path.Combine(classes, "A.cls-meta.xml"), """<?xml version="1.0" encoding="UTF-8"?><ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>68.0</apiVersion><status>Active</status></ApexClass>""");
            var deployed = await RunAsync(client, project, "project deploy start -o sim -d force-app");
            Assert.Equal(("Succeeded", 2), (deployed["status"]!.GetValue<string>(), deployed["numberComponentsDeployed"]!.GetValue<int>()));
            var field = (await org.GetAsync("sobjects/Account/describe"))["fields"]!.AsArray().Single(one => one!["name"]!.GetValue<string>() == "Rank__c")!;
            Assert.Equal((20, true), (field["length"]!.GetValue<int>(), field["externalId"]!.GetValue<bool>()));

            Directory.Delete(Path.Combine(project, "force-app"), recursive: true);
            Directory.CreateDirectory(Path.Combine(project, "force-app"));
            await RunAsync(client, project, "project retrieve start -o sim -m CustomObject:Account -m ApexClass:A");
            Assert.Equal("public class A {}\n", await File.ReadAllTextAsync(Path.Combine(classes, "A.cls")));
            Assert.Contains("<length>20</length>", await File.ReadAllTextAsync(Path.Combine(project, "force-app/main/default/objects/Account/fields/Rank__c.field-meta.xml")), StringComparison.Ordinal);

            // The same door over REST, a validation only, and a component that cannot be.
            await WriteAsync(Path.Combine(classes, "A.cls"), "public class A { Integer i; }\n");
            var overRest = await RunAsync(client, project, "project deploy start -o sim -m ApexClass:A", new() { ["SF_ORG_METADATA_REST_DEPLOY"] = "true" });
            Assert.Equal("Succeeded", overRest["status"]!.GetValue<string>());
            await WriteAsync(Path.Combine(project, "force-app/main/default/objects/Account/fields/Bad__c.field-meta.xml"), Field.Replace("Rank__c", "Bad__c", StringComparison.Ordinal).Replace("<length>20</length>", "", StringComparison.Ordinal));
            var (code, failed) = await client.SfInAsync(project, "project deploy start -o sim -m CustomField:Account.Bad__c");
            Assert.NotEqual(0, code);
            Assert.Contains("Must specify 'length' for a CustomField of type Text", failed.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
            Assert.Contains("ApexClass", (await RunAsync(client, project, "org list metadata-types -o sim"))["metadataObjects"]!.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal("A", (await RunAsync(client, project, "org list metadata -o sim -m ApexClass"))[0]!["fullName"]!.GetValue<string>());
        }
    }
}
