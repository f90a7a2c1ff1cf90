using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace Cloud.Tests;

/// <summary>What `pulumi up` builds, on whatever machine: the program's own folder, on the official packages.</summary>
public sealed class The_build_of_the_program
{
    private static async Task<JsonNode> PropertiesAsync(string project, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", Path.Combine(Repository.Root, project), "-nodeReuse:false", "-getProperty:PulumiSdk,PulumiProgram,NoWarn,CentralPackageTransitivePinningEnabled,ArtifactsProjectName", .. more]) { RedirectStandardOutput = true };
        start.Environment.Remove("PulumiSdk");
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await build.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(build.ExitCode == 0, output);
        return JsonNode.Parse(output)!["Properties"]!;
    }

    [Fact]
    public async Task Takes_the_official_packages_in_the_programs_folder_and_what_stands_in_for_them_elsewhere()
    {
        var alone = await PropertiesAsync("provisioner/Cloud/Cloud.csproj");
        Assert.Equal(("official", "true", "false", "Cloud.official"), ($"{alone["PulumiSdk"]}", $"{alone["PulumiProgram"]}", $"{alone["CentralPackageTransitivePinningEnabled"]}", $"{alone["ArtifactsProjectName"]}"));
        var solution = await PropertiesAsync("provisioner/Cloud/Cloud.csproj", $"-p:SolutionPath={Path.Combine(Repository.Root, "Appliance.sln")}");
        Assert.Equal(("standin", "true", "Cloud"), ($"{solution["PulumiSdk"]}", $"{solution["PulumiProgram"]}", $"{solution["ArtifactsProjectName"]}"));
        var provider = await PropertiesAsync("provisioner/Provider/Provider.csproj");
        Assert.Equal(("standin", ""), ($"{provider["PulumiSdk"]}", $"{provider["PulumiProgram"]}"));
    }

    /// <summary>A machine with a company's feed beside the usual one: NU1507 would end the build, because warnings are errors here.</summary>
    [Theory]
    [InlineData("provisioner/Cloud/Cloud.csproj")]
    [InlineData("provisioner/Provider/Provider.csproj")]
    [InlineData("provisioner/Delivery/Delivery.csproj")]
    public async Task Does_not_mind_a_second_feed(string project) => Assert.Contains("NU1507", (await PropertiesAsync(project))["NoWarn"]!.GetValue<string>().Split(';'));

    /// <summary>MSBuild's own paths have backslashes on Windows: compared with a path that is written here, they must be brought into one form first.</summary>
    [Fact]
    public void Compares_no_path_as_it_is_written()
    {
        foreach (var file in new[] { "Directory.Build.props", "Directory.Build.targets" })
            foreach (var line in File.ReadLines(Path.Combine(Repository.Root, file)).Where(line => line.Contains("Condition", StringComparison.Ordinal)))
                Assert.DoesNotMatch(@"MSBuildProjectDirectory|MSBuildThisFileDirectory", line);
    }

    /// <summary>Shell scripts and cloud-init's files with carriage returns would not run on the machine.</summary>
    [Fact]
    public async Task Is_cloned_with_the_line_ends_of_Linux_everywhere()
    {
        var start = new ProcessStartInfo("git", ["-C", Repository.Root, "check-attr", "eol", "templates/cloud-init/user-data.yaml", "templates/cloud-init/metadata-rule", "appliance/compose.yaml", "nginx/appliance.conf"]) { RedirectStandardOutput = true };
        using var git = Process.Start(start)!;
        var lines = (await git.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (git.ExitCode != 0) Assert.Skip("not a git clone");
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.EndsWith("eol: lf", line, StringComparison.Ordinal));
    }
}
