using ExampleStacks;
using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Delivery.Tests;

/// <summary>What cloud-init is given. WRITE_PAGES=1 writes the golden files anew.</summary>
public sealed class The_user_data
{
    public static TheoryData<string> OnClouds => [.. ExampleStack.All.Where(s => !s.Name.StartsWith("host", StringComparison.Ordinal)).Select(s => s.Name)];

    [Theory]
    [InlineData("aws-gp3-customer")]
    [InlineData("azure-premium-ssd-customer")]
    [InlineData("gcp-pd-ssd-customer")]
    public void Is_what_it_was(string name)
    {
        var golden = Path.Combine(RepositoryFolder.Root, "tests", "Delivery.Tests", "Golden", name + ".user-data.yaml");
        var rendered = Render(name);
        if (Environment.GetEnvironmentVariable("WRITE_PAGES") is not null) File.WriteAllText(golden, rendered);
        Assert.Equal(File.ReadAllText(golden), rendered);
    }

    [Theory]
    [MemberData(nameof(OnClouds))]
    public void Is_YAML_that_holds_no_secret_and_fits(string name)
    {
        var rendered = Render(name);
        Assert.StartsWith("#cloud-config\n", rendered, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", rendered, StringComparison.Ordinal);
        Assert.InRange(rendered.Length, 1, 16 * 1024);      // AWS takes no more
        var yaml = new YamlStream();
        yaml.Load(new StringReader(rendered));
        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        Assert.Contains("docker-compose-v2", ((YamlSequenceNode)root["packages"]).Select(p => p.ToString()));
        var stack = ExampleStack.Named(name);
        foreach (var secret in stack.Input.SecretKeys) Assert.DoesNotContain(stack.Input.Values[secret], rendered, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aws-gp3-customer")]
    [InlineData("azure-premium-ssd-customer")]
    [InlineData("gcp-pd-ssd-customer")]
    public void Passes_cloud_inits_own_schema(string name)
    {
        if (Tool.Find("cloud-init") is not { } cloudInit)
        {
            Assert.Skip("cloud-init is not installed here.");
            return;
        }
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Render(name));
            var (code, output) = Tool.Run(cloudInit, ["schema", "--config-file", file]);
            Assert.True(code == 0 && output.Contains("Valid", StringComparison.Ordinal), output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Carries_scripts_that_a_shell_and_shellcheck_accept()
    {
        var scripts = Files("aws-gp3-customer").Where(f => f.Value.StartsWith("#!/bin/sh", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, scripts.Count);
        foreach (var (_, script) in scripts)
        {
            var (code, output) = Tool.Run("bash", ["-n"], script);
            Assert.True(code == 0, output);
            if (Tool.Find("shellcheck") is not { } shellcheck) continue;
            (code, output) = Tool.Run(shellcheck, ["-s", "sh", "-"], script);
            Assert.True(code == 0, output);
        }
    }

    [Fact]
    public void Closes_every_way_in_but_the_deployers_key()
    {
        var sshd = Files("aws-gp3-customer")["/etc/ssh/sshd_config.d/10-appliance.conf"];
        foreach (var line in new[] { "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin no", "AllowUsers ubuntu" }) Assert.Contains(line, sshd.Split('\n'));
        if (Tool.Find("sshd") is not { } program) return;
        var folder = Directory.CreateTempSubdirectory("settings-sshd-").FullName;
        try
        {
            Tool.Run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder + "/key"]);
            Directory.CreateDirectory("/run/sshd");
            File.WriteAllText(folder + "/config", sshd + "\nHostKey " + folder + "/key\n");
            var (code, output) = Tool.Run(program, ["-T", "-f", folder + "/config"]);
            Assert.True(code == 0, output);
            Assert.Contains("passwordauthentication no", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("aws-gp3-customer", "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0")]
    [InlineData("azure-premium-ssd-customer", "/dev/disk/azure/scsi1/lun0 /dev/disk/azure/data/by-lun/0")]
    [InlineData("gcp-pd-ssd-customer", "/dev/disk/by-id/google-appliance-data")]
    public void Names_the_data_disk_by_what_it_is_and_never_by_its_order(string name, string paths)
    {
        var script = Files(name)["/usr/local/sbin/appliance-data-disk"];
        Assert.Contains($"candidates=\"{paths}\"", script, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"/dev/(sd|xvd|nvme\d|vd)", script);
    }

    private static string Render(string name)
    {
        var settings = SettingsJudge.Judge(ExampleStack.Named(name).Input, DateTimeOffset.UtcNow).Settings!;
        return CloudInit.Render(settings, settings.Cloud switch
        {
            Cloud.Aws => DataDiskPath.Aws("vol-0123456789abcdef0"),
            Cloud.Azure => DataDiskPath.Azure(0),
            Cloud.Gcp => DataDiskPath.Gcp("appliance-data"),
            Cloud.Host => throw new InvalidOperationException("no user data"),
        });
    }

    private static Dictionary<string, string> Files(string name)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Render(name)));
        return ((YamlSequenceNode)((YamlMappingNode)yaml.Documents[0].RootNode)["write_files"]).Cast<YamlMappingNode>().ToDictionary(f => f["path"].ToString(), f => f["content"].ToString());
    }
}
