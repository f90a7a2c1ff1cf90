using System.Collections.Immutable;
using Provisioner.Certificates;
using Provisioner.Certificates.Store;
using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Deploying;

/// <summary>
/// The plan of a certificate. A bought one: a folder of its own, and the link that the proxy reads, switched in one step. One by ACME: the tool that orders it on the host,
/// and the order itself as a command; account and key are made there and never leave it. Both: the settings of the agent, the service `certificates`, which takes them up by itself.
/// </summary>
public static class CertificatePlan
{
    public const string Scope = "certificate", Folder = InstallationPlan.Data + "/tls", Current = Folder + "/current", Tool = InstallationPlan.Root + "/bin/certificates", Settings = InstallationPlan.Root + "/certificates", SettingsFile = Settings + "/settings.json";

    private const UnixFileMode OwnerOnly = (UnixFileMode)0b110_000_000, Runnable = (UnixFileMode)0b111_101_101;

    /// <summary>A host of an earlier deployer had the agent as a unit of systemd; two of them are one too many.</summary>
    private static readonly PlannedCommand NoUnit = new("renewal", "the agent of earlier versions ended", Template.Read("host/no-unit"));

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
        return missing.ToImmutable();
    }

    public static DeployPlan For(StackSettings settings, PaidCertificate paid)
    {
        var folder = FolderOf(paid);
        var link = new PlannedLink(Current, SerialOf(paid));
        return new DeployPlan(Scope, SerialOf(paid),
            // The agent's settings come first: from then on it orders nothing.
            [
                PlannedFile.Text(SettingsFile, Document(settings).ToJson() + "\n", OwnerOnly),
                PlannedFile.Text($"{folder}/{CertificateStore.Chain}", paid.ChainPem, OwnerOnly), PlannedFile.Text($"{folder}/{CertificateStore.Key}", paid.KeyPem.Reveal(), OwnerOnly, secret: true),
            ],
            // The front door of earlier versions reads the other names. `current` comes last: everything that it leads to stands then.
            [new PlannedLink($"{folder}/server.crt", CertificateStore.Chain), new PlannedLink($"{folder}/server.key", CertificateStore.Key), link],
            [
                new PlannedCommand("reload", "front door told of its certificate", Template.Fill(Template.Read("host/bought"), new Dictionary<string, string> { ["serial"] = link.Target }) + Template.Read("host/reload"), link.Path),
                NoUnit,
            ],
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
        if (acme.Challenge == AcmeChallenge.Dns01 && settings.Domain.Dynamic is { } dynamic) files.Add(PlannedFile.Text($"{Settings}/dns.key", dynamic.Key.Reveal(), OwnerOnly, secret: true));
        files.Add(PlannedFile.Text(SettingsFile, (Document(settings) with { Authority = Authority(settings, acme) }).ToJson() + "\n", OwnerOnly));
        string[] ordered = [.. files.Select(f => f.Path).Where(p => p != Tool)];
        return new DeployPlan(Scope, "acme", files.ToImmutable(), [],
        [
            // Where the products run already, the agent may have taken the settings up before this, and be at it.
            new PlannedCommand("order", "certificate ordered", $"{Tool} renew --wait 900 --settings {SettingsFile}\n{(again is null ? "" : $"# {again}\n")}", ordered),
            NoUnit,
        ], [Folder + "/"]);
    }

    /// <summary>What both kinds have. The proof is asked for as the host reaches the proxy; the service has another way (compose.yaml).</summary>
    private static AgentDocument Document(StackSettings settings) => new() { Store = Folder, Names = [settings.Domain.Name], Proof = "127.0.0.1:443" };

    private static AuthorityDocument Authority(StackSettings settings, AcmeCertificate acme) => new()
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
        Dns = acme.Challenge == AcmeChallenge.Http01 ? null : Zone(settings),
    };

    /// <summary>With a cloud's own DNS there is no key: the machine's identity is what writes.</summary>
    private static DnsDocument Zone(StackSettings settings) => settings.Domain is { Dynamic: { } server, Zone: var zone }
        ? new() { Provider = SettingNames.Of(settings.Domain.Provider), Zone = zone, Server = server.Server, Port = server.Port, KeyName = server.KeyName, KeyAlgorithm = server.Algorithm, KeyFile = "dns.key" }
        : new()
        {
            Provider = SettingNames.Of(settings.Domain.Provider), Zone = settings.Domain.Zone, ZoneId = settings.Domain.ZoneId,
            Account = settings.Domain.Provider == DnsProvider.Route53 ? null : settings.Machine.Account, Region = settings.Domain.Provider == DnsProvider.Route53 ? settings.Machine.Region : null,
        };
}
