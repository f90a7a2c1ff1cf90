using System.CommandLine;
using System.CommandLine.Parsing;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>The `appliance` program: reads a vault's folder alone, with neither server nor database, and looks after an appliance as its settings say.</summary>
public static class ApplianceCommands
{
    /// <summary>All is well; findings of damage; wrong usage or something the operator has to cure.</summary>
    public const int Well = 0, Findings = 1, OperatorError = 2;

    /// <summary>A certificate is genuine and says that something was missing.</summary>
    public const int Gaps = 3;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, TimeProvider time, CancellationToken cancellationToken)
    {
        var screen = new Screen(output, error, time);
        var root = new RootCommand("Reads and proves a backup vault offline, and looks after the appliance itself. Formats are written down in FORMAT.md.")
        {
            VerifyCommand.Create(screen), SnapshotsCommand.Create(screen), ReadCommand.Create(screen), ExportCommand.Create(screen),
            RekeyCommand.Create(screen), SelfBackupCommands.RecoveryKeyCommand(screen), SelfBackupCommands.BackupCommand(screen), SelfBackupCommands.RestoreCommand(screen),
            DoctorCommands.Doctor(screen), DoctorCommands.Status(screen), DoctorCommands.SupportBundle(screen),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var mistake in parsed.Errors) await error.WriteLineAsync(mistake.Message);
            await error.WriteLineAsync("Run with --help to see what can be said.");
            return OperatorError;
        }
        try
        {
            var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (VaultException failure)
        {
            await error.WriteLineAsync(failure.Message);
            await error.WriteLineAsync($"What to do: {failure.Remedy}");
            return failure.Kind == FailureKind.Permanent ? Findings : OperatorError;
        }
        catch (Exception failure) when (Cure(failure) is { } remedy)
        {
            await error.WriteLineAsync(failure.Message);
            await error.WriteLineAsync($"What to do: {remedy}");
            return OperatorError;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("Stopped.");
            return OperatorError;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(failure.Message);
            return OperatorError;
        }
        finally
        {
            await output.FlushAsync(CancellationToken.None);
        }
    }

    /// <summary>A method of its own: the offline commands never load the engine and the catalog for it.</summary>
    private static string? Cure(Exception failure) => failure.GetType().Namespace is "Appliance.Engine" or "Appliance.Catalog" ? ServerFailures.Remedy(failure) : null;
}

/// <summary>Where a command speaks: results, and everything else.</summary>
internal sealed record Screen(TextWriter Output, TextWriter Error, TimeProvider Time);
