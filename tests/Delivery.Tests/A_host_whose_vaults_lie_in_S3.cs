using System.Text;
using ExampleStacks;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Delivery.Tests;

/// <summary>What it is told, up to what its containers get. That the app takes these very addresses is held in Vault.Tests, by the same golden files.</summary>
public sealed class A_host_whose_vaults_lie_in_S3
{
    private const string Created = "aws-s3-customer", Standing = "aws-s3-customer-vpn", Disk = "aws-gp3-customer", Made = "acme-vaults-2026";

    /// <summary>WRITE_PAGES=1 writes the golden files anew.</summary>
    [Theory]
    [InlineData(Created)]
    [InlineData(Standing)]
    public void Is_told_the_address_as_it_was(string name)
    {
        var golden = Path.Combine(RepositoryFolder.Root, "tests", "Delivery.Tests", "Golden", name + ".storage");
        var line = Assert.Single(Environment(name).Split('\n'), l => l.StartsWith("APPLIANCE_STORAGE=", StringComparison.Ordinal)) + "\n";
        if (System.Environment.GetEnvironmentVariable("WRITE_PAGES") is not null) File.WriteAllText(golden, line);
        Assert.Equal(File.ReadAllText(golden), line);
    }

    [Theory]
    [InlineData(Standing, "s3://acme-salesforce-backup/appliance?region=us-east-1", "/data/spool")]
    [InlineData(Disk, "/data", "/tmp")]
    public void Gives_app_and_worker_the_place_and_room_on_the_way_there(string name, string root, string spool)
    {
        if (Tool.Find("docker-compose") is not { } compose)
        {
            Assert.Skip("docker-compose is not installed here.");
            return;
        }
        var folder = Directory.CreateTempSubdirectory("s3-host-").FullName;
        try
        {
            foreach (var file in Plan(name).Files.Where(f => f.Path.StartsWith("/opt/appliance/release/", StringComparison.Ordinal))) File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(file.Path)), file.Content.ToArray());
            var (code, output) = Tool.Run(compose, ["--env-file", $"{folder}/environment", "-f", $"{folder}/compose.yaml", "-f", $"{folder}/host.yaml", "config"]);
            Assert.True(code == 0, output);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(output));
            var rendered = (YamlMappingNode)yaml.Documents[0].RootNode;
            foreach (var service in new[] { "app-a", "app-b", "worker" })
            {
                var environment = rendered["services"][service]["environment"];
                Assert.Equal((root, spool), (environment["Storage__Root"].ToString(), environment["TMPDIR"].ToString()));
                // Keys stay on the data disk, and so does what waits on its way up.
                Assert.Superset(new HashSet<string> { "data:/data:rw", "keys:/keys:rw" }, ((YamlSequenceNode)rendered["services"][service]["volumes"]).Select(v => v.ToString()).ToHashSet());
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Is_built_only_where_the_machine_has_a_role()
    {
        Assert.Contains("needs an access key on a host that is not on AWS", Assert.Single(InstallationPlan.NotBuilt(Settings("host-s3-customer-vpn"))), StringComparison.Ordinal);
        var keyed = Settings(Standing, ("s3AccessKey", "backup-writer"), ("s3SecretKey", "a-secret-of-the-storage"), ("s3Endpoint", "https://s3.storage.example.org"));
        Assert.StartsWith("s3AccessKey: keys of a storage are not carried", Assert.Single(InstallationPlan.NotBuilt(keyed)), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => InstallationPlan.For(keyed));
        Assert.Empty(InstallationPlan.NotBuilt(Settings(Created)));
        Assert.Contains("no name yet", Assert.Throws<ArgumentException>(() => InstallationPlan.For(Settings(Created))).Message, StringComparison.Ordinal);
        Assert.Equal("acme-salesforce-backup", Settings(Standing).WithBucket(Made).Storage.S3!.Bucket);     // what the settings name stays
    }

    /// <summary>The app would find no backup at the other place, and start a new history there.</summary>
    [Fact]
    public void Is_never_led_to_another_place_by_a_deployment()
    {
        var (disk, standing) = (Settings(Disk), Settings(Standing));
        Assert.Null(InstallationPlan.Moves(disk, disk));
        Assert.Null(InstallationPlan.Moves(standing, standing));
        Assert.Null(InstallationPlan.Moves(Settings(Created).WithBucket(Made), Settings(Created)));       // in a preview the cloud has not named it yet
        foreach (var (before, now) in new[]
        {
            (disk, standing), (standing, disk), (standing, Settings(Standing, ("s3Prefix", "elsewhere/"))), (standing, Settings(Standing, ("s3Bucket", "another-bucket"))), (disk, Settings(Created)),
        })
            Assert.Contains("a deployment moves none", InstallationPlan.Moves(before, now), StringComparison.Ordinal);
    }

    private static string Environment(string name) => Encoding.UTF8.GetString(Plan(name).Files.Single(f => f.Path.EndsWith("/environment", StringComparison.Ordinal)).Content.Span);

    private static DeployPlan Plan(string name) => InstallationPlan.For(Settings(name).WithBucket(Made));

    private static StackSettings Settings(string name, params (string, string?)[] changes) =>
        ExampleStack.Named(name).With(changes).Input is var input && SettingsJudge.Judge(input with { SecretKeys = input.SecretKeys.Append("appliance:s3SecretKey").ToHashSet() }, DateTimeOffset.UtcNow) is var verdict && verdict.Settings is { } settings
            ? settings : throw new InvalidOperationException(verdict.ToString());
}
