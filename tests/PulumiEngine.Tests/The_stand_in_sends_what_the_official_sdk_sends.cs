using System.Text.Json.Nodes;

namespace PulumiEngine.Tests;

/// <summary>
/// The recording of the official SDK 3.112.1 is public data beside the clone. The program behind it is written anew in tests/PulumiPrograms/Probe;
/// here it must make the same calls on whichever SDK it was built.
/// </summary>
public sealed class The_stand_in_sends_what_the_official_sdk_sends
{
    private static readonly string Transcript = Path.Combine(Repository.Root, "..", "shared", "data", "pulumi", "transcript.json");

    [Theory]
    [InlineData("recorded", "preview (PULUMI_DRY_RUN=true)", true)]
    [InlineData("recorded", "up (PULUMI_DRY_RUN=false)", false)]
    [InlineData("recorded stack", "preview, Deployment.RunAsync<TStack>", true)]
    [InlineData("throw", "throw (preview)", true)]
    [InlineData("run error", "runerror (preview)", true)]
    [InlineData("missing setting", "missingconfig (preview)", true)]
    public async Task In_every_recorded_run(string scenario, string run, bool dryRun)
    {
        Assert.SkipUnless(File.Exists(Transcript), "needs ../shared/data/pulumi/transcript.json");
        var recorded = JsonNode.Parse(await File.ReadAllTextAsync(Transcript))!["runs"]![run]!;
        using var probe = Recorded(scenario);
        var name = $"probe-{scenario.Replace(' ', '-')}-{(dryRun ? "preview" : "up")}";
        var result = dryRun ? await probe.PreviewAsync(name) : await probe.UpAsync(name);

        var ours = JsonNode.Parse(await File.ReadAllTextAsync(result.RecordingPath!))!["runs"]!.AsObject().Single().Value!;
        Assert.Equal((int)recorded["exitCode"]!, result.ExitCode);
        var (expected, actual) = (WireText.Calls(recorded), WireText.Calls(ours));
        if (dryRun && result.ExitCode == 32)
        {
            // Features asked for while the program fails are a matter of who is first.
            expected = [.. expected.Where(c => !c.Contains("SupportsFeature", StringComparison.Ordinal))];
            actual = [.. actual.Where(c => !c.Contains("SupportsFeature", StringComparison.Ordinal))];
        }
        var differences = string.Join("\n", expected.Except(actual).Select(c => "- " + c).Concat(actual.Except(expected).Select(c => "+ " + c)));
        Assert.True(differences.Length == 0, differences);
    }

    [Fact]
    public async Task And_registers_the_stack_before_anything_else_and_its_outputs_last()
    {
        using var probe = Recorded("recorded");
        var result = await probe.UpAsync("probe-order");
        var calls = JsonNode.Parse(await File.ReadAllTextAsync(result.RecordingPath!))!["runs"]!["up"]!["calls"]!.AsArray()
            .Select(c => ($"{c!["method"]}".Split('/')[^1], $"{c["request"]!["type"] ?? c["request"]!["urn"]}")).Where(c => c.Item1 is not ("Log" or "SupportsFeature" or "Invoke")).ToList();
        Assert.Equal(("RegisterResource", "pulumi:pulumi:Stack"), calls[0]);
        Assert.Equal(("RegisterResourceOutputs", "urn:pulumi:dev::probe::pulumi:pulumi:Stack::probe-dev"), calls[^2]);
        Assert.Equal("SignalAndWaitForShutdown", calls[^1].Item1);
    }

    /// <summary>What the recording's engine answered: known from its responses.</summary>
    private static ProbeRun Recorded(string scenario)
    {
        var probe = new ProbeRun(scenario)
        {
            Config = { ["size"] = "40", ["aws:region"] = "eu-west-1", ["labels"] = """{"team":"ops"}""" }, Secrets = { ["dbPassword"] = "hunter2" },
        };
        probe.Simulated.Function("aws:ec2/getAmi:getAmi", _ => new { imageId = "ami-0abc", owners = new[] { "099720109477" }, tags = new { } })
            .Existing("acme:index:Widget", "w-123", new Dictionary<string, object> { ["arn"] = "arn:read" })
            .Existing("acme:index:Widget", "ext-1", new Dictionary<string, object> { ["label"] = "x" })
            .StackOutputs("acme/net/dev", new { vpcId = "vpc-99" })
            .Skip("skipme");
        probe.Simulated.Type("acme:index:Remote").Computes(_ => new { url = "https://remote.example" });
        foreach (var (type, id) in new[] { ("aws:ec2/securityGroup:SecurityGroup", "sg-id2"), ("aws:ec2/instance:Instance", "vm-id3"), ("acme:index:Widget", "w-id5") })
            probe.Simulated.Type(type).WithId(_ => id).Computes(r => new { arn = $"arn:aws:x:::{r.Name}", publicIp = "203.0.113.7", privateIp = "10.0.1.4", token = "s3cr3t" }).Conceals("token");
        return probe;
    }
}
