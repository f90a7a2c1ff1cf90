using System.Collections.Immutable;
using System.CommandLine;
using Provisioner.Delivery.Preflight;

namespace Provisioner.Cli;

/// <summary>`provisioner preflight`: settings first, then name, authority, clock, services and host, as `pulumi preview` would look at them.</summary>
internal static class PreflightCommand
{
    public static Command Create(Screen screen)
    {
        var stack = new StackOptions();
        var probe = new Option<bool>("--probe") { Description = "Also prove by writing and deleting again: a record in the zone, where the name server takes signed updates. Without it everything is only read." };
        var command = new Command("preflight", $"Looks at everything that an installation needs, before anything is created. {ExitCode.Page}") { stack.Stack, stack.Config, probe, stack.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var read = await stack.ReadAsync(parsed, screen, cancellationToken);
            var verdict = read.Judge(screen.Time.GetUtcNow());
            var json = parsed.GetValue(stack.Json);
            if (verdict.Settings is not { } settings)
            {
                if (json) await Report.JsonAsync(screen, read, verdict, findings: null);
                else await Report.TextAsync(screen, read, verdict);
                if (!verdict.Mistakes.IsEmpty) return ExitCode.Refused;
                throw new UnreadableStack("The pre-flight needs the stack's secrets, and they stand in the file encrypted.", "Give them: pulumi config --show-secrets --json | provisioner preflight --stack FILE --config -");
            }
            var findings = await new PreflightRun(screen.Time).LookAsync(settings, parsed.GetValue(probe), cancellationToken);
            if (json) await Report.JsonAsync(screen, read, verdict, findings);
            else await Report.TextAsync(screen, findings);
            return Code(findings);
        });
        return command;
    }

    private static int Code(ImmutableArray<Finding> findings) =>
        findings.Any(f => f.Severity == Severity.Error) ? ExitCode.Refused : findings.Any(f => f.Severity == Severity.Unknown) ? ExitCode.Unknown : ExitCode.Well;
}
