using System.CommandLine;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Preflight;
using Provisioner.Delivery.Settings;

namespace Provisioner.Cli;

/// <summary>`provisioner deploy`: certificate and products onto an existing host, by the same plans as `pulumi up`, without Pulumi.</summary>
internal static class DeployCommand
{
    public static Command Create(Screen screen)
    {
        var stack = new StackOptions();
        var plan = new Option<bool>("--plan") { Description = "Only look at the host and show what would be done there." };
        var skip = new Option<bool>("--no-preflight") { Description = "Do not look at name, authority and services first." };
        var command = new Command("deploy", $"Puts certificate and products on an existing host (cloud: host). Run again after a failure, it goes on from there. {ExitCode.Page} Here also: 4 it broke off half-way.") { stack.Stack, stack.Config, plan, skip };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var read = await stack.ReadAsync(parsed, screen, cancellationToken);
            var verdict = read.Judge(screen.Time.GetUtcNow());
            if (verdict.Settings is not { } settings)
            {
                await Report.TextAsync(screen, read, verdict);
                return verdict.Mistakes.IsEmpty ? ExitCode.NotTried : ExitCode.Refused;
            }
            var missing = CertificatePlan.NotBuilt(settings).Concat(InstallationPlan.NotBuilt(settings)).Distinct().ToList();
            if (settings.Cloud != Cloud.Host) missing.Insert(0, "cloud: machines in a cloud are made and installed by `pulumi up`. Set cloud to host.");
            foreach (var reason in missing) await screen.Error.WriteLineAsync(reason);
            if (missing.Count > 0) return ExitCode.Refused;
            if (!parsed.GetValue(skip) && await new PreflightRun(screen.Time).LookAsync(settings, probe: false, cancellationToken) is var findings && findings.Any(f => f.Severity == Severity.Error))
            {
                await Report.TextAsync(screen, findings);
                return ExitCode.Refused;
            }
            return await DeployAsync(screen, settings, parsed.GetValue(plan), cancellationToken);
        });
        return command;
    }

    internal static DeployExecutor Host(StackSettings settings, TimeProvider time) =>
        new(new HostLogin(settings.Access.Address!, settings.Access.Port, settings.Access.Login, settings.Access.PrivateKey, settings.Access.HostKeyFingerprint), time);

    private static async Task<int> DeployAsync(Screen screen, StackSettings settings, bool onlyPlan, CancellationToken cancellationToken)
    {
        var host = Host(settings, screen.Time);
        var steps = 0;
        try
        {
            var certificate = settings.Certificate switch
            {
                AcmeCertificate acme => CertificatePlan.For(settings, acme, await CertificatesTool.ReadAsync(cancellationToken)),
                PaidCertificate paid => CertificatePlan.For(settings, paid),
                _ => throw new InvalidOperationException("A certificate of an unknown kind."),
            };
            foreach (var (plan, needs) in new[] { (certificate, HostRequirements.Files), (InstallationPlan.For(settings), HostRequirements.Products) })
            {
                if (onlyPlan)
                {
                    foreach (var step in plan.DifferenceTo(await host.LookAsync(plan, cancellationToken))) await SayAsync(step.ToString());
                }
                else await host.DeployAsync(plan, needs, SayAsync, cancellationToken);
            }
        }
        catch (DeployException failure)
        {
            await screen.Error.WriteLineAsync($"{failure.Message}\nWhat to do: {failure.Remedy}");
            return failure.Untouched && steps == 0 ? ExitCode.Refused : ExitCode.BrokenOff;
        }
        await screen.Output.WriteLineAsync(steps == 0 ? "The host is as planned; nothing is to be done." : onlyPlan ? $"{steps} steps would be done." : $"Done: {steps} steps. {settings.Domain.Url}");
        return ExitCode.Well;

        Task SayAsync(string step)
        {
            if (!step.StartsWith(' ')) steps++;       // else: how far a long one is
            return screen.Output.WriteLineAsync(step);
        }
    }
}
