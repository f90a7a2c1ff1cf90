using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

/// <summary>Calls inside calls: references, limits, and what is left when one of them fails.</summary>
public sealed class CompositeTests
{
    private static object Create(string reference, object body, string type = "Account") => new { method = "POST", url = $"{TestOrg.Base}/sobjects/{type}", referenceId = reference, body };

    private static async Task<JsonArray> RunAsync(TestOrg org, bool allOrNone, params object[] calls)
    {
        var (status, answer) = await org.SendAsync(HttpMethod.Post, "composite", new { allOrNone, compositeRequest = calls });
        Assert.Equal(200, status);
        return answer!["compositeResponse"]!.AsArray();
    }

    private static string Codes(JsonNode responses) => string.Join(' ', responses.AsArray().Select(one => $"{one!["httpStatusCode"]}{(one["body"] is JsonArray { Count: > 0 } errors && errors[0] is JsonObject error && error["errorCode"] is { } code ? ":" + code : "")}"));

    [Fact]
    public async Task Later_calls_name_results_of_earlier_ones()
    {
        await using var org = await TestOrg.StartAsync();
        var responses = await RunAsync(org, true, Create("a", new { Name = "parent" }), Create("c", new { LastName = "child", AccountId = "@{a.id}" }, "Contact"),
            new { method = "GET", url = $"{TestOrg.Base}/query?q=SELECT+Id+FROM+Contact+WHERE+AccountId='@{{a.id}}'", referenceId = "q" },
            new { method = "GET", url = $"{TestOrg.Base}/sobjects/Contact/@{{q.records[0].Id}}?fields=LastName", referenceId = "r" });
        Assert.Equal("201 201 200 200", Codes(responses));
        Assert.Equal("child", responses[3]!["body"]!["LastName"]!.GetValue<string>());
        Assert.Equal($"{TestOrg.Base}/sobjects/Account/{responses[0]!["body"]!["id"]}", responses[0]!["httpHeaders"]!["Location"]!.GetValue<string>());
        Assert.StartsWith("api-usage=2/", await UsageAsync(org), StringComparison.Ordinal);      // the composite counted once
    }

    private static async Task<string> UsageAsync(TestOrg org)
    {
        using var answer = await org.Http.GetAsync(TestOrg.Base + "/limits");
        return answer.Headers.GetValues("Sforce-Limit-Info").Single();
    }

    [Fact]
    public async Task All_or_none_leaves_nothing_and_halts_the_others()
    {
        await using var org = await TestOrg.StartAsync();
        var first = await org.CreateAsync("Account", new { Name = "before" });
        var calls = new[]
        {
            Create("a", new { Name = "x" }), new { method = "PATCH", url = $"{TestOrg.Base}/sobjects/Account/{first}", referenceId = "u", body = new { Name = "after" } },
            Create("bad", new { FirstName = "no last name" }, "Contact"), Create("late", new { Name = "y" }),
        };
        var responses = await RunAsync(org, true, calls);
        Assert.Equal("400:PROCESSING_HALTED 400:PROCESSING_HALTED 400:REQUIRED_FIELD_MISSING 400:PROCESSING_HALTED", Codes(responses));
        Assert.Contains("rolled back since another operation in the same transaction failed", responses[0]!["body"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal((1, 1), (await org.CountAsync("Account"), await org.CountAsync("Account WHERE Name = 'before'")));
        Assert.Equal("201 204 400:REQUIRED_FIELD_MISSING 201", Codes(await RunAsync(org, false, calls)));
        Assert.Equal(3, await org.CountAsync("Account"));
        Assert.Equal("400:REQUIRED_FIELD_MISSING 400:PROCESSING_HALTED", Codes(await RunAsync(org, false, Create("bad", new { FirstName = "x" }, "Contact"), Create("c", new { LastName = "c", AccountId = "@{bad.id}" }, "Contact"))));
    }

    [Fact]
    public async Task An_outer_all_or_none_overrides_that_of_a_collection_inside()
    {
        await using var org = await TestOrg.StartAsync();
        var records = new object[] { new { attributes = new { type = "Account" }, Name = "good" }, new { attributes = new { type = "Contact" }, FirstName = "bad" } };
        var responses = await RunAsync(org, true, Create("a", new { Name = "x" }), new { method = "POST", url = $"{TestOrg.Base}/composite/sobjects", referenceId = "many", body = new { allOrNone = false, records } });
        Assert.Equal("400:PROCESSING_HALTED 200", Codes(responses));
        Assert.Equal(0, await org.CountAsync("Account"));
    }

    [Fact]
    public async Task Limits_and_doubles_are_refused()
    {
        await using var org = await TestOrg.StartAsync();
        async Task<string> Refused(string path, object body)
        {
            var (status, answer) = await org.SendAsync(HttpMethod.Post, path, body);
            return $"{status} {answer![0]!["errorCode"]}";
        }

        object Query(int i) => new { method = "GET", url = $"{TestOrg.Base}/query?q=SELECT+Id+FROM+Account", referenceId = "q" + i };
        Assert.Equal("400 LIMIT_EXCEEDED", await Refused("composite", new { compositeRequest = Enumerable.Range(0, 26).Select(i => Create("r" + i, new { Name = "x" })) }));
        Assert.Equal("400 LIMIT_EXCEEDED", await Refused("composite", new { compositeRequest = Enumerable.Range(0, 6).Select(Query) }));
        Assert.Equal("400 INVALID_INPUT", await Refused("composite", new { compositeRequest = new[] { Query(1), Query(1) } }));
        Assert.Equal("400 LIMIT_EXCEEDED", await Refused("composite/batch", new { batchRequests = Enumerable.Repeat(new { method = "GET", url = "v66.0/limits" }, 26) }));
        Assert.Equal("400 LIMIT_EXCEEDED", await Refused("composite/graph", new { graphs = Enumerable.Range(0, 76).Select(i => new { graphId = "g" + i, compositeRequest = Array.Empty<object>() }) }));
        Assert.Equal("400 LIMIT_EXCEEDED", await Refused("composite/graph", new { graphs = new[] { new { graphId = "g", compositeRequest = Enumerable.Range(0, 501).Select(i => Create("r" + i, new { Name = "x" })) } } }));
        Assert.Equal(0, await org.CountAsync("Account"));
    }

    [Fact]
    public async Task Each_graph_stands_or_falls_alone_and_too_many_failures_end_the_rest()
    {
        await using var org = await TestOrg.StartAsync();
        var bad = new object[] { Create("a", new { Name = "lost" }), Create("b", new { FirstName = "x" }, "Contact") };
        var good = new object[] { Create("a", new { Name = "kept" }), Create("b", new { LastName = "l", AccountId = "@{a.id}" }, "Contact") };
        var (_, answer) = await org.SendAsync(HttpMethod.Post, "composite/graph", new { graphs = new[] { new { graphId = "1", compositeRequest = good }, new { graphId = "2", compositeRequest = bad } } });
        Assert.Equal([true, false], answer!["graphs"]!.AsArray().Select(graph => graph!["isSuccessful"]!.GetValue<bool>()));
        Assert.Equal((1, 0, 1), (await org.CountAsync("Account WHERE Name = 'kept'"), await org.CountAsync("Account WHERE Name = 'lost'"), await org.CountAsync("Contact")));
        (_, answer) = await org.SendAsync(HttpMethod.Post, "composite/graph", new { graphs = Enumerable.Range(0, 16).Select(i => new { graphId = $"{i}", compositeRequest = i == 15 ? good : bad }) });
        Assert.Equal("400:PROCESSING_HALTED 400:PROCESSING_HALTED", Codes(answer!["graphs"]![15]!["graphResponse"]!["compositeResponse"]!));
        Assert.Equal(1, await org.CountAsync("Account WHERE Name = 'kept'"));
        var deep = Enumerable.Range(0, 16).Select(i => i == 0 ? Create("r0", new { Name = "0" }) : Create("r" + i, new { Name = $"{i}", ParentId = $"@{{r{i - 1}.id}}" }));
        (_, answer) = await org.SendAsync(HttpMethod.Post, "composite/graph", new { graphs = new[] { new { graphId = "deep", compositeRequest = deep } } });
        Assert.False(answer!["graphs"]![0]!["isSuccessful"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Each_call_of_a_batch_counts_and_bytes_are_refused_inside()
    {
        await using var org = await TestOrg.StartAsync();
        var version = await org.CreateAsync("ContentVersion", new { PathOnClient = "x.txt", VersionData = "aGVsbG8=" });
        var (_, answer) = await org.SendAsync(HttpMethod.Post, "composite/batch", new { batchRequests = new[] { new { method = "GET", url = "v66.0/limits" }, new { method = "GET", url = $"v66.0/sobjects/ContentVersion/{version}/VersionData" } } });
        Assert.Equal((true, 200, 400), (answer!["hasErrors"]!.GetValue<bool>(), answer["results"]![0]!["statusCode"]!.GetValue<int>(), answer["results"]![1]!["statusCode"]!.GetValue<int>()));
        Assert.StartsWith("api-usage=4/", await UsageAsync(org), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_that_fails_in_one_place_leaves_nothing()
    {
        await using var org = await TestOrg.StartAsync();
        var (status, answer) = await org.SendAsync(HttpMethod.Post, "composite/tree/Account", """
            {"records":[{"attributes":{"type":"Account","referenceId":"r1"},"Name":"a","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"r2"},"FirstName":"no last"}]}},
            {"attributes":{"type":"Account","referenceId":"r3"},"Name":"b"}]}
            """);
        Assert.Equal((400, "r2", "REQUIRED_FIELD_MISSING"), (status, answer!["results"]![0]!["referenceId"]!.GetValue<string>(), answer["results"]![0]!["errors"]![0]!["statusCode"]!.GetValue<string>()));
        Assert.Equal(0, await org.CountAsync("Account"));
        (status, answer) = await org.SendAsync(HttpMethod.Post, "composite/tree/Account", """{"records":[{"attributes":{"type":"Account","referenceId":"r"},"Name":"a"},{"attributes":{"type":"Account","referenceId":"r"},"Name":"b"}]}""");
        Assert.Equal((400, "INVALID_INPUT"), (status, answer![0]!["errorCode"]!.GetValue<string>()));
    }
}
