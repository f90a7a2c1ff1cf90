using System.CommandLine;

namespace Provisioner.Cli;

/// <summary>`provisioner settings check`: judges a stack's settings, alone and together, without looking anywhere else.</summary>
internal static class SettingsCommand
{
    public static Command Create(Screen screen)
    {
        var stack = new StackOptions();
        var check = new Command("check", $"Judges a stack's settings and lists all mistakes at once, each with its remedy. Reads only the files that are named. {ExitCode.Page}") { stack.Stack, stack.Config, stack.Json };
        check.SetAction(async (parsed, cancellationToken) =>
        {
            var read = await stack.ReadAsync(parsed, screen, cancellationToken);
            var verdict = read.Judge(screen.Time.GetUtcNow());
            if (parsed.GetValue(stack.Json)) await Report.JsonAsync(screen, read, verdict, findings: null);
            else await Report.TextAsync(screen, read, verdict);
            return verdict.Mistakes.IsEmpty ? read.Sealed.IsEmpty ? ExitCode.Well : ExitCode.Unknown : ExitCode.Refused;
        });
        return new Command("settings", "The settings of a stack.") { check };
    }
}
