using System.Diagnostics;

namespace Provisioner.Tests;

/// <summary>A program run as a user would run it.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Errors)
{
    public static async Task<ProgramRun> OfAsync(string program, IEnumerable<string> arguments, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new ProgramRun(process.ExitCode, await output, await errors);
    }
}
