using System.Diagnostics;
using Xunit;

namespace Appliance.Server.Tests.Storage;

/// <summary>appliance/entrypoint: where files wait on their way to S3, and who clears away what a killed process left there.</summary>
public sealed class The_start_of_a_container
{
    [Fact]
    public async Task Makes_the_folder_for_uploads_and_sweeps_from_it_what_is_a_day_old_and_nothing_else()
    {
        if (OperatingSystem.IsWindows()) return;
        var folder = Directory.CreateTempSubdirectory("start-").FullName;
        var spool = Path.Combine(folder, "data", "spool");
        await File.WriteAllTextAsync($"{folder}/password", "a-password");
        Assert.Equal(spool, await StartAsync(spool));
        Assert.True(Directory.Exists(spool));

        var (old, young, vault) = ($"{spool}/old", $"{spool}/young", $"{folder}/data/vault.json");
        foreach (var file in new[] { old, young, vault }) await File.WriteAllTextAsync(file, "content");
        foreach (var file in new[] { old, vault }) File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25));
        await StartAsync(spool);
        Assert.Equal((false, true, true), (File.Exists(old), File.Exists(young), File.Exists(vault)));
        Directory.Delete(folder, recursive: true);

        async Task<string> StartAsync(string temporary)
        {
            var script = (await File.ReadAllTextAsync(Path.Combine(ServerFixture.Root(), "appliance", "entrypoint"))).Replace("exec /app/appliance \"$@\"", "printf %s \"$TMPDIR\"; exit", StringComparison.Ordinal);
            var start = new ProcessStartInfo("sh", ["-c", script, "entrypoint", "appliance", "doctor"]) { RedirectStandardOutput = true, Environment = { ["TMPDIR"] = temporary, ["DB_PASSWORD_FILE"] = $"{folder}/password" } };
            using var process = Process.Start(start)!;
            var said = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
            return said;
        }
    }
}
