using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using OrgSimulator.Schema;

namespace OrgSimulator.Tests.RealClients;

/// <summary>
/// Nothing is replayed: each command of the recorded traces is given anew to the unmodified client, and what it then asks of the simulator must be
/// what was recorded, in method, path and order. The org's newest version is that of the recordings, so that versions need no touching. Put on a level is
/// <list type="bullet">
/// <item>Ids and tokens: every org makes its own;</item>
/// <item>how often the status of one job is asked in a row: that depends on how fast an org is;</item>
/// <item>which of the three result files of an ingest job comes first: the clients ask for them side by side;</item>
/// <item>for SOAP, whose path is always the same, the operation named in the body is compared as well.</item>
/// </list>
/// </summary>
public sealed partial class TraceTests
{
    [GeneratedRegex("(?<=[/,=])(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{15}([A-Za-z0-9]{3})?(?=[/,?&]|$)")]
    private static partial Regex Ids();

    [GeneratedRegex("oauth_token=[^&]*")]
    private static partial Regex Tokens();

    [GeneratedRegex("<(?:\\w+:)?Body[^>]*><(?:\\w+:)?(\\w+)")]
    private static partial Regex Operation();

    private static List<string> Requests(IEnumerable<string> lines)
    {
        var requests = new List<string>();
        foreach (var line in lines)
        {
            using var json = JsonDocument.Parse(line);
            var (method, url) = (json.RootElement.GetProperty("m").GetString()!, json.RootElement.GetProperty("url").GetString()!);
            var soap = url.Contains("/services/Soap/", StringComparison.Ordinal) ? " " + Operation().Match(json.RootElement.GetProperty("body").GetString()!).Groups[1].Value : "";
            var request = $"{method} {Tokens().Replace(Ids().Replace(url, "{id}"), "oauth_token={token}")}{soap}";
            if (requests.Count > 0 && requests[^1] == request && (url.Contains("/jobs/", StringComparison.Ordinal) || soap.StartsWith(" check", StringComparison.Ordinal))) continue;
            requests.Add(request);
        }
        for (var i = 0; i < requests.Count; i++)
        {
            var together = requests.Skip(i).TakeWhile(request => Results().IsMatch(request)).Order(StringComparer.Ordinal).ToList();
            for (var j = 0; j < together.Count; j++) requests[i + j] = together[j];
            i += together.Count;
        }
        return requests;
    }

    [GeneratedRegex("/jobs/ingest/\\{id\\}/(successfulResults|failedResults|unprocessedrecords)$")]
    private static partial Regex Results();

    private static List<string> Recorded(string name) => Requests(File.ReadLines(Path.Combine(Shared.Data("client-traces"), name + ".jsonl")));

    /// <summary>Every recording that there is.</summary>
    private static readonly string[] Held = ["data-create-file", "data-delete-bulk", "data-export-bulk", "data-get-record", "data-import-bulk", "data-query", "data-upsert-bulk", "jsforce",
        "login-access-token", "login-jwt", "project-deploy", "project-retrieve", "tree-import"];

    [Fact]
    public void No_recording_is_left_out() =>
        Assert.Equal(Directory.GetFiles(Shared.Data("client-traces"), "*.jsonl").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal), Held);

    private static void AssertSame(string name, IReadOnlyList<string> seen)
    {
        Assert.Contains(name, Held);
        Assert.Equal($"{name}\n" + string.Join('\n', Recorded(name)), $"{name}\n" + string.Join('\n', seen));
    }

    /// <summary>A running org that writes its trace, and the place up to which the trace has been looked at.</summary>
    private sealed class Traced(RealClient client, TestOrg org, string file) : IAsyncDisposable
    {
        private int _looked;

        public RealClient Client => client;
        public TestOrg Org => org;

        public static async Task<Traced> StartAsync(SimulatorOptions? options = null)
        {
            _ = Shared.Data("client-traces");
            var client = await RealClient.InstallAsync();
            var file = Path.Combine(client.Home, "trace.jsonl");
            var org = await TestOrg.StartAsync((options ?? new SimulatorOptions()) with { TraceFile = file, NewestVersion = 65 });
            org.Host.Store.Schema["Account"].Deploy(new Field("Ext__c", FieldType.String) { Length = 40, ExternalId = true, IdLookup = true });
            return new Traced(client, org, file);
        }

        /// <summary>Requests since the last look.</summary>
        public List<string> Look()
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var fresh = lines[_looked..];
            _looked = lines.Length;
            return Requests(fresh);
        }

        public async Task<string> FileAsync(string name, string text)
        {
            var path = Path.Combine(client.Home, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text);
            return path;
        }

        public async Task SignInAsync() => Assert.Equal(0, (await client.SfAsync($"org login access-token --instance-url {org.Host.Url} --no-prompt --alias sim --set-default",
            new() { ["SF_ACCESS_TOKEN"] = org.Host.NewAccessToken() })).Code);

        public async ValueTask DisposeAsync()
        {
            await org.DisposeAsync();
            client.Dispose();
        }
    }

    [Fact]
    public async Task Data_commands_of_the_cli()
    {
        await using var traced = await Traced.StartAsync();
        var (client, org) = (traced.Client, traced.Org);
        var account = await org.CreateAsync("Account", new { Name = "A" });
        // The recording was made where the CLI had met the org before: only then does it not ask for the versions and the org's name.
        await traced.SignInAsync();
        traced.Look();
        await traced.SignInAsync();
        AssertSame("login-access-token", traced.Look());

        await client.SfResultAsync("data query -o sim -q", "SELECT Id, Name FROM Account");
        AssertSame("data-query", traced.Look());
        await client.SfResultAsync($"data get record -o sim -s Account -i {account}");
        AssertSame("data-get-record", traced.Look());
        await client.SfResultAsync("data export bulk -o sim -r csv -w 5 --output-file", Path.Combine(client.Home, "out.csv"), "-q", "SELECT Id, Name FROM Account");
        AssertSame("data-export-bulk", traced.Look());
        await client.SfResultAsync("data import bulk -o sim -s Account -w 5 -f", await traced.FileAsync("in.csv", "Name,NumberOfEmployees\nFoo,1\n\"Bar, Inc\",2\n"));
        AssertSame("data-import-bulk", traced.Look());
        await client.SfResultAsync("data upsert bulk -o sim -s Account -i Ext__c -w 5 -f", await traced.FileAsync("up.csv", "Ext__c,Name\nA1,Foo\n"));
        AssertSame("data-upsert-bulk", traced.Look());
        await client.SfResultAsync("data delete bulk -o sim -s Account --hard-delete -w 5 -f", await traced.FileAsync("gone.csv", $"Id\n{account}\n"));
        AssertSame("data-delete-bulk", traced.Look());
        await client.SfResultAsync("data import tree -o sim -p", await TreeAsync(traced));
        AssertSame("tree-import", traced.Look());
        // Recorded against a server that refused the file, so the recording ends where we go on to read the file's document.
        await client.SfResultAsync("data create file -o sim -f", await traced.FileAsync("x.txt", "hello"));
        AssertSame("data-create-file", traced.Look()[..1]);
    }

    private static async Task<string> TreeAsync(Traced traced)
    {
        await traced.FileAsync("Account.json", """{"records":[{"attributes":{"type":"Account","referenceId":"AccountRef1"},"Name":"T"}]}""");
        await traced.FileAsync("Contact.json", """{"records":[{"attributes":{"type":"Contact","referenceId":"ContactRef1"},"LastName":"L","AccountId":"@AccountRef1"}]}""");
        return await traced.FileAsync("plan.json", """[{"sobject":"Account","saveRefs":true,"files":["Account.json"]},{"sobject":"Contact","resolveRefs":true,"files":["Contact.json"]}]""");
    }

    [Fact]
    public async Task Jwt_sign_in_of_the_cli()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        await using var traced = await Traced.StartAsync(new SimulatorOptions { Apps = [new("X") { PublicKeyPem = rsa.ExportSubjectPublicKeyInfoPem() }] });
        var key = await traced.FileAsync("key.pem", rsa.ExportPkcs8PrivateKeyPem());
        Assert.Equal(0, (await traced.Client.SfAsync($"org login jwt --client-id X --username admin@sim.example --instance-url {traced.Org.Host.Url} --alias a --jwt-key-file", null, key)).Code);
        AssertSame("login-jwt", traced.Look());
    }

    [Fact]
    public async Task Project_commands_of_the_cli()
    {
        await using var traced = await Traced.StartAsync();
        await traced.SignInAsync();
        traced.Look();
        var project = Path.Combine(traced.Client.Home, "project");
        await traced.FileAsync("project/sfdx-project.json", """{"packageDirectories":[{"path":"force-app","default":true}],"sourceApiVersion":"68.0"}""");
        await traced.FileAsync("project/force-app/main/default/classes/A.cls", "public class A {}\n");
        await traced.FileAsync("project/force-app/main/default/classes/A.cls-meta.xml", """<?xml version="1.0" encoding="UTF-8"?><ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>68.0</apiVersion></ApexClass>""");
        Assert.Equal(0, (await traced.Client.SfInAsync(project, "project retrieve start -o sim -m CustomObject:Account")).Code);
        AssertSame("project-retrieve", traced.Look());
        Assert.Equal(0, (await traced.Client.SfInAsync(project, "project deploy start -o sim -m ApexClass:A")).Code);
        AssertSame("project-deploy", traced.Look());
    }

    [Fact]
    public async Task Calls_of_jsforce()
    {
        // The recording asks what was deleted between two fixed days, which an org answers only while they are not long ago.
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2024-01-05T01:00:00Z", null));
        await using var traced = await Traced.StartAsync(new SimulatorOptions { Time = time, PasswordSignIn = true });
        var (host, org) = (traced.Org.Host, traced.Org);
        var accounts = new List<string>();
        for (var i = 0; i < 3; i++) accounts.Add(await org.CreateAsync("Account", new { Name = "A" + i }));
        var version = await org.CreateAsync("ContentVersion", new { PathOnClient = "x.txt", VersionData = "aGVsbG8=" });
        traced.Look();
        var output = await traced.Client.ScriptAsync("jsforce-trace.mjs", [host.Url, host.NewAccessToken(), host.NewRefreshToken(), "admin@sim.example", "simulator", version[..15], .. accounts]);
        Assert.Contains("\"done\":true", output, StringComparison.Ordinal);
        AssertSame("jsforce", traced.Look());
    }
}
