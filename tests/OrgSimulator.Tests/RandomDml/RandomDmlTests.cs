using System.Globalization;
using System.Text.Json.Nodes;

namespace OrgSimulator.Tests.RandomDml;

public sealed class RandomDmlTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("random-dml").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task After_ten_thousand_random_operations_the_org_holds_what_a_simple_model_holds()
    {
        var seeds = Environment.GetEnvironmentVariable("NIGHTLY") is null ? [1, 2, 3, 4] : Enumerable.Range(100, 40).ToArray();
        foreach (var seed in seeds) await RunAsync(seed, 2500);
    }

    private async Task RunAsync(int seed, int operations)
    {
        WriteObjects();
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { DataFolder = _folder, Seed = seed, Warnings = TextWriter.Null, ApiLimit = int.MaxValue });
        var model = new OrgModel();
        var actions = new OrgActions(org, model, new Random(seed));
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {operations} operations");
        try
        {
            for (var step = 0; actions.Count < operations; step++)
            {
                await actions.StepAsync();
                if (step % 200 == 0) await CompareAsync(org, model);
            }
            await CompareAsync(org, model);
            // A walk that only ever failed, or never deleted, would prove nothing.
            var (live, gone) = (model.All.Count(record => record.Lives), model.All.Count(record => !record.Lives));
            TestContext.Current.TestOutputHelper?.WriteLine($"  {live} records live, {gone} in the recycle bin");
            Assert.True(live > 200 && gone > 40, $"{live} live, {gone} in the bin");
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            throw new InvalidOperationException($"seed {seed}, after {actions.Count} operations: {problem.Message}", problem);
        }
    }

    private static async Task CompareAsync(TestOrg org, OrgModel model)
    {
        string[] types = ["Account", "Contact", "Order__c", "Line__c"];
        var dumped = new Dictionary<string, JsonNode>();
        foreach (var line in (await org.DumpAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            if (JsonNode.Parse(line)! is var json && json["object"]?.GetValue<string>() is { } type && types.Contains(type)) dumped[json["id"]!.GetValue<string>()] = json;
        Assert.Equal(model.All.Where(record => record.Lives).Select(record => record.Id).Order(StringComparer.Ordinal), dumped.Keys.Order(StringComparer.Ordinal));
        foreach (var record in model.All.Where(record => record.Lives))
        {
            Alike(record, dumped[record.Id]["fields"]!);
            if (record.Type != "Order__c") continue;
            var (count, sum) = model.Totals(record.Id);
            var fields = dumped[record.Id]["fields"]!;
            Assert.Equal((record.Id, count, sum), (record.Id, fields["Lines__c"]!.GetValue<decimal>(), fields["Total__c"]!.GetValue<decimal>()));
            Assert.Equal(sum > 100 ? "large" : "small", fields["Size__c"]!.GetValue<string>());
        }
        foreach (var type in types)
        {
            var fields = model.All.Where(record => record.Type == type).SelectMany(record => record.Fields.Keys).Distinct().ToList();
            var found = new Dictionary<string, JsonNode>();
            var page = await org.QueryAsync($"SELECT Id, IsDeleted{string.Concat(fields.Select(field => ", " + field))} FROM {type}", all: true);
            while (true)
            {
                foreach (var row in page["records"]!.AsArray()) found[row!["Id"]!.GetValue<string>()] = row;
                if (page["nextRecordsUrl"]?.GetValue<string>() is not { } next) break;
                page = await org.GetAsync(next);
            }
            var expected = model.All.Where(record => record.Type == type).ToList();
            Assert.Equal(expected.Select(record => record.Id).Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
            foreach (var record in expected)
            {
                Assert.Equal((record.Id, !record.Lives), (record.Id, found[record.Id]["IsDeleted"]!.GetValue<bool>()));
                Alike(record, found[record.Id]);
            }
        }
    }

    private static void Alike(ModelRecord record, JsonNode real)
    {
        foreach (var (field, value) in record.Fields)
        {
            var held = real[field] is { } node ? field == "Qty__c" ? node.GetValue<decimal>().ToString("0.##", CultureInfo.InvariantCulture) : node.GetValue<string>() : null;
            Assert.True(value == held, $"{record.Type} {record.Id}.{field}: the model holds {value ?? "nothing"}, the org {held ?? "nothing"}");
        }
    }

    private void WriteObjects()
    {
        Write("Order__c", "Order__c", "CustomObject", "<label>Order</label><pluralLabel>Orders</pluralLabel><nameField><type>Text</type><label>Name</label></nameField>");
        Write("Line__c", "Line__c", "CustomObject", "<label>Line</label><pluralLabel>Lines</pluralLabel><nameField><type>AutoNumber</type><displayFormat>L-{0000}</displayFormat></nameField>");
        Field("Order__c", "Title__c", "<type>Text</type><length>255</length>");
        Field("Order__c", "Key__c", "<type>Text</type><length>40</length><unique>true</unique><externalId>true</externalId><caseSensitive>false</caseSensitive>");
        Field("Order__c", "Buyer__c", "<type>Lookup</type><referenceTo>Account</referenceTo><relationshipName>Orders</relationshipName><deleteConstraint>SetNull</deleteConstraint>");
        Field("Line__c", "Order__c", "<type>MasterDetail</type><referenceTo>Order__c</referenceTo><relationshipName>Lines</relationshipName><relationshipOrder>0</relationshipOrder>");
        Field("Line__c", "Qty__c", "<type>Number</type><precision>10</precision><scale>2</scale>");
        Field("Order__c", "Lines__c", "<type>Summary</type><summaryForeignKey>Line__c.Order__c</summaryForeignKey><summaryOperation>count</summaryOperation>");
        Field("Order__c", "Total__c", "<type>Summary</type><summaryForeignKey>Line__c.Order__c</summaryForeignKey><summarizedField>Line__c.Qty__c</summarizedField><summaryOperation>sum</summaryOperation>");
        Field("Order__c", "Size__c", "<type>Text</type><formula>IF(Total__c &gt; 100, \"large\", \"small\")</formula>");

        void Field(string type, string name, string body) => Write(type, $"fields/{name}", "CustomField", $"<fullName>{name}</fullName>{body}");
        void Write(string type, string file, string element, string body)
        {
            var path = Path.Combine(_folder, "objects", type, file + (element == "CustomObject" ? ".object-meta.xml" : ".field-meta.xml"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, $"<{element} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{body}</{element}>");
        }
    }
}
