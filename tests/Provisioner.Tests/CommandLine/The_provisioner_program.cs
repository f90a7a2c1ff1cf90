using System.Text.Json;
using ExampleStacks;
using Xunit;

namespace Provisioner.Tests.CommandLine;

/// <summary>Run as a process, as scripts run it.</summary>
public sealed class The_provisioner_program : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("provisioner-").FullName;

    [Fact]
    public async Task Tells_its_version_and_its_exit_codes()
    {
        var version = await RunAsync("--version");
        Assert.Equal((0, "0.1.0"), (version.ExitCode, version.Output.Trim()));
        foreach (var command in new[] { Array.Empty<string>(), ["preflight"], ["settings", "check"] })
        {
            var help = await RunAsync([.. command, "--help"]);
            Assert.Equal(0, help.ExitCode);
            Assert.Contains("Exit codes: 0 nothing stands in the way, 1 mistakes or errors", help.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("settings", "check")]
    [InlineData("settings", "check", "--stack", "{folder}/Pulumi.absent.yaml")]
    [InlineData("settings", "check", "--stack", "{folder}/other.yaml")]
    [InlineData("settings", "check", "--stack", "{folder}/Pulumi.broken.yaml")]
    [InlineData("settings", "check", "--stack", "{folder}/Pulumi.good.yaml", "--config", "{folder}/Pulumi.good.yaml")]
    [InlineData("preflight", "--stack", "{folder}/Pulumi.good.yaml", "--loud")]
    [InlineData("renew")]
    public async Task Ends_with_2_and_says_why_when_it_could_not_even_try(params string[] arguments)
    {
        File.Copy(ExampleStack.Named("aws-gp3-customer").File, _folder + "/Pulumi.good.yaml");
        File.WriteAllText(_folder + "/other.yaml", "config: {}");
        File.WriteAllText(_folder + "/Pulumi.broken.yaml", "config: [");
        var run = await RunAsync([.. arguments.Select(a => a.Replace("{folder}", _folder, StringComparison.Ordinal))]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.True(run.Errors.Contains("What to do:", StringComparison.Ordinal) || run.Errors.Contains("--help", StringComparison.Ordinal), run.Errors);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_the_settings_of_a_good_stack_right()
    {
        var run = await RunAsync("settings", "check", "--stack", ExampleStack.Named("aws-gp3-customer").File);
        Assert.Equal((0, "The settings of aws-gp3-customer are right.\n", ""), (run.ExitCode, run.Output, run.Errors));
    }

    [Fact]
    public async Task Lists_all_mistakes_at_once_each_with_its_remedy()
    {
        var stack = Stack("bad", "mode: customer", "cloud: azure", "region: westeurope", "storage: s3", "size: m5.large", "domain: localhost", "version: latest", "sshPublicKey: none");
        var text = await RunAsync("settings", "check", "--stack", stack);
        Assert.Equal(1, text.ExitCode);
        var run = await RunAsync("settings", "check", "--stack", stack, "--json");
        Assert.Equal(1, run.ExitCode);
        using var report = JsonDocument.Parse(run.Output);
        var mistakes = report.RootElement.GetProperty("mistakes").EnumerateArray().ToList();
        Assert.Superset(new HashSet<string?> { "appliance:storage", "appliance:size", "appliance:domain", "appliance:version", "appliance:sshPublicKey" }, mistakes.Select(m => m.GetProperty("key").GetString()).ToHashSet());
        Assert.All(mistakes, m => Assert.True(m.GetProperty("remedy").GetString()!.Length > 5));
        Assert.All(mistakes, m => Assert.Contains(m.GetProperty("key").GetString()!, text.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leaves_out_what_is_sealed_and_takes_it_from_pulumis_own_listing()
    {
        var stack = Stack("vpn", [.. File.ReadAllLines(ExampleStack.Named("host-s3-customer-vpn").File).SkipWhile(l => l != "config:").Skip(1).Select(l => l.Replace("  appliance:", "", StringComparison.Ordinal)),
            "s3SecretKey: {secure: v1:AAAA}", "dnsKey: {secure: v1:BBBB}", "alertWebhook: {secure: v1:CCCC}"]);
        var closed = await RunAsync("settings", "check", "--stack", stack);
        Assert.Equal(3, closed.ExitCode);
        Assert.Contains("appliance:alertWebhook, appliance:dnsKey, appliance:s3SecretKey", closed.Errors, StringComparison.Ordinal);
        var preflight = await RunAsync("preflight", "--stack", stack);
        Assert.Equal((2, true), (preflight.ExitCode, preflight.Errors.Contains("pulumi config --show-secrets --json", StringComparison.Ordinal)));

        const string secret = "a-secret-that-nobody-may-see";
        var listing = JsonSerializer.Serialize(new Dictionary<string, object> { ["appliance:s3SecretKey"] = new { value = secret, secret = true }, ["appliance:alertWebhook"] = new { value = "https://hooks.example.org/token", secret = true }, ["appliance:dnsKey"] = new { value = "dGVzdC1rZXktb2YtdGhlLW5hbWUtc2VydmVyLTMyYnl0ZQ==", secret = true } });
        var opened = await ProgramRun.OfAsync("dotnet", [Program, "settings", "check", "--stack", stack, "--config", "-"], listing);
        Assert.Equal((0, ""), (opened.ExitCode, opened.Errors));
        var wrong = await ProgramRun.OfAsync("dotnet", [Program, "settings", "check", "--json", "--stack", stack, "--config", "-"], listing.Replace("https://hooks", "ftp://hooks-token", StringComparison.Ordinal));
        Assert.Equal(1, wrong.ExitCode);
        Assert.DoesNotContain(secret, wrong.Output + wrong.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hooks-token", wrong.Output + wrong.Errors, StringComparison.Ordinal);
    }

    /// <summary>An own resolver that nobody answers on: what cannot be told is said, and quickly.</summary>
    [Fact]
    public async Task Looks_at_the_world_and_gives_every_finding_a_remedy()
    {
        var stack = Stack("alone", "mode: customer", "cloud: host", "hostAddress: 127.0.0.1", "sshPort: 1", "hostKeyFingerprint: SHA256:Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE", "login: deployer",
            "storage: disk", "domain: backup.example.org", "version: 0.1.0", "dnsResolver: 127.0.0.1:1", "certificate: acme", "acmeDirectory: https://localhost:1/dir", "imageRegistry: localhost:1");
        var run = await RunAsync("preflight", "--stack", stack, "--json");
        Assert.True(run.ExitCode == 3, run.Output + run.Errors);
        using var report = JsonDocument.Parse(run.Output);
        var findings = report.RootElement.GetProperty("findings").EnumerateArray().ToList();
        Assert.Contains(findings, f => f.GetProperty("what").GetString() == "host 127.0.0.1:1" && f.GetProperty("severity").GetString() == "unknown");
        Assert.All(findings, f => Assert.Equal(f.GetProperty("severity").GetString() == "fine", f.GetProperty("remedy").GetString()!.Length == 0));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Program => RepositoryFolder.Program("Cli", "provisioner");

    private static Task<ProgramRun> RunAsync(params string[] arguments) => ProgramRun.OfAsync("dotnet", [Program, .. arguments]);

    private string Stack(string name, params string[] settings)
    {
        var path = $"{_folder}/Pulumi.{name}.yaml";
        File.WriteAllText(path, "config:\n" + string.Concat(settings.Select(s => s.StartsWith(' ') ? s + "\n" : $"  appliance:{s}\n")));
        return path;
    }
}
