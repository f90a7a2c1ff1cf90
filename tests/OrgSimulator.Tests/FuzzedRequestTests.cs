using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace OrgSimulator.Tests;

/// <summary>
/// Bodies that are nearly right, over the socket. The org neither hangs nor breaks: whatever it is asked, it answers or refuses as Salesforce does,
/// with a code and a message in a list, and it never has to say that it met something unexpected.
/// </summary>
public sealed class FuzzedRequestTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("NIGHTLY") is null ? 1_500 : 200_000;

    private const string Composite = """
        {"allOrNone":true,"compositeRequest":[
          {"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"a","body":{"Name":"x","NumberOfEmployees":3}},
          {"method":"PATCH","url":"/services/data/v66.0/sobjects/Account/@{a.id}","referenceId":"u","body":{"Site":"@{a.success}"}},
          {"method":"GET","url":"/services/data/v66.0/query?q=SELECT+Id+FROM+Contact+WHERE+AccountId='@{a.id}'","referenceId":"q"},
          {"method":"GET","url":"/services/data/v66.0/sobjects/Account/@{q.records[0].Id}?fields=Name","referenceId":"g"},
          {"method":"DELETE","url":"/services/data/v66.0/sobjects/Account/@{a.id}","referenceId":"d"}]}
        """;

    private const string Records = """{"allOrNone":false,"records":[{"attributes":{"type":"Account"},"Name":"x","Parent":{"Name":"y"}},{"attributes":{"type":"Contact"},"LastName":"z","AccountId":null}]}""";

    private static readonly (string Method, string Path, string Body)[] Calls =
    [
        ("POST", "composite", Composite),
        ("POST", "composite/graph", $$"""{"graphs":[{"graphId":"1","compositeRequest":{{JsonNode.Parse(Composite)!["compositeRequest"]!.ToJsonString()}}},{"graphId":"2","compositeRequest":[]}]}"""),
        ("POST", "composite/batch", """{"haltOnError":false,"batchRequests":[{"method":"GET","url":"v66.0/limits"},{"method":"PATCH","url":"v66.0/sobjects/Account/001000000000001AAA","richInput":{"Name":"n"}}]}"""),
        ("POST", "composite/tree/Account", """{"records":[{"attributes":{"type":"Account","referenceId":"r1"},"Name":"a","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"r2"},"LastName":"c"}]}}]}"""),
        ("POST", "composite/sobjects", Records),
        ("PATCH", "composite/sobjects", """{"records":[{"attributes":{"type":"Account"},"id":"001000000000001AAA","Name":"x"}]}"""),
        ("PATCH", "composite/sobjects/Skill__c/Code__c", """{"records":[{"attributes":{"type":"Skill__c"},"Code__c":"k","Name":"x"}]}"""),
        ("POST", "composite/sobjects/Account", """{"ids":["001000000000001AAA"],"fields":["Id","Name","BillingAddress"]}"""),
        ("POST", "sobjects/Account", """{"Name":"x","NumberOfEmployees":1,"AnnualRevenue":1.5,"BillingLatitude":3,"ParentId":null}"""),
        ("POST", "sobjects/ContentVersion", """{"Title":"t","PathOnClient":"t.txt","VersionData":"aGVsbG8="}"""),
        ("POST", "sobjects/Task", """{"Subject":"s","ActivityDate":"2026-01-01","WhoId":null,"IsReminderSet":true,"ReminderDateTime":"2026-01-01T00:00:00Z"}"""),
        ("PATCH", "sobjects/Skill__c/Code__c/fuzz", """{"Name":"x"}"""),
        ("POST", "jobs/query", """{"operation":"query","query":"SELECT Id FROM Account","columnDelimiter":"COMMA","lineEnding":"LF","contentType":"CSV"}"""),
        ("POST", "jobs/ingest", """{"object":"Contact","operation":"upsert","externalIdFieldName":"Id","lineEnding":"LF","assignmentRuleId":"x"}"""),
        ("POST", "parameterizedSearch", """{"q":"Acme","fields":["Id","Name"],"sobjects":[{"name":"Account","fields":["Id"],"where":"Name LIKE 'a%'","limit":5}],"overallLimit":9}"""),
    ];

    /// <summary>What stands where something else should; as JSON text, because one cannot be made of a node.</summary>
    private static readonly string[] Odd =
    [
        "null", "true", "0", "-1", "1e400", "99999999999999999999", "1.7976931348623157E+308", "\"\"", "\" \"", "[]", "{}", "[[]]", "[null]", "[{}]", "{\"records\":7}", "{\"type\":[]}", "\"@{a.id}\"", "\"@{a.id.x}\"",
        "\"@{a[99999999999]}\"", "\"@{q.records[0]}\"", "\"@{missing.id}\"", "\"\\ud800\"", "\"\\u0000\"", "\"Account\"", "\"Nope__c\"", "\"001\"", "\"001000000000001\"", "\"2026-13-45\"", "\"%\"", "\"../../x\"",
        "\"/services/data/v66.0/composite\"", "\"/services/data/v66.0/sobjects/Account/describe\"", "\"/services/data/v66.0/query\"", "\"/services/data/v9.0/x\"", "\"ftp://x\"", "\"POST\"", "\"TRACE\"", "\"a\"",
    ];

    /// <summary>A node is another one, gone, doubled or renamed; or the text itself is cut.</summary>
    private static string Mutate(string text, (int Kind, int At, int With)[] steps)
    {
        foreach (var (kind, at, with) in steps)
        {
            if (kind == 5)
            {
                text = text.Length == 0 ? text : text.Remove(at * 37 % text.Length, Math.Min(1 + with % 3, text.Length - at * 37 % text.Length));
                continue;
            }
            try
            {
                var root = JsonNode.Parse(text);
                var places = All(root).ToList();
                if (places.Count == 0) continue;
                var (holder, name, index) = places[at % places.Count];
                var odd = Odd[with % Odd.Length];
                switch (kind)
                {
                    case 0 or 1 when holder is JsonObject parent: parent[name!] = "\u0001odd"; break;
                    case 0 or 1: holder.AsArray()[index] = "\u0001odd"; break;
                    case 2 when holder is JsonObject parent: parent.Remove(name!); break;
                    case 2: holder.AsArray().RemoveAt(index); break;
                    case 3 when holder is JsonArray list: list.Add(list[index]?.DeepClone()); break;
                    case 3: ((JsonObject)holder)["x" + name] = holder[name!]?.DeepClone(); break;
                    default:
                        if (holder is JsonObject named && named[name!] is { } moved)
                        {
                            named.Remove(name!);
                            named[name!.ToUpperInvariant()] = moved.DeepClone();
                        }
                        break;
                }
                text = root!.ToJsonString().Replace("\"\\u0001odd\"", odd, StringComparison.Ordinal);
            }
            catch (Exception problem) when (problem is JsonException or InvalidOperationException or ArgumentException)
            {
                // An earlier step has broken it already.
            }
        }
        return text;
    }

    private static IEnumerable<(JsonNode Holder, string? Name, int Index)> All(JsonNode? node)
    {
        if (node is JsonObject parent)
            foreach (var (name, value) in parent)
            {
                yield return (parent, name, 0);
                foreach (var below in All(value)) yield return below;
            }
        if (node is JsonArray list)
            for (var i = 0; i < list.Count; i++)
            {
                yield return (list, null, i);
                foreach (var below in All(list[i])) yield return below;
            }
    }

    /// <summary>Errors stand in a list, each with code and message; of a tree they stand among its results.</summary>
    private static void AssertAnswered(int status, JsonNode? body, string asked)
    {
        Assert.True(status is >= 200 and < 500, $"{asked}: {status} {body}");
        if (status >= 400) AssertErrors(body, asked);
        foreach (var one in Parts(body))
        {
            var inner = (one["httpStatusCode"] ?? one["statusCode"])!.GetValue<int>();
            Assert.True(inner is >= 200 and < 500, $"{asked}: inside {inner} {one}");
            if (inner >= 400) AssertErrors(one["body"] ?? one["result"], asked);
        }
    }

    private static IEnumerable<JsonObject> Parts(JsonNode? body) => body is not JsonObject answer ? []
        : (answer["compositeResponse"] as JsonArray ?? [.. (answer["graphs"] as JsonArray ?? []).SelectMany(graph => graph!["graphResponse"]!["compositeResponse"]!.AsArray()).Select(part => part!.DeepClone())])
            .Concat((answer["results"] as JsonArray ?? []).Where(part => part is JsonObject batch && batch.ContainsKey("statusCode"))).Cast<JsonObject>();

    private static void AssertErrors(JsonNode? body, string asked)
    {
        if (body is JsonObject tree && tree["hasErrors"] is not null) return;
        var errors = Assert.IsType<JsonArray>(body, exactMatch: false);
        Assert.NotEmpty(errors);
        foreach (var error in errors)
            Assert.True((error!["errorCode"] ?? error["statusCode"])?.GetValue<string>() is { Length: > 0 } && error["message"]?.GetValue<string>() is { Length: > 0 }, $"{asked}: {body}");
    }

    private static async Task<TestOrg> OrgAsync(TextWriter warnings)
    {
        var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 400, Seed = 7, ApiLimit = int.MaxValue, BulkQueryJobLimit = int.MaxValue, Warnings = TextWriter.Synchronized(warnings) });
        org.Http.Timeout = TimeSpan.FromMinutes(5);      // a hang, however busy the machine is
        return org;
    }

    [Fact]
    public async Task A_body_of_any_shape_is_answered_or_refused()
    {
        using var warnings = new StringWriter();
        await using var org = await OrgAsync(warnings);
        await Gen.Select(Gen.Int[0, Calls.Length - 1], Gen.Select(Gen.Int[0, 5], Gen.Int[0, 400], Gen.Int[0, 400]).Array[0, 4]).SampleAsync(async (which, steps) =>
        {
            var (method, path, body) = Calls[which];
            var mutated = Mutate(body, steps);
            await AskAsync(org, method, path, mutated);
        }, iter: Inputs, threads: 1);
        Assert.Equal("", warnings.ToString());
    }

    private static async Task AskAsync(TestOrg org, string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{TestOrg.Base}/{path}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await org.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        AssertAnswered((int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), $"{method} {path} {body}");
    }

    [Fact]
    public async Task Each_odd_value_in_each_place_is_answered_or_refused()
    {
        using var warnings = new StringWriter();
        await using var org = await OrgAsync(warnings);
        foreach (var (method, path, body) in Calls)
            for (var at = All(JsonNode.Parse(body)).Count() - 1; at >= 0; at--)
                for (var with = 0; with < Odd.Length; with++) await AskAsync(org, method, path, Mutate(body, [(0, at, with)]));
        Assert.Equal("", warnings.ToString());
    }

    [Fact]
    public async Task The_bodies_that_are_mutated_are_right()
    {
        await using var org = await OrgAsync(TextWriter.Null);
        foreach (var (method, path, body) in Calls)
        {
            var (status, answer) = await org.SendAsync(new HttpMethod(method), path, body);
            Assert.True(status is >= 200 and < 300, $"{method} {path}: {status} {answer}");
        }
    }

    private static readonly string[] Letters = ["%", "_", "\\%", "\\_", "\\\\", "\\'", "%%%", "a", "E", "\u00e4", "\u0130", "\ud83d\ude00", ".", "*", "(", "[", "^", "$", "+", "{2}", "|", "\\n", " ", "-", "\u0001"];

    [Fact]
    public async Task A_pattern_of_any_letters_is_matched_or_refused()
    {
        using var warnings = new StringWriter();
        await using var org = await OrgAsync(warnings);
        await Gen.Select(Gen.Int[0, Letters.Length - 1].Select(i => Letters[i]).Array[0, 60], Gen.Int[0, 3]).SampleAsync(async (letters, where) =>
        {
            var pattern = string.Concat(letters);
            var soql = where switch
            {
                0 => $"SELECT Id FROM Account WHERE Name LIKE '{pattern}'",
                1 => $"SELECT COUNT() FROM Contact WHERE NOT (Account.Name LIKE '{pattern}' OR Email LIKE '%{pattern}%')",
                2 => $"SELECT Industry FROM Account GROUP BY Industry HAVING Industry LIKE '{pattern}'",
                _ => $"SELECT Id, (SELECT Id FROM Contacts WHERE LastName LIKE '{pattern}') FROM Account LIMIT 3",
            };
            var (status, body) = await org.SendAsync(HttpMethod.Get, $"query?q={Uri.EscapeDataString(soql)}");
            AssertAnswered(status, body, soql);
        }, iter: Inputs / 2, threads: 1);
        Assert.Equal("", warnings.ToString());
    }

    [Fact]
    public async Task The_longest_and_nastiest_pattern_is_matched_at_once()
    {
        await using var org = await TestOrg.StartAsync();
        await org.CreateAsync("Account", new { Name = new string('a', 255) });
        foreach (var pattern in (string[])[string.Concat(Enumerable.Repeat("%a", 1900)) + "b", string.Concat(Enumerable.Repeat("%_", 1900)), new string('%', 3800) + "b", string.Concat(Enumerable.Repeat("a%", 120)) + "b"])
            Assert.Equal(0, await org.CountAsync($"Account WHERE Name LIKE '{pattern}'"));
        Assert.Equal(1, await org.CountAsync($"Account WHERE Name LIKE '{string.Concat(Enumerable.Repeat("%a", 200))}%'"));
    }
}
