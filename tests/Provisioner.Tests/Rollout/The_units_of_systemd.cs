using System.Text.RegularExpressions;
using Xunit;

namespace Provisioner.Tests.Rollout;

/// <summary>What starts with the machine, as systemd itself reads it (systemd-analyze verify): no word that it does not know, no unit and no program that is not there.</summary>
public sealed partial class The_units_of_systemd : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("units-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Names => [.. Units().Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Are_taken_without_a_word(string name)
    {
        Assert.Equal("", await VerifyAsync(name, Units()[name]));
    }

    [Fact]
    public async Task Would_not_be_with_a_mistake()
    {
        var unit = Units()["appliance.service"];
        Assert.Contains("oneshoot", await VerifyAsync("appliance.service", unit.Replace("oneshot", "oneshoot", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("Unit dokker.service not found", await VerifyAsync("appliance.service", unit.Replace("docker.service", "dokker.service", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("not executable", await VerifyAsync("appliance.service", unit.Replace("rollout", "roll-out", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>The programs that they start are the installation's; here they stand for themselves, empty.</summary>
    private async Task<string> VerifyAsync(string name, string unit)
    {
        Assert.SkipUnless((await ProgramRun.OfAsync("sh", ["-c", "command -v systemd-analyze"])).ExitCode == 0, "systemd is not installed on this machine");
        foreach (var program in new[] { "opt/appliance/bin/rollout", "usr/local/sbin/appliance-data-disk", "usr/local/sbin/appliance-metadata-rule" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{_folder}/{program}")!);
            await File.WriteAllTextAsync($"{_folder}/{program}", "#!/bin/sh\n");
            File.SetUnixFileMode($"{_folder}/{program}", (UnixFileMode)0b111_101_101);
        }
        await File.WriteAllTextAsync($"{_folder}/docker.service", "[Service]\nExecStart=/bin/true\n");
        await File.WriteAllTextAsync($"{_folder}/{name}", Started().Replace(unit, $"ExecStart={_folder}/"));
        var run = await ProgramRun.OfAsync("env", [$"SYSTEMD_UNIT_PATH={_folder}:/lib/systemd/system", "systemd-analyze", "verify", "--man=no", $"{_folder}/{name}"]);
        return run.Output + run.Errors + (run.ExitCode == 0 ? "" : $"exit code {run.ExitCode}");
    }

    private static Dictionary<string, string> Units()
    {
        string Text(string path) => File.ReadAllText(Path.Combine(RepositoryFolder.Root, path));
        var units = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["appliance.service"] = Text("templates/host/appliance.service"),
        };
        foreach (Match unit in InCloudInit().Matches(Text("templates/cloud-init/user-data.yaml"))) units[unit.Groups[1].Value] = Indent().Replace(unit.Groups[2].Value, "");
        Assert.Equal(3, units.Count);
        Assert.All(units.Values, u => Assert.Contains("ExecStart=", u, StringComparison.Ordinal));
        return units;
    }

    [GeneratedRegex("(?m)^ExecStart=/")]
    private static partial Regex Started();

    [GeneratedRegex(@"path: /etc/systemd/system/(\S+\.service)\n    content: \|\n((?:      .*\n)+)")]
    private static partial Regex InCloudInit();

    [GeneratedRegex("(?m)^      ")]
    private static partial Regex Indent();
}
