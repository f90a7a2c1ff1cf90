using System.CommandLine;

namespace Provisioner.Cli;

/// <summary>The `provisioner` program: judges a stack, looks at the world before anything is created, and installs existing hosts, with no Pulumi at hand.</summary>
internal static class ProvisionerCommands
{
    public static async Task<int> RunAsync(string[] args, Screen screen, CancellationToken cancellationToken)
    {
        var root = new RootCommand($"Judges a stack, looks at the world before anything is created, and installs existing hosts. It needs no Pulumi and creates nothing in a cloud.\n{ExitCode.Page}")
        {
            PreflightCommand.Create(screen), SettingsCommand.Create(screen), DeployCommand.Create(screen), ReleaseCommands.Status(screen), ReleaseCommands.Rollback(screen), RenewCommand.Create(screen), ManifestCommands.Create(screen),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var mistake in parsed.Errors) await screen.Error.WriteLineAsync(mistake.Message);
            await screen.Error.WriteLineAsync("Run with --help to see what can be said.");
            return ExitCode.NotTried;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = screen.Output, Error = screen.Error, EnableDefaultExceptionHandler = false }, cancellationToken);
        }
        catch (UnreadableStack failure)
        {
            await screen.Error.WriteLineAsync($"{failure.Message}\nWhat to do: {failure.Remedy}");
            return ExitCode.NotTried;
        }
        catch (OperationCanceledException)
        {
            await screen.Error.WriteLineAsync("Stopped.");
            return ExitCode.NotTried;
        }
    }
}

/// <summary>Where a command speaks and listens: results, everything else, standard input.</summary>
internal sealed record Screen(TextWriter Output, TextWriter Error, TextReader Input, TimeProvider Time);
