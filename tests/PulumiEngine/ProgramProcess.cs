using System.Diagnostics;
using System.Text;

namespace PulumiEngine;

/// <summary>The Pulumi program as a child process, started as the language host starts it.</summary>
internal static class ProgramProcess
{
    /// <exception cref="EngineException">It could not be started, or ran longer than allowed.</exception>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(IReadOnlyList<string> command, string folder, IReadOnlyDictionary<string, string> environment, TimeSpan limit,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new EngineException($"{command[0]} could not be started.", "Is the .NET SDK there?");
        var (output, errors) = (new StringBuilder(), new StringBuilder());
        var reading = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, errors));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(limit);
        try
        {
            await process.WaitForExitAsync(stop.Token);
            await reading.WaitAsync(stop.Token);
            return (process.ExitCode, output.ToString(), errors.ToString());
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException($"The program ran longer than {limit.TotalSeconds:0} s.", $"What it said: {output}{errors}", exception);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static async Task ReadAsync(StreamReader from, StringBuilder to)
    {
        while (await from.ReadLineAsync() is { } line) to.Append(line).Append('\n');
    }
}
