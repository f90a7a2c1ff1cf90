using System.Diagnostics;
using Xunit;

// Whole appliances on a machine of two cores: one after the other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace EndToEnd.Up;

/// <summary>The working tree that this test was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>A folder of the public test data beside the repository. Skips the test, saying so, where there is none.</summary>
    public static string SharedData(string name)
    {
        var folder = Path.GetFullPath(Path.Combine(Root, "..", "shared", "data", name));
        Assert.SkipUnless(Directory.Exists(folder), $"../shared/data/{name} is not beside this clone");
        return folder;
    }

    public static async Task<ProcessResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan? patience = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["PATH"] += ":/usr/sbin:/sbin";    // Debian keeps mariadbd there
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(patience ?? TimeSpan.FromMinutes(8));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await TerminateAsync(process);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end in time.\n{await errors}");
        }
        return new ProcessResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Asks a process to end, as Ctrl-C would, and waits until it has.</summary>
    public static async Task TerminateAsync(Process process)
    {
        if (process.HasExited) return;
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync();
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Appliance.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No folder above the test holds Appliance.sln.");
    }
}

internal sealed record ProcessResult(int ExitCode, string Output, string Errors);
