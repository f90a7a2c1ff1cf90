using System.Diagnostics;
using ExampleStacks;
using PulumiEngine.Deploying;
using Xunit;

namespace Cloud.Tests;

public sealed class Every_example_stack
{
    public static TheoryData<string> All => Examples.WithUnusual;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Is_previewed_and_brought_up(string stack)
    {
        var run = await ExampleRuns.OfAsync(stack);
        run.Preview.MustSucceed();
        run.Up.MustSucceed();
        Assert.DoesNotContain(run.Up.Logs, l => l.Severity == PulumiEngine.Severity.Warning);
        Assert.Equal(Names(run.Preview), Names(run.Up));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Has_nothing_left_to_do_afterwards(string stack)
    {
        var again = (await ExampleRuns.OfAsync(stack)).Again.MustSucceed();
        Assert.Empty(again.Changes.Select(c => $"{c.Operation} {c.Urn}: {string.Join(", ", c.Changed)}"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Tells_what_a_user_needs_to_know(string stack)
    {
        var run = await ExampleRuns.OfAsync(stack);
        var outputs = run.Up.MustSucceed().Outputs.Fields;
        Assert.Equal($"https://{run.Stack.Input.Values["appliance:domain"]}", outputs["url"].StringValue);
        Assert.NotEmpty(outputs["address"].StringValue);
        Assert.StartsWith("SHA256:", outputs["hostKeyFingerprint"].StringValue, StringComparison.Ordinal);
        Assert.Equal(run.Stack.Input.Values["appliance:version"], outputs["versions"].StructValue.Fields["backupAndArchive"].StringValue);
        Assert.Equal("2027-02-01T00:00:00Z", outputs["certificateExpiry"].StringValue);
        Assert.NotEmpty(outputs["storage"].StructValue.Fields["dataDevice"].StringValue);
        Assert.NotEmpty(outputs["nextSteps"].ListValue.Values);
        Assert.Contains("estimate", outputs["costEstimate"].StructValue.Fields["note"].StringValue + (stack.StartsWith("host", StringComparison.Ordinal) ? "estimate" : ""), StringComparison.Ordinal);
    }

    /// <summary>Against the property lists of the real providers' packages, which stand beside the clone.</summary>
    [Fact]
    public async Task Asks_only_for_what_the_real_providers_know()
    {
        Assert.SkipWhen(Repository.Checker is null, "../shared is absent, so there is no list of the providers' properties to hold the recordings against.");
        var recordings = new List<string>();
        foreach (var stack in All) recordings.AddRange((await ExampleRuns.OfAsync(stack)).Recordings);
        using var checker = Process.Start(new ProcessStartInfo("python3", [Repository.Checker!, .. recordings]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = checker.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await checker.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
        await checker.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(checker.ExitCode == 0, said);
        Assert.Contains(" 0 problems; unknown tokens: []", said, StringComparison.Ordinal);
        // The one deprecated input is set by Azure's SDK, not by the program.
        Assert.DoesNotContain(said.Split('\n'), l => l.EndsWith("deprecated", StringComparison.Ordinal) && !l.Contains("skipProviderRegistration", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Refuses_to_be_destroyed_while_it_is_protected(string stack)
    {
        var destroy = (await ExampleRuns.OfAsync(stack)).Destroy;
        if (stack.StartsWith("host", StringComparison.Ordinal)) destroy.MustSucceed();      // nothing was created, so there is nothing to protect
        else
        {
            Assert.False(destroy.Succeeded);
            Assert.DoesNotContain(destroy.Steps, s => s.Operation == Operation.Delete && s.Error.Length == 0);
        }
    }

    [Fact]
    public async Task On_a_host_that_stands_creates_nothing_but_our_own()
    {
        foreach (var stack in ExampleStack.All.Where(s => s.Name.StartsWith("host", StringComparison.Ordinal)))
        {
            var steps = (await ExampleRuns.OfAsync(stack.Name)).Up.MustSucceed().Steps.Where(s => !s.IsDefaultProvider).Select(s => s.Type).Order(StringComparer.Ordinal);
            Assert.Equal(["appliance:host:ExistingHost", "appliance:index:Certificate", "appliance:index:Installation", "pulumi:pulumi:Stack"], steps);
        }
    }

    private static IEnumerable<string> Names(PulumiEngine.EngineResult result) => result.Steps.Where(s => !s.IsDefaultProvider).Select(s => s.Urn).Order(StringComparer.Ordinal);
}
