using System.Text;
using System.Text.Json.Nodes;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;
using Provisioner.Tests.Provider;
using Provisioner.Tests.Rollout;
using Xunit;

namespace Provisioner.Tests.Deploying;

public sealed class The_sign_in_to_a_registry(LoopbackHost host) : IClassFixture<LoopbackHost>
{
    private const string Password = "pass'word \"of\" the robot $7";

    private static readonly string Auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"robot:{Password}"));

    [Theory]
    [InlineData("root")]
    [InlineData("deployer")]     // by sudo
    public async Task Reaches_docker_and_is_seen_and_left_nowhere(string user)
    {
        host.Ready();
        host.Clear();
        File.Delete($"{host.Folder}/commands");
        var images = InstallationPlan.For(Settings(Password)).Commands.Single(c => c.Name == "images");
        using (var watch = new SecretWatch(Password, Auth))
        {
            await new DeployExecutor(host.Login(user: user), TimeProvider.System, TestPlan.Quick).DeployAsync(TestPlan.Of() with { Commands = [images] }, TestPlan.Modest, TestPlan.Silent, CancellationToken.None);
            Assert.True(watch.Looks > 0);
            Assert.Empty(watch.Seen);
        }
        // Docker's own form, where only root reads it; four images by it.
        Assert.Equal(Auth, JsonNode.Parse(await File.ReadAllTextAsync($"{host.Folder}/sign-in"))!["auths"]!["registry.example.org"]!["auth"]!.GetValue<string>());
        Assert.Equal("700\n600\n", await File.ReadAllTextAsync($"{host.Folder}/sign-in.modes"));
        Assert.Equal(4, host.Commands.Count(c => c.StartsWith("docker --config /run/appliance-registry.", StringComparison.Ordinal) && c.Contains(" pull -q registry.example.org/backup/", StringComparison.Ordinal)));

        File.Delete($"{host.Folder}/sign-in");
        Assert.Empty(Directory.GetFileSystemEntries("/run", "appliance-registry.*"));
        foreach (var secret in new[] { Password, Auth })
            Assert.Equal(1, (await ProgramRun.OfAsync("grep", ["-rlF", "-e", secret, host.Folder])).ExitCode);      // 1: in no file
    }

    [Fact]
    public void Is_no_part_of_what_is_noted_of_the_command()
    {
        var (one, other) = (InstallationPlan.For(Settings("one")), InstallationPlan.For(Settings("other")));
        Assert.Equal(one.Commands.Select(one.DigestOf), other.Commands.Select(other.DigestOf));
        Assert.DoesNotContain("other", other.Commands.Single(c => c.Name == "images").ToString(), StringComparison.Ordinal);
    }

    private static StackSettings Settings(string password)
    {
        var input = HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]), ("imageRegistryUser", "robot"), ("imageRegistryPassword", password));
        return SettingsJudge.Judge(input with { SecretKeys = input.SecretKeys.Append("appliance:imageRegistryPassword").ToHashSet() }, DateTimeOffset.UtcNow) is { } verdict ? verdict.Settings ?? throw new InvalidOperationException(verdict.ToString()) : throw new InvalidOperationException();
    }
}
