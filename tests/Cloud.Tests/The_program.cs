using System.Diagnostics;
using Xunit;

namespace Cloud.Tests;

public sealed class The_program
{
    [Fact]
    public void Fits_on_one_screen_where_it_tells_its_story() =>
        Assert.InRange(File.ReadLines(Path.Combine(Repository.Root, "provisioner/Cloud/ApplianceStack.cs")).Count(), 20, 60);

    /// <summary>Pulumi hands the folder to the SDK, which must find one project there.</summary>
    [Fact]
    public void Has_one_project_file_in_its_folder() =>
        Assert.Single(Directory.GetFiles(Path.Combine(Repository.Root, "provisioner/Cloud"), "*.*proj", SearchOption.AllDirectories));

    [Fact]
    public void Knows_nothing_of_what_stands_in_for_Pulumi_in_tests()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "provisioner"), "*", SearchOption.AllDirectories);
        Assert.All(files, f => Assert.DoesNotMatch("(?i)stand-?in(?!g)", File.ReadAllText(f)));
    }

    /// <summary>A callback on an output runs in previews too, so nothing may be done in one.</summary>
    [Fact]
    public void Does_no_deed_of_its_own() =>
        Assert.All(Directory.GetFiles(Path.Combine(Repository.Root, "provisioner/Cloud"), "*.cs", SearchOption.AllDirectories), file =>
            Assert.DoesNotMatch(@"HttpClient|Process\.Start|Socket\(|File\.(Write|Create|Delete)|SshClient", File.ReadAllText(file)));

    [Fact]
    public async Task Says_so_when_it_is_run_without_Pulumi()
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Program]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PULUMI_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        using var program = Process.Start(start)!;
        var output = program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken) + await output;
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, program.ExitCode);
        Assert.Contains("Program run without the Pulumi engine available", said, StringComparison.Ordinal);
    }
}
