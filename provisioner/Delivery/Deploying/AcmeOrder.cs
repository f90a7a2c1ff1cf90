using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Deploying;

/// <summary>Lets a host order its certificate, and looks at what came of it.</summary>
public static class AcmeOrder
{
    /// <returns>The plan that was carried out, what stands, and the certificate.</returns>
    /// <exception cref="DeployException">Refused, or broken off; run again, the order goes on where it was.</exception>
    public static async Task<(DeployPlan Plan, HostState State, StandingCertificate Certificate)> CarryAsync(
        StackSettings settings, AcmeCertificate acme, DeployExecutor host, Func<string, Task> progress, CancellationToken cancellationToken)
    {
        var tool = await CertificatesTool.ReadAsync(cancellationToken);
        var plan = CertificatePlan.For(settings, acme, tool);
        var state = await host.DeployAsync(plan, HostRequirements.Files, progress, cancellationToken);
        var standing = await host.CertificateAsync(cancellationToken);
        if (standing is null || !standing.Names.Contains(settings.Domain.Name))
        {
            // The order was carried out once, and somebody has taken or changed what it left.
            plan = CertificatePlan.For(settings, acme, tool, standing is null ? "none stood there" : $"{standing.Serial} stood there");
            state = await host.DeployAsync(plan, HostRequirements.Files, progress, cancellationToken);
            standing = await host.CertificateAsync(cancellationToken);
        }
        return standing is null ? throw new DeployException("The order ended well, and no certificate stands on the host.", "Look at /srv/appliance/tls there, then run this again.") : (plan, state, standing);
    }
}
