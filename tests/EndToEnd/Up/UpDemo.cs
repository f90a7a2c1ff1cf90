using System.Text.Json;
using Xunit;

namespace EndToEnd.Up;

/// <summary>`./up --demo --json`, called as a user would, with a state folder of its own.</summary>
internal static class UpDemo
{
    public static async Task<(ProcessResult Run, JsonElement Report)> RunAsync(string state, params string[] arguments)
    {
        var run = await Repository.RunAsync(Path.Combine(Repository.Root, "up"), ["--demo", "--json", "--state", state, .. arguments], TimeSpan.FromMinutes(60));
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == 1, $"Standard output should be one JSON object, exit code {run.ExitCode}:\n{run.Output}\n{run.Errors}");
        return (run, JsonElement.Parse(lines[0]));
    }
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("appliance-e2e-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
