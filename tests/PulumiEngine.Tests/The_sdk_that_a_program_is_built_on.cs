using System.Diagnostics;
using System.Text.Json.Nodes;

namespace PulumiEngine.Tests;

/// <summary>What MSBuild makes of the property PulumiSdk, without building anything.</summary>
public sealed class The_sdk_that_a_program_is_built_on
{
    [Theory]
    [InlineData("official", "", "Pulumi", "")]
    [InlineData("standin", "", "", "Pulumi.csproj")]
    [InlineData("", "Appliance.sln", "", "Pulumi.csproj")]      // the solution builds everywhere
    [InlineData("", "", "", "Pulumi.csproj")]                   // a program of the tests alone
    public async Task Decides_between_the_package_and_the_project_that_stands_in(string given, string solution, string packages, string projects)
    {
        var items = await EvaluateAsync("tests/PulumiPrograms/Probe", given, solution);
        Assert.Equal(packages, Names(items, "PackageReference"));
        Assert.Equal(projects, Names(items, "ProjectReference"));
    }

    [Fact]
    public async Task Is_pulumis_own_where_pulumi_up_builds_the_programs_folder()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Repository.Root, "provisioner", "Cloud")), "provisioner/Cloud is not there yet");
        var alone = await EvaluateAsync("provisioner/Cloud", "", "");
        Assert.Contains("Pulumi.Aws", Names(alone, "PackageReference").Split(' '));
        Assert.DoesNotContain("Pulumi.csproj", Names(alone, "ProjectReference").Split(' '));
        var inSolution = await EvaluateAsync("provisioner/Cloud", "", "Appliance.sln");
        Assert.Equal("", Names(inSolution, "PackageReference"));
        Assert.Contains("Pulumi.Gcp.csproj", Names(inSolution, "ProjectReference").Split(' '));
    }

    [Fact]
    public async Task Keeps_what_is_built_apart()
    {
        var (official, standIn) = (await EvaluateAsync("tests/PulumiPrograms/Probe", "official", ""), await EvaluateAsync("tests/PulumiPrograms/Probe", "standin", ""));
        foreach (var property in new[] { "OutputPath", "IntermediateOutputPath", "ProjectAssetsFile" })
            Assert.NotEqual((string?)official["Properties"]![property], (string?)standIn["Properties"]![property]);
    }

    private static string Names(JsonNode evaluated, string kind) => string.Join(' ', evaluated["Items"]![kind]!.AsArray()
        .Select(i => Path.GetFileName(((string)i!["Identity"]!).Replace('\\', '/'))).Where(n => n.StartsWith("Pulumi", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    private static async Task<JsonNode> EvaluateAsync(string project, string given, string solution)
    {
        var arguments = new List<string> { "msbuild", Path.Combine(Repository.Root, project), "-nodeReuse:false", "-getItem:PackageReference,ProjectReference", "-getProperty:OutputPath,IntermediateOutputPath,ProjectAssetsFile" };
        if (solution.Length > 0) arguments.Add($"-p:SolutionPath={Path.Combine(Repository.Root, solution)}");
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        start.Environment["PulumiSdk"] = given;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
        return JsonNode.Parse(output)!;
    }
}
