using System.Text.Json.Nodes;
using PulumiEngine.Values;

namespace PulumiEngine.Tests;

/// <summary>What the "values" program's outputs become on the wire, in a preview and in a run.</summary>
public sealed class Values_travel_as_they_are_known
{
    private const string Unknown = PropertyValues.Unknown;
    private const string Outer = "urn:pulumi:dev::probe::acme:index:Site::outer";
    private static readonly string Machine = "urn:pulumi:dev::probe::acme:index:Site$acme:index:Site$acme:index:Machine::machine";

    [Fact]
    public async Task In_a_preview_what_the_provider_computes_is_unknown_element_by_element()
    {
        var sent = await SentAsync(preview: true);
        foreach (var name in new[] { "applied", "formatted", "of both" }) Assert.Equal(Unknown, (string?)sent[name]["value"]);
        Assert.Equal($"""["a","{Unknown}"]""", Text(sent["list of outputs"]["list"]));
        Assert.Equal($"\"{Unknown}\"", Text(sent["unknown list"]["list"]));
    }

    [Fact]
    public async Task In_a_run_everything_is_known()
    {
        var sent = await SentAsync(preview: false);
        Assert.Equal("<10.0.0.1>", (string?)sent["applied"]["value"]);
        Assert.Equal("plain-10.0.0.1", (string?)sent["formatted"]["value"]);
        Assert.Equal("""["a","10.0.0.1"]""", Text(sent["list of outputs"]["list"]));
        Assert.Equal("""["10.0.0.1"]""", Text(sent["unknown list"]["list"]));
        Assert.Equal(Secret("10.0.0.1hidden-text"), Text(sent["of both"]["value"]));
    }

    [Fact]
    public async Task Secrets_lists_and_json_keep_their_form()
    {
        var sent = await SentAsync(preview: true);
        Assert.Equal(Secret("HIDDEN-TEXT"), Text(sent["secret"]["value"]));
        Assert.Equal("hidden-text", (string?)sent["no longer secret"]["value"]);
        Assert.Equal(Secret("ab"), Text(sent["nested output"]["value"]));
        Assert.Equal("later", (string?)sent["awaited"]["value"]);
        Assert.False(sent["null"].ContainsKey("value"));
        Assert.Equal("""["one"]""", Text(sent["list of one"]["list"]));
        Assert.Equal("""["a","b"]""", Text(sent["list of array"]["list"]));
        Assert.Equal("""["a","b"]""", Text(sent["list of output"]["list"]));
        Assert.Equal("""["a","b"]""", Text(sent["concatenated"]["list"]));
        Assert.Equal($"""["a",{Secret("hidden-text")}]""", Text(sent["with secret"]["list"]));
        Assert.Equal("""{"a":[1,true,null,"x"]}""", Text(sent["json"]["json"]));
    }

    [Fact]
    public async Task Dependencies_name_the_resources_that_a_value_comes_from_and_those_below_a_component()
    {
        var requests = await RequestsAsync(preview: true);
        Assert.Equal([Machine], Urns(requests["applied"]["propertyDependencies"]!["value"]!["urns"]));
        Assert.Equal([Machine], Urns(requests["applied"]["dependencies"]));
        Assert.Empty(Urns(requests["secret"]["dependencies"]));
        Assert.Equal("{}", Text(requests["secret"]["propertyDependencies"]!["value"]));
        // Through components at any depth, but not through the machine: what lies below it is its own affair.
        Assert.Equal([Machine], Urns(requests["depends on a component"]["dependencies"]));
        Assert.Equal([$"{Machine.Replace("::machine", "", StringComparison.Ordinal)}$acme:index:Record::beneath"], Urns(requests["depends on a resource"]["dependencies"]));
        Assert.Equal(Outer, (string?)requests["inner"]["parent"]);
    }

    private static string Secret(string text) => $$"""{"{{PropertyValues.MarkerKey}}":"{{PropertyValues.SecretMarker}}","value":"{{text}}"}""";

    private static string? Text(JsonNode? node) => node?.ToJsonString();

    private static IEnumerable<string> Urns(JsonNode? list) => list?.AsArray().Select(u => (string)u!) ?? [];

    private static async Task<Dictionary<string, JsonObject>> SentAsync(bool preview) => (await RequestsAsync(preview)).ToDictionary(r => r.Key, r => r.Value["object"]!.AsObject());

    private static async Task<Dictionary<string, JsonObject>> RequestsAsync(bool preview)
    {
        using var probe = new ProbeRun("values");
        probe.Simulated.Type("acme:index:Machine").Computes(_ => new { address = "10.0.0.1" });
        var name = preview ? "probe-values-preview" : "probe-values-up";
        var result = (preview ? await probe.PreviewAsync(name + Guid.NewGuid().ToString("n")[..6]) : await probe.UpAsync(name)).MustSucceed();
        var calls = JsonNode.Parse(await File.ReadAllTextAsync(result.RecordingPath!))!["runs"]!.AsObject().Single().Value!["calls"]!.AsArray();
        if (preview) File.Delete(result.RecordingPath!);
        return calls.Where(c => ((string)c!["method"]!).EndsWith("/RegisterResource", StringComparison.Ordinal)).ToDictionary(c => (string)c!["request"]!["name"]!, c => c!["request"]!.AsObject());
    }
}
