using System.Collections.Immutable;
using Provisioner.Certificates.Store;
using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Deploying;

/// <summary>The plan of a bought certificate: a folder of its own, and the link that the proxy reads, switched in one step.</summary>
public static class CertificatePlan
{
    public const string Scope = "certificate", Folder = InstallationPlan.Data + "/tls", Current = Folder + "/current";

    /// <summary>Where the certificate of a serial stands.</summary>
    public static string FolderOf(PaidCertificate paid) => $"{Folder}/{SerialOf(paid)}";

    /// <summary>What the link leads to.</summary>
    public static string SerialOf(PaidCertificate paid) => paid.Facts.Serial.ToLowerInvariant();

    /// <summary>What this provisioner cannot carry out yet; each with what to do.</summary>
    public static ImmutableArray<string> NotBuilt(StackSettings settings)
    {
        var missing = ImmutableArray.CreateBuilder<string>();
        if (settings.Access.Via == DeployVia.Ssm) missing.Add(InstallationPlan.NoSystemsManager);
        if (settings.Certificate is AcmeCertificate)
            missing.Add("certificate: the host would order it by ACME with the `certificates` tool, and that tool is not built yet. Nothing was ordered. Take a bought certificate (certificate: paid).");
        return missing.ToImmutable();
    }

    public static DeployPlan For(PaidCertificate paid)
    {
        const UnixFileMode ownerOnly = (UnixFileMode)0b110_000_000;
        var folder = FolderOf(paid);
        var link = new PlannedLink(Current, SerialOf(paid));
        return new DeployPlan(Scope, SerialOf(paid),
            [PlannedFile.Text($"{folder}/{CertificateStore.Chain}", paid.ChainPem, ownerOnly), PlannedFile.Text($"{folder}/{CertificateStore.Key}", paid.KeyPem.Reveal(), ownerOnly, secret: true)],
            // The front door of earlier versions reads the other names. `current` comes last: everything that it leads to stands then.
            [new PlannedLink($"{folder}/server.crt", CertificateStore.Chain), new PlannedLink($"{folder}/server.key", CertificateStore.Key), link],
            [new PlannedCommand("reload", "front door told of its certificate", Template.Read("host/reload"), link.Path)],
            [Folder + "/"]);
    }
}
