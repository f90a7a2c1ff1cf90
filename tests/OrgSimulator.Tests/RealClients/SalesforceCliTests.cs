using System.Text.Json;
using System.Security.Cryptography;

namespace OrgSimulator.Tests.RealClients;

public sealed class SalesforceCliTests
{
    internal static async Task<(RealClient Client, TestOrg Org)> SignedInAsync(SimulatorOptions options)
    {
        var client = await RealClient.InstallAsync();
        var org = await TestOrg.StartAsync(options);
        var (code, answer) = await client.SfAsync($"org login access-token --instance-url {org.Host.Url} --no-prompt --alias sim --set-default", new() { ["SF_ACCESS_TOKEN"] = org.Host.NewAccessToken() });
        Assert.True(code == 0, answer.ToJsonString());
        Assert.Equal("admin@sim.example", answer["result"]!["username"]!.GetValue<string>());
        return (client, org);
    }

    [Fact]
    public async Task Queries_follow_pages_and_know_their_columns()
    {
        var (client, org) = await SignedInAsync(new SimulatorOptions { DataFolder = Shared.Data("npsp-1k") });
        using (client)
        await using (org)
        {
            var result = await client.SfResultAsync("data query -o sim -q", "SELECT Id, Name, Account.Name FROM Opportunity");
            Assert.Equal((1517, 1517), (result["totalSize"]!.GetValue<int>(), result["records"]!.AsArray().Count));
            Assert.Equal(3499, (await client.SfResultAsync("data query -o sim -q", "SELECT Id FROM OpportunityContactRole"))["records"]!.AsArray().Count);
            Assert.Equal(1223, (await client.SfResultAsync("data query -o sim -q", "SELECT COUNT() FROM Account"))["totalSize"]!.GetValue<int>());
            Assert.Equal("Account", (await client.SfResultAsync("sobject describe -o sim -s Account"))["name"]!.GetValue<string>());
            Assert.Contains("npe4__Relationship__c", (await client.SfResultAsync("sobject list -o sim -s custom")).AsArray().Select(name => name!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task Bulk_export_reads_all_pages()
    {
        var (client, org) = await SignedInAsync(new SimulatorOptions { DataFolder = Shared.Data("npsp-1k"), BulkPageSize = 700 });
        using (client)
        await using (org)
        {
            var file = Path.Combine(client.Home, "out.csv");
            var result = await client.SfResultAsync("data export bulk -o sim -r csv -w 5 --output-file", file, "-q", "SELECT Id, Name FROM Contact");
            Assert.Equal(1024, result["totalSize"]!.GetValue<int>());
            var lines = (await File.ReadAllTextAsync(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal((1025, "\"Id\",\"Name\""), (lines.Length, lines[0].TrimEnd('\r')));
            Assert.Equal(1024, lines.Skip(1).Distinct().Count());
        }
    }

    [Fact]
    public async Task Bulk_import_writes_and_reports_failures()
    {
        var (client, org) = await SignedInAsync(new SimulatorOptions());
        using (client)
        await using (org)
        {
            var good = Path.Combine(client.Home, "good.csv");
            await File.WriteAllTextAsync(good, "Name,NumberOfEmployees\nFoo,1\n\"Bar, Inc\",2\n");
            Assert.Equal(2, (await client.SfResultAsync("data import bulk -o sim -s Account -w 5 -f", good))["processedRecords"]!.GetValue<int>());
            Assert.Equal(1, await org.CountAsync("Account WHERE Name = 'Bar, Inc'"));
            var bad = Path.Combine(client.Home, "bad.csv");
            await File.WriteAllTextAsync(bad, "Name,NumberOfEmployees\nok,1\nbad,many\n");
            var (code, answer) = await client.SfAsync("data import bulk -o sim -s Account -w 5 -f", null, bad);
            Assert.NotEqual(0, code);
            Assert.Equal("FailedRecordDetailsError", answer["name"]!.GetValue<string>());
            Assert.Equal(3, await org.CountAsync("Account"));
        }
    }

    [Fact]
    public async Task Records_files_trees_and_limits()
    {
        var (client, org) = await SignedInAsync(new SimulatorOptions());
        using (client)
        await using (org)
        {
            var id = (await client.SfResultAsync("data create record -o sim -s Account -v", "Name='From the CLI'"))["id"]!.GetValue<string>();
            Assert.Equal("From the CLI", (await client.SfResultAsync($"data get record -o sim -s Account -i {id}"))["Name"]!.GetValue<string>());
            await client.SfResultAsync($"data update record -o sim -s Account -i {id} -v", "Name='Changed'");
            Assert.Equal(id, (await client.SfResultAsync("data get record -o sim -s Account -w", "Name='Changed'"))["Id"]!.GetValue<string>());
            var file = Path.Combine(client.Home, "x.txt");
            await File.WriteAllTextAsync(file, "hello");
            await client.SfResultAsync("data create file -o sim -f", file);
            var version = (await org.QueryAsync("SELECT PathOnClient, ContentSize, Title FROM ContentVersion"))["records"]![0]!;
            Assert.Equal(("x.txt", 5), (Path.GetFileName(version["PathOnClient"]!.GetValue<string>()), version["ContentSize"]!.GetValue<int>()));
            var tree = Path.Combine(client.Home, "tree.json");
            await File.WriteAllTextAsync(tree, """{"records":[{"attributes":{"type":"Account","referenceId":"r1"},"Name":"Tree"}]}""");
            await client.SfResultAsync("data import tree -o sim -f", tree);
            Assert.Equal(1, await org.CountAsync("Account WHERE Name = 'Tree'"));
            await client.SfResultAsync($"data delete record -o sim -s Account -i {id}");
            Assert.Equal(1, (await client.SfResultAsync("data query -o sim --all-rows -q", $"SELECT Id FROM Account WHERE Id = '{id}' AND IsDeleted = true"))["totalSize"]!.GetValue<int>());
            Assert.Equal((0, "Name\nTree\n"), await client.SfTextAsync("data query -o sim -r csv -q", null, null, "SELECT Name FROM Account") is var (code, csv) ? (code, csv) : default);
            var (_, human) = await client.SfTextAsync("data query -o sim -r human -q", null, null, "SELECT Name FROM Account");
            Assert.Contains("Total number of records retrieved: 1", human, StringComparison.Ordinal);
            Assert.Equal(org.Host.Store.OrganizationId, (await client.SfResultAsync("org display -o sim"))["id"]!.GetValue<string>());
            var (raw, limits) = await client.SfTextAsync("api request rest -o sim /services/data/v65.0/limits");
            Assert.True(raw == 0 && limits.Contains("DailyBulkV2QueryJobs", StringComparison.Ordinal), limits);
            Assert.Contains((await client.SfResultAsync("org list limits -o sim")).AsArray(), limit => limit!["name"]!.GetValue<string>() == "DailyApiRequests");
            Assert.Equal(1, await org.CountAsync("Account"));
        }
    }

    [Fact]
    public async Task The_files_of_a_plan_are_cut_into_requests_of_200_records_and_a_file_alone_is_not()
    {
        var (client, org) = await SignedInAsync(new SimulatorOptions());
        using (client)
        await using (org)
        {
            var folder = Path.Combine(client.Home, "plan");
            Directory.CreateDirectory(folder);
            async Task<string> FileAsync(string name, object content)
            {
                await File.WriteAllTextAsync(Path.Combine(folder, name), JsonSerializer.Serialize(content));
                return Path.Combine(folder, name);
            }

            await FileAsync("Account.json", new { records = new[] { new { attributes = new { type = "Account", referenceId = "A1" }, Name = "Plan" } } });
            var contacts = await FileAsync("Contact.json", new { records = Enumerable.Range(1, 250).Select(i => new { attributes = new { type = "Contact", referenceId = $"C{i}" }, LastName = $"L{i}", AccountId = "@A1" }) });
            var plan = await FileAsync("plan.json", new object[] { new { sobject = "Account", saveRefs = true, files = new[] { "Account.json" } }, new { sobject = "Contact", resolveRefs = true, files = new[] { "Contact.json" } } });
            await client.SfResultAsync("data import tree -o sim -p", plan);
            Assert.Equal(250, await org.CountAsync("Contact WHERE Account.Name = 'Plan'"));
            Assert.Equal(3, org.Host.Faults.Calls.Count(call => call.Path.Contains("/composite/tree/", StringComparison.OrdinalIgnoreCase)));

            await File.WriteAllTextAsync(contacts, (await File.ReadAllTextAsync(contacts)).Replace(",\"AccountId\":\"@A1\"", "", StringComparison.Ordinal));
            var (code, answer) = await client.SfAsync("data import tree -o sim -f", null, contacts);
            Assert.True(code != 0, answer.ToJsonString());
            Assert.Equal(250, await org.CountAsync("Contact"));
        }
    }

    [Fact]
    public async Task Trees_come_out_as_they_went_in_and_a_bare_token_will_do_for_a_query()
    {
        using var client = await RealClient.InstallAsync();
        await using var org = await TestOrg.StartAsync();
        var account = await org.CreateAsync("Account", new { Name = "Tree" });
        await org.CreateAsync("Contact", new { LastName = "Leaf", AccountId = account });
        // Nobody has signed in: the token itself stands for the org.
        var bare = new Dictionary<string, string> { ["SF_ORG_INSTANCE_URL"] = org.Host.Url };
        var (code, answer) = await client.SfAsync($"data query -o {org.Host.NewAccessToken()} -q", bare, "SELECT Name FROM Account");
        Assert.True(code == 0, answer.ToJsonString());
        Assert.Equal("Tree", answer["result"]!["records"]![0]!["Name"]!.GetValue<string>());

        var folder = Path.Combine(client.Home, "tree");
        Directory.CreateDirectory(folder);
        (code, answer) = await client.SfAsync($"data export tree -o {org.Host.NewAccessToken()} -p -d", bare, folder, "-q", "SELECT Id, Name, (SELECT LastName FROM Contacts) FROM Account");
        Assert.True(code == 0, answer.ToJsonString());
        await using var empty = await TestOrg.StartAsync(new SimulatorOptions { Seed = 2 });
        (code, answer) = await client.SfAsync($"data import tree -o {empty.Host.NewAccessToken()} -p", new() { ["SF_ORG_INSTANCE_URL"] = empty.Host.Url }, Directory.GetFiles(folder, "*plan.json").Single());
        Assert.True(code == 0, answer.ToJsonString());
        Assert.Equal(1, await empty.CountAsync("Contact WHERE LastName = 'Leaf' AND Account.Name = 'Tree'"));
    }

    [Fact]
    public async Task Signing_in_by_jwt()
    {
        using var client = await RealClient.InstallAsync();
        using var rsa = RSA.Create(2048);
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Apps = [new("X") { PublicKeyPem = rsa.ExportSubjectPublicKeyInfoPem() }] });
        var key = Path.Combine(client.Home, "key.pem");
        await File.WriteAllTextAsync(key, rsa.ExportPkcs8PrivateKeyPem());
        var (code, answer) = await client.SfAsync($"org login jwt --client-id X --username admin@sim.example --instance-url {org.Host.Url} --alias a --jwt-key-file", null, key);
        Assert.True(code == 0, answer.ToJsonString());
        Assert.Equal(0, (await client.SfResultAsync("data query -o a -q", "SELECT Id FROM Account"))["totalSize"]!.GetValue<int>());
    }
}
