using Appliance.Cli;
using OrgSimulator;
using OrgSimulator.Tests.RealClients;

namespace Engine.Tests.Metadata;

/// <summary>The unmodified @salesforce/cli takes what `appliance export` writes, and another org has it then.</summary>
public sealed class An_exported_snapshot_is_a_package
{
    [Fact]
    public async Task That_sf_deploys_to_another_org()
    {
        using var client = await RealClient.InstallAsync();
        await using var scene = await MetadataScene.StartAsync();
        var run = await scene.BackupAsync();
        var package = Path.Combine(client.Home, "package");
        using (var output = new StringWriter())
            Assert.True(await ApplianceCommands.RunAsync(
                ["export", "--vault", scene.Org.VaultFolder, "--key", scene.Org.KeyFile, "--snapshot", $"{run.Manifest.SnapshotId}", "--metadata-only", "--to", package], output, output, TimeProvider.System, default) == 0, output.ToString());

        await using var other = new MetadataScene(await TestOrg.StartAsync(new SimulatorOptions { Seed = 9 }));
        var (code, answer) = await client.SfAsync($"org login access-token --instance-url {other.Org.Simulator.Url} --no-prompt --alias sim", new() { ["SF_ACCESS_TOKEN"] = other.Org.Simulator.NewAccessToken() });
        Assert.True(code == 0, answer.ToJsonString());
        await File.WriteAllTextAsync(Path.Combine(client.Home, "sfdx-project.json"), """{"packageDirectories":[{"path":".","default":true}],"sourceApiVersion":"66.0"}""");
        (code, answer) = await client.SfInAsync(client.Home, $"project deploy start --metadata-dir {package} --single-package -o sim");
        Assert.True(code == 0, answer.ToJsonString());
        Assert.Equal("Succeeded", answer["result"]!["status"]!.GetValue<string>());

        var (here, there) = (scene.Truth(), other.Truth());
        foreach (var (path, text) in here.Where(f => !f.Key.StartsWith("objects/", StringComparison.Ordinal))) Assert.True(there.TryGetValue(path, out var deployed) && MetadataScene.Same(path, text, deployed), path);
    }
}
