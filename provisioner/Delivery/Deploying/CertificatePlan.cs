using System.Collections.Immutable;
using Provisioner.Certificates;
using Provisioner.Certificates.Store;
using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Deploying;

/// <summary>
/// The plan of a certificate. A bought one: a folder of its own, and the link that the proxy reads, switched in one step. One by ACME: the tool that orders it on the host, its settings,
/// and the order itself as a command; account and key are made there and never leave it.
/// </summary>
public static class CertificatePlan
{
    public const string Scope = "certificate", Folder = InstallationPlan.Data + "/tls", Current = Folder + "/current", Tool = InstallationPlan.Root + "/bin/certificates", Settings = InstallationPlan.Root + "/certificates";

    private const UnixFileMode OwnerOnly = (UnixFileMode)0b110_000_000, Runnable = (UnixFileMode)0b111_101_101;

    // Of an earlier certificate by ACME: its agent would put the free one back.
    private const string NoAgent = "if [ -d /run/systemd/system ]; then systemctl disable -q --now appliance-certificates.service 2>/dev/null || true; fi\n";

    private static readonly Uri LetsEncryptStaging = new("https://acme-staging-v02.api.letsencrypt.org/directory");

    /// <summary>Where the certificate of a serial stands.</summary>
    public static string FolderOf(PaidCertificate paid) => $"{Folder}/{SerialOf(paid)}";

    /// <summary>What the link leads to.</summary>
    public static string SerialOf(PaidCertificate paid) => paid.Facts.Serial.ToLowerInvariant();

    /// <summary>What this provisioner cannot carry out yet; each with what to do.</summary>
    public static ImmutableArray<string> NotBuilt(StackSettings settings)
    {
        var missing = ImmutableArray.CreateBuilder<string>();
        if (settings.Access.Via == DeployVia.Ssm) missing.Add(InstallationPlan.NoSystemsManager);
        if (settings.Certificate is AcmeCertificate { Challenge: AcmeChallenge.Dns01 } && settings.Domain.Dynamic is null)
            missing.Add("acmeChallenge: dns-01 with a cloud's own DNS is not built yet. Nothing was ordered. Take http-01, dnsProvider: rfc2136, or a bought certificate.");
        return missing.ToImmutable();
    }

    public static DeployPlan For(PaidCertificate paid)
    {
        var folder = FolderOf(paid);
        var link = new PlannedLink(Current, SerialOf(paid));
        return new DeployPlan(Scope, SerialOf(paid),
            [PlannedFile.Text($"{folder}/{CertificateStore.Chain}", paid.ChainPem, OwnerOnly), PlannedFile.Text($"{folder}/{CertificateStore.Key}", paid.KeyPem.Reveal(), OwnerOnly, secret: true)],
            // The front door of earlier versions reads the other names. `current` comes last: everything that it leads to stands then.
            [new PlannedLink($"{folder}/server.crt", CertificateStore.Chain), new PlannedLink($"{folder}/server.key", CertificateStore.Key), link],
            [new PlannedCommand("reload", "front door told of its certificate", NoAgent + Template.Read("host/reload"), link.Path)],
            [Folder + "/"]);
    }

    /// <param name="tool">The executable for the host; null: only what follows from the settings, to look whether it stands.</param>
    /// <param name="again">Why the order is carried out although it was: what stands there is not what it left.</param>
    /// <exception cref="ArgumentException">Something of <see cref="NotBuilt"/> is asked for.</exception>
    public static DeployPlan For(StackSettings settings, AcmeCertificate acme, ReadOnlyMemory<byte>? tool, string? again = null)
    {
        if (NotBuilt(settings) is { IsEmpty: false } missing) throw new ArgumentException(string.Join(' ', missing), nameof(settings));
        var files = ImmutableArray.CreateBuilder<PlannedFile>();
        if (tool is { } executable) files.Add(new PlannedFile(Tool, executable, Runnable));
        if (acme.RootPem is { } root) files.Add(PlannedFile.Text($"{Settings}/roots.pem", root, OwnerOnly));
        if (acme.ExternalAccount is { } account) files.Add(PlannedFile.Text($"{Settings}/eab.key", account.Key.Reveal(), OwnerOnly, secret: true));
        if (acme.Challenge == AcmeChallenge.Dns01) files.Add(PlannedFile.Text($"{Settings}/dns.key", settings.Domain.Dynamic!.Key.Reveal(), OwnerOnly, secret: true));
        files.Add(PlannedFile.Text($"{Settings}/settings.json", Document(settings, acme).ToJson() + "\n", OwnerOnly));
        string[] ordered = [.. files.Select(f => f.Path).Where(p => p != Tool)];
        return new DeployPlan(Scope, "acme", files.ToImmutable(), [],
        [
            new PlannedCommand("order", "certificate ordered", $"{Tool} renew --settings {Settings}/settings.json\n{(again is null ? "" : $"# {again}\n")}", ordered),
            new PlannedCommand("renewal", "renewal started", Template.Read("host/certificates"), [.. files.Select(f => f.Path)]),
        ], [Folder + "/"]);
    }

    private static AgentDocument Document(StackSettings settings, AcmeCertificate acme) => new()
    {
        Store = Folder,
        Names = [settings.Domain.Name],
        Proof = "127.0.0.1:443",
        Authority = new AuthorityDocument
        {
            Directory = acme.Directory,
            Rehearsal = acme.LetsEncrypt ? LetsEncryptStaging : null,
            RootFile = acme.RootPem is null ? null : "roots.pem",
            Email = acme.ContactEmail,
            Profile = acme.Profile,
            ExternalKeyId = acme.ExternalAccount?.KeyId,
            ExternalKeyFile = acme.ExternalAccount is null ? null : "eab.key",
            Challenge = acme.Challenge == AcmeChallenge.Http01 ? "http-01" : "dns-01",
            Listen = acme.Challenge == AcmeChallenge.Http01 ? ["0.0.0.0:80", "0.0.0.0:8402"] : [],
            Folder = acme.Challenge == AcmeChallenge.Http01 ? $"{Folder}/challenges" : null,
            Dns = acme.Challenge == AcmeChallenge.Http01 ? null : Zone(settings.Domain),
        },
    };

    private static DnsDocument Zone(DomainSettings domain) =>
        new() { Provider = "rfc2136", Zone = domain.Zone, Server = domain.Dynamic!.Server, Port = domain.Dynamic.Port, KeyName = domain.Dynamic.KeyName, KeyAlgorithm = domain.Dynamic.Algorithm, KeyFile = "dns.key" };
}
