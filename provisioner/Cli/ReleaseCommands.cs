using System.CommandLine;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;

namespace Provisioner.Cli;

/// <summary>`provisioner status` and `provisioner rollback`: what the host's own walk between releases says and does (docs/release.md).</summary>
internal static class ReleaseCommands
{
    public static Command Status(Screen screen) => Create(screen, "status", "Shows what runs on an existing host, what ran before, and what is under way.", (host, cancellationToken) => host.StatusAsync(cancellationToken));

    public static Command Rollback(Screen screen) => Create(screen, "rollback", "Takes an existing host back to the release before the one that runs, the same way as an upgrade goes. Set the stack's version to it, too: the next deploy goes by that.",
        async (host, cancellationToken) =>
        {
            await host.RollBackAsync(cancellationToken);
            return await host.StatusAsync(cancellationToken);
        });

    private static Command Create(Screen screen, string name, string description, Func<DeployExecutor, CancellationToken, Task<string>> deed)
    {
        var stack = new StackOptions();
        var command = new Command(name, $"{description} {ExitCode.Page}") { stack.Stack, stack.Config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var read = await stack.ReadAsync(parsed, screen, cancellationToken);
            var verdict = read.Judge(screen.Time.GetUtcNow());
            if (verdict.Settings is not { } settings)
            {
                await Report.TextAsync(screen, read, verdict);
                return verdict.Mistakes.IsEmpty ? ExitCode.NotTried : ExitCode.Refused;
            }
            if (settings.Cloud != Cloud.Host || settings.Access.Via == DeployVia.Ssm)
            {
                await screen.Error.WriteLineAsync($"{name} goes to an existing host (cloud: host) over SSH. On a machine in a cloud, run /opt/appliance/bin/rollout {(name == "status" ? name : "back")} there.");
                return ExitCode.Refused;
            }
            try
            {
                await screen.Output.WriteAsync(await deed(DeployCommand.Host(settings, screen.Time), cancellationToken));
                return ExitCode.Well;
            }
            catch (DeployException failure)
            {
                await screen.Error.WriteLineAsync($"{failure.Message}\nWhat to do: {failure.Remedy}");
                return failure.Untouched ? ExitCode.Refused : ExitCode.BrokenOff;
            }
        });
        return command;
    }
}
