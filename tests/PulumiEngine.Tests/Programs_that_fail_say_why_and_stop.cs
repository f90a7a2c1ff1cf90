namespace PulumiEngine.Tests;

public sealed class Programs_that_fail_say_why_and_stop
{
    [Theory]
    [InlineData("throw", 32, "boom")]
    [InlineData("run error", 32, "please set probe:zone")]
    [InlineData("missing setting", 32, "Missing Required configuration variable 'probe:nope'\n\tplease set a value using the command `pulumi config set probe:nope <value>`")]
    [InlineData("resource error", 32, "this machine is too small")]
    [InlineData("missing input", 32, "target")]
    [InlineData("logged error", 1, "this is wrong")]
    public async Task With_the_exit_code_that_the_engine_understands(string scenario, int exitCode, string message)
    {
        using var probe = new ProbeRun(scenario);
        var result = await probe.UpAsync();
        Assert.False(result.Succeeded);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(result.Errors, e => e.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task And_a_message_that_belongs_to_a_resource_names_it()
    {
        using var probe = new ProbeRun("resource error");
        var result = await probe.PreviewAsync();
        Assert.Contains(result.Logs, l => l is { Message: "this machine is too small", Urn: "urn:pulumi:dev::probe::acme:index:Site::site" });
    }

    [Fact]
    public async Task And_nothing_is_deleted_by_a_program_that_did_not_reach_its_end()
    {
        using var probe = new ProbeRun("site");
        (await probe.UpAsync()).MustSucceed();
        probe.Config["gigabytes"] = "many";
        var result = await probe.UpAsync();
        Assert.Equal(32, result.ExitCode);
        Assert.Contains("Configuration 'probe:gigabytes' value 'many' is not a valid Int32", result.Errors);
        Assert.DoesNotContain(result.Steps, s => s.Operation == Deploying.Operation.Delete);
        Assert.Contains(result.State.Resources, r => r.Type == "acme:index:Record");
    }

    [Fact]
    public async Task Without_an_engine_it_says_so()
    {
        var start = new System.Diagnostics.ProcessStartInfo("dotnet", [Repository.Program("Probe", "Probe")]) { RedirectStandardError = true };
        start.Environment["PROBE_SCENARIO"] = "site";
        using var process = System.Diagnostics.Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains("Program run without the Pulumi engine available; re-run using the `pulumi` CLI", errors, StringComparison.Ordinal);
    }
}
