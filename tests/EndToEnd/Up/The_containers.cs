using System.Text.Json;
using Xunit;

namespace EndToEnd.Up;

/// <summary>appliance/compose.yaml on a real Docker engine, with images built from Debian packages where no registry is reached.</summary>
public sealed class The_containers
{
    [Fact]
    public async Task Come_up_healthy_publish_one_port_and_pass_the_demo()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("NIGHTLY") is not null, "a long run: ./test --nightly");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "building base images needs root");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "mmdebstrap"))), "mmdebstrap is not installed");
        var engine = await Repository.RunAsync("sh", ["-c", "docker info"]);
        Assert.SkipUnless(engine.ExitCode == 0, "no Docker engine answers on this machine");

        var run = await Repository.RunAsync(Path.Combine(Repository.Root, "tests/EndToEnd/Docker/demo"), ["--generate", "3000", "--json"], TimeSpan.FromMinutes(30));
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(0, JsonElement.Parse(run.Output).GetProperty("differences").GetInt64());
    }
}
