using System.Collections.Immutable;
using System.Net;
using Provisioner.Certificates.Bought;
using Provisioner.Delivery.Releases;

namespace Provisioner.Delivery.Settings;

/// <summary>
/// The whole configuration of one stack, judged: every value here has passed <see cref="SettingsJudge"/>, alone and together with the others.
/// What each key means stands in stacks/README.md.
/// </summary>
public sealed record StackSettings
{
    /// <summary>Name of the stack, such as "acme".</summary>
    public required string Stack { get; init; }
    public required HostingMode Mode { get; init; }
    public required MachineSettings Machine { get; init; }
    public required StorageSettings Storage { get; init; }
    public required DomainSettings Domain { get; init; }
    public required CertificateSettings Certificate { get; init; }
    public required NetworkSettings Network { get; init; }
    public required AccessSettings Access { get; init; }
    public required ReleaseSettings Release { get; init; }
    public required AlertSettings Alerts { get; init; }
    public required SnapshotSettings Snapshots { get; init; }
    public required ProtectionSettings Protection { get; init; }
    /// <summary>Null: the trial of 14 days.</summary>
    public Secret? Licence { get; init; }
    /// <summary>Null: users are kept by the appliance itself. Never null in <see cref="HostingMode.Flosum"/>.</summary>
    public IdentitySettings? Identity { get; init; }
    /// <summary>Not null exactly in <see cref="HostingMode.Flosum"/>.</summary>
    public FleetSettings? Fleet { get; init; }
    /// <summary>The user's own tags. Those by which a fleet is counted are added by the program.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Short for <c>Machine.Cloud</c>.</summary>
    public Cloud Cloud => Machine.Cloud;

    /// <summary>The same where the cloud has made and named the bucket that they leave to it.</summary>
    /// <param name="made">Name of the bucket; null while it is not known, as in the first preview.</param>
    public StackSettings WithBucket(string? made) =>
        Storage.S3 is { Bucket: null } s3 ? this with { Storage = Storage with { S3 = s3 with { Bucket = made } } } : this;
}

/// <summary>Customer: the customer's account and domain. Flosum: the vendor's AWS account, one stack a customer.</summary>
public enum HostingMode { Customer, Flosum }

/// <summary>Host: a machine that stands already; nothing is created.</summary>
public enum Cloud { Aws, Azure, Gcp, Host }

/// <summary>What the virtual machine is made of. On <see cref="Cloud.Host"/> only <see cref="Cloud"/> says anything.</summary>
public sealed record MachineSettings(Cloud Cloud)
{
    /// <summary>Such as "eu-central-1"; empty on <see cref="Cloud.Host"/>.</summary>
    public string Region { get; init; } = "";
    /// <summary>AWS: account number. Azure: subscription id. GCP: project id (never null there). Guards against the wrong account.</summary>
    public string? Account { get; init; }
    /// <summary>AWS "eu-central-1a", Azure "1", GCP "europe-west3-a". Null on AWS: the program takes the first of the region. Never null on GCP.</summary>
    public string? AvailabilityZone { get; init; }
    /// <summary>Null exactly on <see cref="Cloud.Host"/>.</summary>
    public MachineSize? Size { get; init; }
    /// <summary>Size of the system's disk in GiB.</summary>
    public int RootDiskGib { get; init; }
    /// <summary>A pinned image (AWS "ami-…", Azure "publisher:offer:sku:version", GCP image path). Null: the program looks the newest Ubuntu LTS up once.</summary>
    public string? Image { get; init; }
}

/// <summary>One row of the size table.</summary>
/// <param name="Vcpus">Virtual processors.</param>
/// <param name="MemoryGib">Memory in GiB.</param>
public sealed record MachineSize(Cloud Cloud, string Name, int Vcpus, double MemoryGib);

/// <summary>Where the vaults live. The data disk is there always: it holds the database, and the vaults too unless <see cref="S3"/> is set.</summary>
public sealed record StorageSettings(StorageKind Kind, DataDisk Disk)
{
    /// <summary>Not null exactly for <see cref="StorageKind.S3"/>.</summary>
    public S3Settings? S3 { get; init; }
}

/// <summary>What the user chose as storage.</summary>
public enum StorageKind { Gp2, Gp3, S3, PremiumSsd, PremiumSsdV2, PdSsd, HyperdiskBalanced, Disk }

/// <summary>The separate, protected volume.</summary>
/// <param name="Kind">Never S3: with S3 it is a gp3 volume on AWS, and <see cref="StorageKind.Disk"/> on a host.</param>
/// <param name="SizeGib">GiB; 0 on <see cref="Cloud.Host"/>, where the disk is there already.</param>
/// <param name="Iops">Null: the kind's baseline.</param>
/// <param name="ThroughputMib">MiB/s (Azure: MB/s). Null: the kind's baseline.</param>
/// <param name="KeyId">AWS: KMS key ARN. Azure: disk encryption set id. GCP: KMS key name. Null: a key that the cloud keeps.</param>
/// <param name="Device">Only on <see cref="Cloud.Host"/>: the disk's stable path under /dev/disk, or null when the folder /srv/appliance is used as it is.</param>
public sealed record DataDisk(StorageKind Kind, int SizeGib, int? Iops, int? ThroughputMib, string? KeyId, string? Device);

/// <param name="Bucket">Name of the bucket. Null: the program makes one and names it after the stack.</param>
/// <param name="Prefix">Ends with "/", or empty. The machine's role reaches nothing outside it.</param>
/// <param name="ObjectLockDays">Null: no object lock.</param>
/// <param name="KeyId">ARN of the KMS key for the objects; null: AWS's own key.</param>
/// <param name="Endpoint">An S3-compatible service of the customer's. Null: AWS.</param>
/// <param name="AccessKey">Null: the machine's role.</param>
/// <param name="Region">Region of the bucket; the stack's own unless told otherwise.</param>
public sealed record S3Settings(
    string? Bucket, string Prefix, int? ObjectLockDays, string? KeyId, Uri? Endpoint, string? AccessKey, Secret? SecretKey, string Region)
{
    public bool CreatesBucket => Bucket is null;
}

/// <param name="Name">The appliance's own name, such as "backup.example.org"; lower case, without the last dot.</param>
/// <param name="Zone">The DNS zone that covers it. Null exactly with <see cref="DnsProvider.None"/>.</param>
/// <param name="ZoneId">Route 53 hosted zone id; Azure: resource group of the zone (never null there); GCP: name of the managed zone (never null there).</param>
public sealed record DomainSettings(string Name, DnsProvider Provider, string? Zone, string? ZoneId)
{
    /// <summary>Not null exactly with <see cref="DnsProvider.Rfc2136"/>.</summary>
    public DynamicDns? Dynamic { get; init; }
    /// <summary>The resolver that the pre-flight asks. Null: it walks down from the root servers.</summary>
    public IPEndPoint? Resolver { get; init; }
    public string Url => $"https://{Name}";
}

/// <summary>Who writes the records. None: the user does, by hand.</summary>
public enum DnsProvider { None, Route53, AzureDns, CloudDns, Rfc2136 }

/// <summary>A name server that takes signed updates (RFC 2136, TSIG).</summary>
public sealed record DynamicDns(string Server, int Port, string KeyName, string Algorithm, Secret Key);

/// <summary>Where the certificate comes from: <see cref="AcmeCertificate"/> or <see cref="PaidCertificate"/>.</summary>
public abstract record CertificateSettings;

/// <param name="Directory">Address of the CA's directory.</param>
/// <param name="LetsEncrypt">Chosen as "letsencrypt": the rehearsal against its staging directory is possible.</param>
/// <param name="Profile">A certificate profile of the CA, such as "shortlived". Null: the CA's default.</param>
/// <param name="RootPem">Root certificates of a private CA, for the directory's own TLS. Null: the machine's trust store.</param>
public sealed record AcmeCertificate(
    Uri Directory, bool LetsEncrypt, AcmeChallenge Challenge, string? ContactEmail, string? Profile, ExternalAccount? ExternalAccount, string? RootPem) : CertificateSettings;

public enum AcmeChallenge { Http01, Dns01 }

/// <summary>External account binding (RFC 8555 §7.3.4).</summary>
/// <param name="Key">The HMAC key, base64url, as the CA gave it.</param>
public sealed record ExternalAccount(string KeyId, Secret Key);

/// <summary>A bought certificate, already checked: chain complete, key fits, names cover the domain, dates right.</summary>
/// <param name="ChainPem">The certificate first, then every intermediate in order; no root.</param>
/// <param name="KeyPem">The key, PKCS#8, not encrypted.</param>
public sealed record PaidCertificate(string ChainPem, Secret KeyPem, CertificateFacts Facts) : CertificateSettings;

/// <param name="Mode">Vpn: no public address, DNS-01 only.</param>
/// <param name="Cidr">Of the network that is created; null when an existing one is used, and on <see cref="Cloud.Host"/>.</param>
/// <param name="Existing">A network that stands already.</param>
/// <param name="AllowedCidrs">Who may reach 443 (and 80 where it is open). Public default: everyone, 0.0.0.0/0 and ::/0.</param>
/// <param name="DockerCidr">The range that Docker on the machine takes its networks from; overlaps nothing above.</param>
/// <param name="Ipv6">Also an IPv6 address and an AAAA record (AWS, created networks only).</param>
public sealed record NetworkSettings(
    NetworkMode Mode, IPNetwork? Cidr, ExistingNetwork? Existing, ImmutableArray<IPNetwork> AllowedCidrs, IPNetwork DockerCidr, bool Ipv6)
{
    /// <summary>Flosum: the stack whose outputs networkId and subnetId are used ("organisation/project/stack").</summary>
    public string? SharedStack { get; init; }
}

public enum NetworkMode { Public, Vpn }

/// <param name="NetworkId">AWS "vpc-…", Azure resource id of the virtual network, GCP network path or name.</param>
/// <param name="SubnetId">AWS "subnet-…", Azure resource id of the subnet, GCP subnetwork path or name.</param>
public sealed record ExistingNetwork(string NetworkId, string SubnetId);

/// <summary>How the deployer reaches the machine.</summary>
/// <param name="Via">Ssm: port forwarding through AWS Systems Manager, port 22 opened to nobody.</param>
/// <param name="DeployerCidr">Who may reach port 22. Null: nobody by our rules (Ssm, Host, or a network that allows it by its own).</param>
/// <param name="Login">Name of the login user.</param>
/// <param name="PublicKey">The deployer's public key in OpenSSH's one-line form. Null on <see cref="Cloud.Host"/>, where it is on the machine already.</param>
/// <param name="PrivateKey">Null: the agent's keys.</param>
/// <param name="Address">Only on <see cref="Cloud.Host"/>: IP address or name.</param>
/// <param name="HostKeyFingerprint">"SHA256:…", pinned. Never null on <see cref="Cloud.Host"/>; elsewhere recorded at creation.</param>
public sealed record AccessSettings(
    DeployVia Via, IPNetwork? DeployerCidr, string Login, int Port, string? PublicKey, Secret? PrivateKey, string? Address, string? HostKeyFingerprint);

public enum DeployVia { Ssh, Ssm }

/// <param name="Version">Of Backup &amp; Archive.</param>
/// <param name="DevOpsVersion">Of DevOps, the second product; null: it is not installed.</param>
/// <param name="Registry">Such as "registry.example.org/backup". Null exactly where images are carried.</param>
/// <param name="ArchiveFolder">Folder on the deployer's machine that holds the images. Not null exactly with <see cref="ImageSource.Archive"/>.</param>
public sealed record ReleaseSettings(
    string Version, string? DevOpsVersion, ImageSource Source, string? Registry, string? RegistryUser, Secret? RegistryPassword, string? ArchiveFolder)
{
    /// <summary>Null: images are named by tag. Never null where images are carried; with a registry every image has a digest.</summary>
    public ReleaseManifest? Manifest { get; init; }
    /// <summary>The version that may take the appliance away for some minutes; null: none.</summary>
    public string? DowntimeFor { get; init; }
    /// <summary>Its signature was held against the stack's key.</summary>
    public bool ManifestIsChecked { get; init; }
    /// <summary>Where the appliance looks for word of newer releases, and the public key (base64 of its DER) that they are signed with; null: nobody is asked.</summary>
    public (Uri Url, string Key)? Updates { get; init; }
}

/// <summary>Archive and Engine: carried over SSH, to hosts without a way to a registry.</summary>
public enum ImageSource { Registry, Archive, Engine }

/// <param name="Webhook">Carries a token in its address as a rule: secret.</param>
public sealed record AlertSettings(ImmutableArray<string> Emails, Secret? Webhook);

/// <summary>An OpenID Connect issuer for sign-in; in <see cref="HostingMode.Flosum"/> the vendor's central Global Settings.</summary>
public sealed record IdentitySettings(Uri Issuer, string ClientId, Secret ClientSecret);

/// <summary>Snapshots of the data disk by the cloud.</summary>
/// <param name="EveryHours">0: none. Else 1 to 24, dividing the day.</param>
/// <param name="At">Time of the first one of the day, UTC.</param>
/// <param name="KeepDays">Days that each is kept.</param>
public sealed record SnapshotSettings(int EveryHours, TimeOnly At, int KeepDays);

/// <param name="Destroy">The machine refuses to be terminated and Pulumi to destroy the data.</param>
/// <param name="DestroyData">`pulumi destroy` also wipes the appliance's data on the machine. Never together with <see cref="Destroy"/>.</param>
public sealed record ProtectionSettings(bool Destroy, bool DestroyData);

/// <param name="Customer">The customer's short name, as it stands in tags and in the domain.</param>
/// <param name="Wave">The part of the fleet that takes a version together; 0 is first.</param>
public sealed record FleetSettings(string Customer, int Wave);
