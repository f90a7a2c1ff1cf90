using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ExampleStacks;
using Provisioner.Tests.Deploying;
using Provisioner.Tests.Provider;
using Xunit;

namespace Provisioner.Tests.CommandLine;

/// <summary>Run as a process against a real sshd; Docker is a script there.</summary>
public sealed class Provisioner_deploy(LoopbackHost host) : IAsyncLifetime, IClassFixture<LoopbackHost>
{
    private static readonly IssuedCertificate Certificate = HostedStack.Authority.Issue([HostedStack.Domain]);

    public async ValueTask InitializeAsync()
    {
        host.Ready();
        host.Clear();
        host.Write("fail", "");
        File.Delete($"{host.Folder}/registry-down");
        if (new DriveInfo(host.Folder).AvailableFreeSpace < 12L << 30) Assert.Skip("Less than 12 GiB are free here: the host would be refused for it.");
        var input = HostedStack.Input(Certificate, ("hostAddress", "127.0.0.1"), ("sshPort", host.Port.ToString(CultureInfo.InvariantCulture)), ("login", "root"), ("hostKeyFingerprint", host.Fingerprint), ("sshPrivateKey", host.PrivateKey));
        await File.WriteAllTextAsync($"{host.Folder}/Pulumi.host.yaml", "config:\n" + string.Concat(input.Values.Where(v => !input.SecretKeys.Contains(v.Key)).Select(v => $"  {v.Key}: {JsonSerializer.Serialize(v.Value)}\n")));
        host.Write("secrets.json", JsonSerializer.Serialize(input.Values.Where(v => input.SecretKeys.Contains(v.Key)).ToDictionary(v => v.Key, v => new { value = v.Value, secret = true })));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Shows_its_plan_carries_it_out_and_then_has_nothing_to_do()
    {
        var plan = await RunAsync("--plan");
        Assert.True(plan.ExitCode == 0, plan.Output + plan.Errors);
        Assert.Contains("put /opt/appliance/release/compose.yaml", plan.Output, StringComparison.Ordinal);
        Assert.Empty(host.Journal);
        var done = await RunAsync();
        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
        Assert.Equal(plan.Output.Split('\n').Length, done.Output.Split('\n').Count(l => !l.StartsWith(' ')));       // indented: how far a long step is
        Assert.EndsWith("steps. https://backup.example.org\n", done.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", done.Output + done.Errors, StringComparison.Ordinal);
        Assert.Equal((0, "The host is as planned; nothing is to be done.\n"), await RunAsync() is var again ? (again.ExitCode, again.Output) : default);
    }

    [Fact]
    public async Task Goes_to_another_version_back_by_hand_and_tells_what_runs()
    {
        await host.WithAsync(DeployAsync);
        Assert.Equal((1, true), await ReleaseAsync("rollback") is var nothing ? (nothing.ExitCode == 4 ? 1 : 0, nothing.Errors.Contains("there is no release before this one", StringComparison.Ordinal)) : default);
        var text = await File.ReadAllTextAsync($"{host.Folder}/Pulumi.host.yaml");
        host.Write("Pulumi.host.yaml", text.Replace("appliance:version: \"0.1.0\"", "appliance:version: \"0.2.0\"", StringComparison.Ordinal));
        Assert.Equal(0, (await RunAsync()).ExitCode);
        Assert.Equal("registry.example.org/backup/appliance:0.2.0", host.Running["app-b"]);

        var back = await ReleaseAsync("rollback");
        Assert.True(back.ExitCode == 0, back.Errors);
        Assert.Contains("live\t0.1.0", back.Output, StringComparison.Ordinal);
        Assert.Equal("registry.example.org/backup/appliance:0.1.0", host.Running["app-a"]);
        Assert.Contains("previous\t0.2.0", (await ReleaseAsync("status")).Output, StringComparison.Ordinal);

        // The stack still says 0.2.0, and so the next deploy goes there.
        Assert.Contains("products started", (await RunAsync()).Output, StringComparison.Ordinal);
        Assert.Equal("registry.example.org/backup/appliance:0.2.0", host.Running["app-b"]);
    }

    [Fact]
    public async Task Tells_a_release_that_failed_and_that_the_one_before_runs()
    {
        await host.WithAsync(DeployAsync);
        var text = await File.ReadAllTextAsync($"{host.Folder}/Pulumi.host.yaml");
        host.Write("Pulumi.host.yaml", text.Replace("appliance:version: \"0.1.0\"", "appliance:version: \"0.2.0\"", StringComparison.Ordinal));
        host.Write("fail", "*' run --rm '*");
        var broken = await RunAsync();
        Assert.Equal(4, broken.ExitCode);
        Assert.Contains("going back: migrate: the catalog cannot be brought up to it", broken.Errors, StringComparison.Ordinal);
        Assert.Equal("registry.example.org/backup/appliance:0.1.0", host.Running["app-a"]);
        host.Write("fail", "");
        Assert.Equal(0, (await RunAsync()).ExitCode);
    }

    [Fact]
    public async Task Killed_at_any_journal_line_and_run_again_ends_the_same_without_waiting_for_its_own_lock()
    {
        var kills = Environment.GetEnvironmentVariable("NIGHTLY") is null ? [9] : Enumerable.Range(1, 18);
        foreach (var lines in kills)
        {
            host.Clear();
            using (var deployer = Process.Start(new ProcessStartInfo("dotnet", Arguments()) { RedirectStandardOutput = true, RedirectStandardError = true })!)
            {
                var rest = Task.WhenAll(deployer.StandardOutput.ReadToEndAsync(), deployer.StandardError.ReadToEndAsync());
                while (!deployer.HasExited && host.Journal.Length < lines) await Task.Yield();
                deployer.Kill();
                await deployer.WaitForExitAsync();
                await rest;
            }
            var again = await RunAsync();
            Assert.True(again.ExitCode == 0, again.Output + again.Errors);
            Assert.DoesNotContain("waiting for another deployer", again.Output, StringComparison.Ordinal);
            Assert.Equal("The host is as planned; nothing is to be done.\n", (await RunAsync()).Output);
            Assert.Equal(48, host.Read("/srv/appliance/state/db-password")!.Length);
        }
    }

    [Fact]
    public async Task Says_what_stopped_it_and_goes_on_from_there()
    {
        host.Write("registry-down", "");
        var broken = await RunAsync();
        Assert.Equal(4, broken.ExitCode);
        Assert.Contains("no route to the registry", broken.Errors, StringComparison.Ordinal);
        Assert.Contains("What to do:", broken.Errors, StringComparison.Ordinal);
        File.Delete($"{host.Folder}/registry-down");
        var next = await RunAsync();
        Assert.Equal(0, next.ExitCode);
        Assert.DoesNotContain("put ", next.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("appliance:hostKeyFingerprint: \"SHA256:", "appliance:hostKeyFingerprint: \"SHA256:Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE\" #", "Nobody signed in")]
    [InlineData("appliance:version", "appliance:devopsVersion: \"2.0.0\"\n  appliance:version", "devopsVersion:")]
    public async Task Refuses_with_1_and_touches_nothing(string from, string to, string words)
    {
        var text = await File.ReadAllTextAsync($"{host.Folder}/Pulumi.host.yaml");
        host.Write("Pulumi.host.yaml", text.Replace(from, to, StringComparison.Ordinal));
        var refused = await RunAsync();
        Assert.True(refused.ExitCode == 1, $"{refused.ExitCode} {refused.Output}{refused.Errors}");
        Assert.Contains(words, refused.Errors, StringComparison.Ordinal);
        Assert.Empty(host.Journal);
    }

    [Fact]
    public async Task Leaves_machines_in_a_cloud_to_pulumi()
    {
        var refused = await ProgramRun.OfAsync("dotnet", [RepositoryFolder.Program("Cli", "provisioner"), "deploy", "--stack", ExampleStack.Named("aws-gp3-customer").File]);
        Assert.Equal((1, true), (refused.ExitCode, refused.Errors.Contains("pulumi up", StringComparison.Ordinal)));
    }

    private string[] Arguments(params string[] more) => [RepositoryFolder.Program("Cli", "provisioner"), "deploy", "--no-preflight", "--stack", $"{host.Folder}/Pulumi.host.yaml", "--config", $"{host.Folder}/secrets.json", .. more];

    private Task<ProgramRun> ReleaseAsync(string command) => ProgramRun.OfAsync("dotnet", [RepositoryFolder.Program("Cli", "provisioner"), command, "--stack", $"{host.Folder}/Pulumi.host.yaml", "--config", $"{host.Folder}/secrets.json"]);

    private async Task DeployAsync()
    {
        var run = await RunAsync();
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
    }

    private Task<ProgramRun> RunAsync(params string[] more) => ProgramRun.OfAsync("dotnet", Arguments(more));
}
