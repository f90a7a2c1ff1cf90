using System.Globalization;
using System.Security;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using OrgSimulator.Csv;

namespace OrgSimulator.Tests.RandomDml;

/// <summary>Random deeds done to an org and to its model, each compared in its outcome.</summary>
public sealed class OrgActions(TestOrg org, OrgModel model, Random random)
{
    private static readonly string[] Types = ["Account", "Contact", "Order__c", "Line__c"];
    private readonly string _token = org.Host.NewAccessToken();

    /// <summary>Records touched so far.</summary>
    public int Count { get; private set; }

    public async Task StepAsync()
    {
        switch (random.Next(22))
        {
            case < 5: await InsertOneAsync(); break;
            case < 7: await CollectionAsync(insert: true); break;
            case < 10: await UpdateOneAsync(); break;
            case < 12: await CollectionAsync(insert: false); break;
            case 12: await UpsertAsync(); break;
            case 13 or 14: await BulkAsync(); break;
            case 15 or 16: await DeleteAsync(); break;
            case 17: await BulkDeleteAsync(hard: random.Next(3) == 0); break;
            case 18: await SoapAsync("undelete", model.Undelete); break;
            case 19: await SoapSaveAsync(insert: true); break;
            case 20: await SoapSaveAsync(insert: false); break;
            default: await SoapAsync("emptyRecycleBin", model.Empty); break;
        }
    }

    private async Task InsertOneAsync()
    {
        var (type, values) = NewRecord();
        var allowed = model.MayInsert(type, values);
        var (status, body) = await org.SendAsync(HttpMethod.Post, $"sobjects/{type}", values);
        Same(allowed, status == 201, $"insert {type} {Show(values)}", body);
        if (allowed) model.Insert(type, body!["id"]!.GetValue<string>(), values);
        Count++;
    }

    private async Task UpdateOneAsync()
    {
        if (Any(Pick()) is not { } record) return;
        var values = Changes(record.Type);
        model.Begin();
        var allowed = model.Update(record.Id, values);
        var (status, body) = await org.SendAsync(HttpMethod.Patch, $"sobjects/{record.Type}/{record.Id}", values);
        Same(allowed, status == 204, $"update {record} with {Show(values)}", body);
        Count++;
    }

    private async Task CollectionAsync(bool insert)
    {
        var (allOrNone, records) = (random.Next(3) == 0, new List<(string Type, string? Id, Dictionary<string, string?> Values)>());
        var type = Pick();
        for (var i = random.Next(1, 15); i > 0; i--)
            if (insert) records.Add((type, null, Values(type)));
            else if (Any(type) is { } record && records.TrueForAll(other => other.Id != record.Id)) records.Add((type, record.Id, Changes(type)));
        if (records.Count == 0) return;
        var (status, answer) = await org.SendAsync(insert ? HttpMethod.Post : HttpMethod.Patch, "composite/sobjects", new
        {
            allOrNone,
            records = records.Select(record => new Dictionary<string, object?>(record.Values.Select(pair => new KeyValuePair<string, object?>(pair.Key, pair.Value)))
            {
                ["attributes"] = new { type = record.Type }, [insert ? "attributes2" : "Id"] = record.Id,
            }.Where(pair => pair.Key != "attributes2").ToDictionary()).ToArray(),
        });
        Assert.True(status == 200, $"{status} {answer}");
        model.Begin();
        var expected = new List<bool>();
        for (var i = 0; i < records.Count; i++)
        {
            var (_, id, values) = records[i];
            var succeeds = insert ? model.MayInsert(type, values) : model.Update(id!, values);
            expected.Add(succeeds);
            // Within one call a record stands even when the call is rolled back at its end, so a later one may clash with it.
            if (succeeds && insert) model.Insert(type, answer![i]!["id"]?.GetValue<string>() ?? $"rolled back {i}", values);
        }
        var rolledBack = allOrNone && expected.Contains(false);
        if (rolledBack) model.RollBack();
        for (var i = 0; i < records.Count; i++)
            Same(expected[i] && !rolledBack, answer![i]!["success"]!.GetValue<bool>(), $"{(insert ? "insert" : "update")} {i} of {type} {Show(records[i].Values)}, all or none {allOrNone}", answer);
        Count += records.Count;
    }

    private async Task UpsertAsync()
    {
        var (values, key) = (Values("Order__c"), Key());
        values.Remove("Key__c");
        // The key stands in the address, and the record gets it as it is written there.
        var keyed = new Dictionary<string, string?>(values) { ["Key__c"] = key };
        var holder = model.Holder(key);
        model.Begin();
        var allowed = holder is null ? model.MayInsert("Order__c", keyed) : model.Update(holder, keyed);
        var (status, body) = await org.SendAsync(HttpMethod.Patch, $"sobjects/Order__c/Key__c/{key}", values);
        Same(allowed, status is 200 or 201, $"upsert {key} {Show(values)}", body);
        if (allowed) Assert.Equal(holder is null ? 201 : 200, status);
        if (allowed && holder is null) model.Insert("Order__c", body!["id"]!.GetValue<string>(), keyed);
        Count++;
    }

    private async Task BulkAsync()
    {
        var insert = random.Next(2) == 0;
        var type = Pick();
        var fields = insert ? Values(type).Keys.ToArray() : Changes(type).Keys.ToArray();
        var rows = new List<(string? Id, Dictionary<string, string?> Values)>();
        for (var i = random.Next(1, 40); i > 0; i--)
            if (insert) rows.Add((null, Filled(Values(type), fields)));
            else if (Any(type) is { } record) rows.Add((record.Id, Filled(Changes(type), fields)));
        if (rows.Count == 0) return;
        var csv = new StringBuilder((insert ? "" : "Id,") + string.Join(',', fields) + "\n");
        foreach (var (id, values) in rows)
            csv.Append(insert ? "" : id + ",").AppendJoin(',', fields.Select(field => string.IsNullOrWhiteSpace(values[field]) ? "#N/A" : $"\"{values[field]}\"")).Append('\n');
        var job = await org.IngestAsync(type, insert ? "insert" : "update", csv.ToString());
        var ids = await CreatedAsync(job);
        model.Begin();
        var succeeded = 0;
        foreach (var (id, values) in rows)
        {
            var succeeds = insert ? model.MayInsert(type, values) : model.Update(id!, values);
            if (!succeeds) continue;
            if (insert)
            {
                Assert.True(succeeded < ids.Count, $"the model inserts more than the org: {csv}\n{await org.ResultsAsync(job, "failedResults")}");
                model.Insert(type, ids[succeeded], values);
            }
            succeeded++;
        }
        Assert.True(succeeded == ids.Count, $"{(insert ? "insert" : "update")}: the model saves {succeeded}, the org {ids.Count} of\n{csv}\n{await org.ResultsAsync(job, "failedResults")}");
        Count += rows.Count;
    }

    private async Task DeleteAsync()
    {
        var type = Pick();
        var ids = Some(type, random.Next(1, 4));
        if (ids.Count == 0) return;
        if (ids.Count == 1)
        {
            var (status, body) = await org.SendAsync(HttpMethod.Delete, $"sobjects/{type}/{ids[0]}");
            Same(model.Delete(ids, hard: false)[0], status == 204, $"delete {ids[0]}", body);
        }
        else
        {
            var (_, answer) = await org.SendAsync(HttpMethod.Delete, $"composite/sobjects?ids={string.Join(',', ids)}");
            var expected = model.Delete(ids, hard: false);
            for (var i = 0; i < ids.Count; i++) Same(expected[i], answer![i]!["success"]!.GetValue<bool>(), $"delete {ids[i]} of {string.Join(',', ids)}", answer);
        }
        Count += ids.Count;
    }

    private async Task BulkDeleteAsync(bool hard)
    {
        var type = Pick();
        var ids = Some(type, random.Next(1, 6));
        if (ids.Count == 0) return;
        var job = await org.IngestAsync(type, hard ? "hardDelete" : "delete", "Id\n" + string.Join('\n', ids) + "\n");
        var expected = model.Delete(ids, hard).Count(succeeds => succeeds);
        var done = (await CreatedAsync(job)).Count;
        Assert.True(expected == done, $"{(hard ? "hardDelete" : "delete")} of {string.Join(',', ids)}: the model {expected}, the org {done}\n{await org.ResultsAsync(job, "failedResults")}");
        Count += ids.Count;
    }

    private async Task SoapAsync(string call, Func<string, bool> inModel)
    {
        // Records that a cascade took along are not in the bin by themselves: only roots and living ones are named.
        var candidates = model.All.Where(record => record.Lives ? random.Next(50) == 0 : record.Itself).Select(record => record.Id).ToList();
        if (candidates.Count == 0) return;
        var id = candidates[random.Next(candidates.Count)];
        var results = await CallAsync(call, $"<urn:ids>{id}</urn:ids>");
        Same(inModel(id), results.Single().Success, $"{call} {id}", null);
        Count++;
    }

    private async Task SoapSaveAsync(bool insert)
    {
        var (type, records) = (Pick(), new List<(string? Id, Dictionary<string, string?> Values)>());
        for (var i = random.Next(1, 6); i > 0; i--)
            if (insert) records.Add((null, Values(type)));
            else if (Any(type) is { } record) records.Add((record.Id, Changes(type)));
        if (records.Count == 0) return;
        var results = await CallAsync(insert ? "create" : "update", string.Concat(records.Select(record => $"<urn:sObjects><type xmlns=\"urn:sobject.partner.soap.sforce.com\">{type}</type>"
            + string.Concat(record.Values.Where(pair => pair.Value is null).Select(pair => $"<urn:fieldsToNull>{pair.Key}</urn:fieldsToNull>")) + (record.Id is null ? "" : $"<urn:Id>{record.Id}</urn:Id>")
            + string.Concat(record.Values.Where(pair => pair.Value is not null).Select(pair => $"<urn:{pair.Key}>{SecurityElement.Escape(pair.Value)}</urn:{pair.Key}>")) + "</urn:sObjects>")));
        model.Begin();
        for (var i = 0; i < records.Count; i++)
        {
            var (id, values) = records[i];
            Same(insert ? model.MayInsert(type, values) : model.Update(id!, values), results[i].Success, $"SOAP {(insert ? "create" : "update")} {i} of {type} {Show(values)}", null);
            if (insert && results[i].Success) model.Insert(type, results[i].Id, values);
        }
        Count += records.Count;
    }

    private async Task<List<(string Id, bool Success)>> CallAsync(string call, string content)
    {
        var envelope = $"""
            <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com"><soapenv:Header><urn:SessionHeader>
            <urn:sessionId>{SecurityElement.Escape(_token)}</urn:sessionId></urn:SessionHeader></soapenv:Header><soapenv:Body><urn:{call}>{content}</urn:{call}></soapenv:Body></soapenv:Envelope>
            """;
        using var body = new StringContent(envelope, Encoding.UTF8, "text/xml");
        body.Headers.Add("SOAPAction", "\"\"");
        using var answer = await org.Http.PostAsync("/services/Soap/u/66.0", body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{call}: {text}");
        return [.. XDocument.Parse(text).Descendants().Where(element => element.Name.LocalName == "result").Select(result =>
            (Part(result, "id"), Part(result, "success") == "true"))];

        static string Part(XElement result, string name) => result.Elements().First(element => element.Name.LocalName == name).Value;
    }

    /// <summary>Ids of the successful rows, in the order of the file.</summary>
    private async Task<List<string>> CreatedAsync(JsonNode job)
    {
        var reader = new CsvReader(Encoding.UTF8.GetBytes(await org.ResultsAsync(job, "successfulResults")));
        var ids = new List<string>();
        reader.Read();
        while (reader.Read()) ids.Add(reader.Cells[0]);
        return ids;
    }

    private string Pick() => Types[random.Next(Types.Length)];

    /// <summary>A record of the object, mostly one that lives.</summary>
    private ModelRecord? Any(string type)
    {
        var dead = random.Next(12) == 0;
        var all = model.All.Where(record => record.Type == type && record.Lives != dead).ToList();
        return all.Count == 0 ? null : all[random.Next(all.Count)];
    }

    private List<string> Some(string type, int count) => [.. Enumerable.Range(0, count).Select(_ => Any(type)?.Id).OfType<string>().Distinct()];

    private (string Type, Dictionary<string, string?> Values) NewRecord()
    {
        var type = Pick();
        return (type, Values(type));
    }

    private Dictionary<string, string?> Values(string type)
    {
        Dictionary<string, string?> values = type switch
        {
            "Account" => new() { ["Name"] = Word(), ["ParentId"] = Id("Account"), ["Site"] = Word() },
            "Contact" => new() { ["LastName"] = Word(), ["AccountId"] = Id("Account"), ["ReportsToId"] = Id("Contact") },
            "Order__c" => new() { ["Title__c"] = Word(), ["Buyer__c"] = Id("Account"), ["Key__c"] = random.Next(3) == 0 ? null : Key() },
            _ => new() { ["Order__c"] = Id("Order__c", often: true), ["Qty__c"] = Quantity() },
        };
        return values;
    }

    /// <summary>Some of the fields of an object; a detail never changes its master.</summary>
    private Dictionary<string, string?> Changes(string type)
    {
        var values = Values(type);
        values.Remove("Order__c");
        foreach (var field in values.Keys.ToArray())
            if (values.Count > 1 && random.Next(3) == 0) values.Remove(field);
        return values;
    }

    private static Dictionary<string, string?> Filled(Dictionary<string, string?> values, string[] fields) => fields.ToDictionary(field => field, field => values.GetValueOrDefault(field));

    private string? Word() => random.Next(15) switch { 0 => null, 1 => "   ", 2 => $"  padded {random.Next(100)} ", _ => $"word {random.Next(1000)} \u00e4\u4e2d" };

    private string Key() => (random.Next(2) == 0 ? "key" : "KEY") + random.Next(60).ToString(CultureInfo.InvariantCulture);

    private string? Quantity() => random.Next(8) == 0 ? null : (random.Next(2000) / 4m).ToString(CultureInfo.InvariantCulture);

    private string? Id(string type, bool often = false) => !often && random.Next(2) == 0 ? null : Any(type)?.Id;

    private static void Same(bool expected, bool real, string deed, object? answer) => Assert.True(expected == real, $"{deed}: the model says {expected}, the org {real}: {answer}");

    private static string Show(IReadOnlyDictionary<string, string?> values) => string.Join(", ", values.Select(pair => $"{pair.Key}={pair.Value ?? "null"}"));
}
