using System.Diagnostics;

namespace Delivery.Tests;

/// <summary>Programs of the machine that tests hold our output against.</summary>
internal static class Tool
{
    private static readonly string SearchPath = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";

    public static string? Find(string name) => SearchPath.Split(':').Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);

    public static (int ExitCode, string Output) Run(string program, IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["PATH"] = SearchPath;
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}
