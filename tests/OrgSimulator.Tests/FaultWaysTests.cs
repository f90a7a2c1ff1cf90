using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OrgSimulator.Tests;

/// <summary>Every kind of fault is planned by option, by command line and by admin endpoint with the same effect, and comes by seed alike.</summary>
public sealed partial class FaultWaysTests
{
    /// <summary>One of each kind.</summary>
    public static TheoryData<string> Planned =>
    [
        "fail path=/limits status=503", "quota path=/limits", "expireToken path=/limits", "nonJson path=/sobjects/Lead method=POST", "dropAnswer path=/sobjects/Lead method=POST",
        "truncate path=/query?q bytes=700", "stall path=/query?q bytes=600 seconds=1", "reset path=/query?q bytes=900", "duplicatePage path=/query/01g", "duplicateRows path=/results rows=3",
        "loseLocator path=/query/01g", "lateRows path=/limits object=Account rows=3", "burst path=/limits object=Contact rows=20", "lockRow path=Skill__c every=2", "slowJob path=Contact polls=2",
        "failJob path=Contact", "schemaChange path=/limits object=Account field=Late__c change=add", "clockSkew path=/limits seconds=-600", "purgeDeleteLog path=/limits",
    ];

    private static readonly Lazy<Task<string>> Quiet = new(() => RunAsync(new SimulatorOptions()));

    [Fact]
    public void No_kind_is_left_out() =>
        Assert.Equal(Enum.GetValues<FaultKind>(), Planned.Select(row => PlannedFault.Parse(row.Data).Kind).Order());

    [Theory]
    [MemberData(nameof(Planned))]
    public async Task It_is_the_same_fault_whichever_way_it_was_planned(string text)
    {
        var quiet = await Quiet.Value;
        Assert.DoesNotContain("broken", quiet, StringComparison.Ordinal);
        var byOption = await RunAsync(new SimulatorOptions { Faults = [PlannedFault.Parse(text)] });
        Assert.NotEqual(quiet, byOption);
        Assert.Equal(byOption, await RunAsync(new SimulatorOptions { Faults = CommandLine.Read(["--fault", text]).Faults }));
        Assert.Equal(byOption, await RunAsync(new SimulatorOptions(), Words(text)));
    }

    [Theory]
    [MemberData(nameof(Planned))]
    public async Task The_seed_says_which_calls_it_hits(string text)
    {
        var faults = (PlannedFault[])[PlannedFault.Parse(text + " rate=0.5 times=0")];
        var runs = new List<string>();
        for (var seed = 1; seed <= 6 && runs.Distinct().Count() < 2; seed++) runs.Add(await RunAsync(new SimulatorOptions { Seed = seed, Faults = faults }, traceOnly: true));
        Assert.True(runs.Distinct().Count() > 1, "six seeds, one and the same run");
        Assert.Equal(runs[^1], await RunAsync(new SimulatorOptions { Seed = runs.Count, Faults = faults }, traceOnly: true));
    }

    private static JsonObject Words(string text)
    {
        var words = text.Split(' ');
        var json = new JsonObject { ["kind"] = words[0] };
        foreach (var word in words[1..].Select(word => word.Split('=', 2)))
            json[word[0]] = double.TryParse(word[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(word[1]);
        return json;
    }

    /// <summary>A short life of a client: what it was told, stamps left out, and what the org says went wrong.</summary>
    private static async Task<string> RunAsync(SimulatorOptions options, JsonObject? asked = null, bool traceOnly = false)
    {
        var org = await TestOrg.StartAsync(options with { Generate = 9000, Files = 2, BulkPageSize = 900, AsOf = new DateOnly(2026, 1, 1) });
        var told = new List<string>();
        if (asked is not null) Assert.Equal(200, (await org.SendAsync(HttpMethod.Post, "/__faults", asked.ToJsonString())).Status);

        async Task<string> AskAsync(HttpMethod method, string path, object? body = null)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"{TestOrg.Base}/{path}");
                if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), null, body is string ? "text/csv" : "application/json");
                var asked = TimeProvider.System.GetTimestamp();
                using var answer = await org.Http.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                var late = TimeProvider.System.GetElapsedTime(asked) >= TimeSpan.FromSeconds(1) && text.Length > 600 ? " late" : "";
                var skewed = answer.Headers.Date is { } date && (TimeProvider.System.GetUtcNow() - date).Duration() > TimeSpan.FromMinutes(5) ? " skewed" : "";
                told.Add($"{method} {(int)answer.StatusCode}{late}{skewed} {Stamps().Replace(text, "@").GetHashCode(StringComparison.Ordinal)}");
                return text;
            }
            catch (HttpRequestException)
            {
                told.Add($"{method} broken");
                return "";
            }
        }

        async Task<JsonNode?> JsonAsync(HttpMethod method, string path, object? body = null)
        {
            var text = await AskAsync(method, path, body);
            try
            {
                return JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                return null;
            }
        }

        var lead = (await JsonAsync(HttpMethod.Post, "sobjects/Lead", new { LastName = "x", Company = "y" }) as JsonObject)?["id"]?.GetValue<string>();
        await AskAsync(HttpMethod.Delete, $"sobjects/Lead/{lead ?? "00Q000000000001AAA"}");
        await AskAsync(HttpMethod.Get, "limits");
        await AskAsync(HttpMethod.Get, "limits");
        var now = TimeProvider.System.GetUtcNow();
        await AskAsync(HttpMethod.Get, $"sobjects/Lead/deleted?start={now.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}&end={now.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}");
        await AskAsync(HttpMethod.Get, "sobjects/Account/describe");
        foreach (var name in (string[])["Account", "Contact"]) await AskAsync(HttpMethod.Get, $"query?q=SELECT+COUNT()+FROM+{name}");
        for (var page = await JsonAsync(HttpMethod.Get, "query?q=SELECT+Id+FROM+Contact"); page is JsonObject && page["nextRecordsUrl"] is { } next;) page = await JsonAsync(HttpMethod.Get, next.GetValue<string>());
        for (var turn = 0; turn < 3; turn++)
        {
            var job = (await JsonAsync(HttpMethod.Post, "jobs/query", new { operation = "query", query = "SELECT Id FROM Contact LIMIT 900" }) as JsonObject)?["id"]?.GetValue<string>();
            for (var poll = 0; poll < 3; poll++) await AskAsync(HttpMethod.Get, $"jobs/query/{job}");
            await AskAsync(HttpMethod.Get, $"jobs/query/{job}/results");
        }
        for (var turn = 0; turn < 4; turn++) await JsonAsync(HttpMethod.Post, "sobjects/Lead", new { LastName = "x", Company = "y" });
        await AskAsync(HttpMethod.Post, "composite/sobjects", new { records = Enumerable.Range(0, 9).Select(n => new { attributes = new { type = "Skill__c" }, Name = $"s{n}", Code__c = $"new{n}" }) });
        for (var turn = 0; turn < 4; turn++) await AskAsync(HttpMethod.Get, "limits");

        var trace = string.Join('\n', org.Host.Faults.Planned.Trace);
        try
        {
            await org.DisposeAsync();
        }
        catch (UnmetFaultException unmet) when (traceOnly)
        {
            trace += "\nunmet " + string.Join(' ', unmet.Unmet);      // by chance no call was hit
        }
        return traceOnly ? trace : string.Join('\n', told) + "\n" + trace;
    }

    [GeneratedRegex("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+]0000)|\"Remaining\":[0-9]+")]
    private static partial Regex Stamps();
}
