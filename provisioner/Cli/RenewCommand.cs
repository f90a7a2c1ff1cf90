using System.CommandLine;

namespace Provisioner.Cli;

/// <summary>`provisioner renew`: lets the host's agent of certificates look and do now what is due, and tells what came of it (docs/certificates.md).</summary>
internal static class RenewCommand
{
    /// <summary>In the agent's own words: the new or the standing certificate was seen in a handshake with the front door.</summary>
    private const string Proven = "in a handshake: Served";

    public static Command Create(Screen screen)
    {
        var even = new Option<bool>("--even-if-not-due") { Description = "Order another certificate in any case. Authorities count orders: five of the same names a week at Let's Encrypt." };
        return HostCommand.Create(screen, "renew", "Lets the agent of certificates on an existing host do now what is due: order, place, prove by a handshake; also after it has given up. With a bought certificate it takes up the inbox and proves. "
            + "Here also: 3 all is well there, but the front door does not answer, so nothing was proven; 4 it failed, and what was served before is still served.", "docker exec $(docker ps -q --filter label=com.docker.compose.service=certificates) certificates renew",
            async (host, parsed, cancellationToken) =>
            {
                var told = await host.RenewAsync(parsed.GetValue(even), cancellationToken);
                await screen.Output.WriteAsync(told);
                return told.Contains(Proven, StringComparison.Ordinal) ? ExitCode.Well : ExitCode.Unknown;
            }, even);
    }
}
