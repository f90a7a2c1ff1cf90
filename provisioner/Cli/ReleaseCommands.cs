using System.CommandLine;
using Provisioner.Delivery.Deploying;

namespace Provisioner.Cli;

/// <summary>`provisioner status` and `provisioner rollback`: what the host's own walk between releases says and does (docs/release.md).</summary>
internal static class ReleaseCommands
{
    public static Command Status(Screen screen) => HostCommand.Create(screen, "status", "Shows what runs on an existing host, what ran before, and what is under way.", $"{InstallationPlan.Rollout} status",
        (host, _, cancellationToken) => TellAsync(screen, host, cancellationToken));

    public static Command Rollback(Screen screen) => HostCommand.Create(screen, "rollback", "Takes an existing host back to the release before the one that runs, the same way as an upgrade goes. Set the stack's version to it, too: the next deploy goes by that.", $"{InstallationPlan.Rollout} back",
        async (host, _, cancellationToken) =>
        {
            await host.RollBackAsync(line => screen.Output.WriteLineAsync(line), cancellationToken);
            return await TellAsync(screen, host, cancellationToken);
        });

    private static async Task<int> TellAsync(Screen screen, DeployExecutor host, CancellationToken cancellationToken)
    {
        await screen.Output.WriteAsync(await host.StatusAsync(cancellationToken));
        return ExitCode.Well;
    }
}
