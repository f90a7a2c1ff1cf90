using System.CommandLine;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;

namespace Provisioner.Cli;

/// <summary>A command that goes to a host that stands already, over SSH by its pinned key.</summary>
internal static class HostCommand
{
    /// <param name="byHand">What to run on a machine in a cloud, where this program has no way in.</param>
    /// <param name="deed">Returns the exit code; it writes its results itself.</param>
    public static Command Create(Screen screen, string name, string description, string byHand, Func<DeployExecutor, ParseResult, CancellationToken, Task<int>> deed, params Option[] options)
    {
        var stack = new StackOptions();
        var command = new Command(name, $"{description} {ExitCode.Page}") { stack.Stack, stack.Config };
        foreach (var option in options) command.Add(option);
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
                await screen.Error.WriteLineAsync($"{name} goes to an existing host (cloud: host) over SSH. On a machine in a cloud, run {byHand} there.");
                return ExitCode.Refused;
            }
            try
            {
                return await deed(DeployCommand.Host(settings, screen.Time), parsed, cancellationToken);
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
