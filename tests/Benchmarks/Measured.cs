using System.Diagnostics;
using System.Text.Json;

namespace Benchmarks;

/// <summary>
/// Runs a command below a process of its own, whose children the kernel counts apart: the numbers of one command never mix with those of another.
/// </summary>
internal static class Measured
{
    public const string Verb = "measured";

    /// <summary>Runs the command; what it prints on stdout is given back.</summary>
    /// <exception cref="BenchmarkFailure">It ended with another code than 0.</exception>
    public static async Task<(Measurement Took, string Output)> RunAsync(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        var report = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])[Verb, report, .. command]) start.ArgumentList.Add(argument);
            foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
            using var process = Process.Start(start)!;
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0) throw new BenchmarkFailure($"{string.Join(' ', command.Take(3))} … ended with code {process.ExitCode}: {Tail(await errors)} {Tail(await output)}");
            return (JsonSerializer.Deserialize<Measurement>(await File.ReadAllTextAsync(report, cancellationToken))!, await output);
        }
        finally
        {
            File.Delete(report);
        }
    }

    /// <summary>The process between: starts the command, waits, writes down what it took.</summary>
    public static async Task<int> WatchAsync(string report, string[] command)
    {
        var start = new ProcessStartInfo(command[0]) { UseShellExecute = false };
        foreach (var argument in command[1..]) start.ArgumentList.Add(argument);
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        var seconds = clock.Elapsed.TotalSeconds;
        var (cpu, peak) = ResourceUsage.OfChildren();
        await File.WriteAllTextAsync(report, JsonSerializer.Serialize(new Measurement(seconds, cpu, peak)));
        return process.ExitCode;
    }

    private static string Tail(string text) => text.Length <= 600 ? text : text[^600..];
}

/// <summary>A benchmark that could not be run; never a number.</summary>
internal sealed class BenchmarkFailure(string message) : Exception(message);
