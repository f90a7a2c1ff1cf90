// The one table of all keys; longer than other files because it is the data from which parsing, the page and the schema come.
using System.Collections.Immutable;

namespace Provisioner.Delivery.Settings;

/// <summary>Every key, in the order of the page.</summary>
internal static class SettingKeys
{
    private static readonly string[] Clouds = ["aws", "azure", "gcp"];
    private static readonly Where OnClouds = new("cloud", Clouds);
    private static readonly Where OnHost = new("cloud", "host");
    private static readonly Where ByAcme = new("certificate", "letsencrypt", "acme");
    private static readonly Where ByS3 = new("storage", "s3");
    private static readonly Where Bought = new("certificate", "paid");
    private static readonly Where Flosum = new("mode", "flosum");
    private static readonly Form ShortName = new(null, "[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", "lower-case letters, digits and inner hyphens, at most 32");
    private static readonly Form Version = new(null, @"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,5}(-[0-9A-Za-z.-]{1,40})?", "a version such as 1.4.0");

    public static readonly ImmutableArray<SettingKey> All =
    [
        .. Chapter("The stack",
            new("mode", SettingKind.Choice, "Who hosts: the customer in an account of their own, or the vendor for a customer.")
            { Choices = ["customer", "flosum"], Required = [], Example = "customer" },
            new("cloud", SettingKind.Choice, "Where the machine stands. `host` takes a machine that is there already and creates nothing.")
            { Choices = ["aws", "azure", "gcp", "host"], Required = [], Example = "aws" },
            new("region", SettingKind.Text, "The cloud's region.")
            { Only = [OnClouds], Required = [OnClouds], Example = "eu-central-1" },
            new("account", SettingKind.Text, "The account this stack may touch, as a guard against the wrong one. AWS account number, Azure subscription, GCP project.")
            {
                Only = [OnClouds], Required = [new("cloud", "gcp")], Example = "123456789012",
                Forms = [
                    new("aws", "[0-9]{12}", "twelve digits"),
                    new("azure", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "a subscription id: 8-4-4-4-12 lower-case hexadecimal digits"),
                    new("gcp", "[a-z][a-z0-9-]{4,28}[a-z0-9]", "a project id: 6 to 30 lower-case letters, digits and hyphens, beginning with a letter")],
            },
            new("availabilityZone", SettingKind.Text, "The zone within the region. AWS takes its first one when none is named.")
            {
                Only = [OnClouds], Required = [new("cloud", "gcp")], Example = "eu-central-1a",
                Forms = [new("aws", "[a-z]{2}(-[a-z]+)+-[0-9][a-z]", "a zone such as eu-central-1a"), new("azure", "[1-3]", "1, 2 or 3"),
                    new("gcp", "[a-z]+-[a-z]+[0-9]+-[a-f]", "a zone such as europe-west3-a")],
            }),
        .. Chapter("Machine",
            new("size", SettingKind.Text, "Size of the machine: x64, at least 4 vCPU and 32 GB, not burstable.")
            {
                Only = [OnClouds], Example = "r5n.xlarge",
                DefaultByCloud = Table(("aws", "r5n.xlarge"), ("azure", "Standard_E4s_v5"), ("gcp", "n2-highmem-4")),
            },
            new("rootDiskSize", SettingKind.Whole, "Size of the system's disk. Data never lives there.")
            { Only = [OnClouds], Default = "64", Range = (32, 1024), Unit = "GiB" },
            new("machineImage", SettingKind.Text, "A pinned system image. Without it the newest Ubuntu LTS is looked up once, and later runs keep what was found.")
            {
                Only = [OnClouds], Example = "ami-0123456789abcdef0",
                Forms = [new("aws", "ami-[0-9a-f]{8,17}", "an image id such as ami-0123456789abcdef0"),
                    new("azure", @"[\w.-]+:[\w.-]+:[\w.-]+:[\w.-]+", "publisher:offer:sku:version"),
                    new("gcp", "(projects/[a-z0-9-]+/global/images/(family/)?)?[a-z0-9-]+", "an image path such as projects/ubuntu-os-cloud/global/images/NAME")],
            }),
        .. Chapter("Storage",
            new("storage", SettingKind.Choice, "Where the backups live. AWS: gp2, gp3, s3. Azure: premium-ssd, premium-ssd-v2. GCP: pd-ssd, hyperdisk-balanced. Host: disk, s3. S3 is not offered on Azure and GCP.")
            { Choices = ["gp2", "gp3", "s3", "premium-ssd", "premium-ssd-v2", "pd-ssd", "hyperdisk-balanced", "disk"], Required = [], Example = "gp3" },
            new("storageSize", SettingKind.Whole, "Size of the data volume, which also holds the database. It may grow later, online; it never shrinks. Required unless storage is s3 (then 100).")
            { Only = [OnClouds], Default = "100", Range = (50, 65536), Unit = "GiB", Required = [OnClouds, new("storage", "gp2", "gp3", "premium-ssd", "premium-ssd-v2", "pd-ssd", "hyperdisk-balanced")], Example = "500" },
            new("storageIops", SettingKind.Whole, "I/O operations a second of the data volume. Without it: the kind's baseline.")
            { Only = [OnClouds, new("storage", "gp3", "s3", "premium-ssd-v2", "hyperdisk-balanced")], Range = (3000, 160000), Example = "6000" },
            new("storageThroughput", SettingKind.Whole, "Throughput of the data volume. Without it: the kind's baseline.")
            { Only = [OnClouds, new("storage", "gp3", "s3", "premium-ssd-v2", "hyperdisk-balanced")], Range = (125, 2400), Unit = "MiB/s", Example = "250" },
            new("storageKey", SettingKind.Text, "The customer's own key for the disks. Without it they are encrypted by a key that the cloud keeps.")
            {
                Only = [OnClouds], Example = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555",
                Forms = [KmsKey with { Cloud = "aws" },
                    new("azure", "/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.Compute/diskEncryptionSets/[^/]+", "the resource id of a disk encryption set"),
                    new("gcp", "projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+", "a key path projects/…/locations/…/keyRings/…/cryptoKeys/…")],
            },
            new("storageDevice", SettingKind.Text, "The data disk of an existing machine, by a path that does not depend on the order of devices. Without it /srv/appliance is used as it is.")
            { Only = [OnHost], Forms = [new(null, "/dev/(disk/by-id|disk/by-uuid|mapper)/[A-Za-z0-9._:+-]+", "a path below /dev/disk/by-id, /dev/disk/by-uuid or /dev/mapper")], Example = "/dev/disk/by-id/scsi-36000c29f1d9b" },
            new("s3Bucket", SettingKind.Text, "An existing bucket. Without it one is created: versioned, encrypted, private.")
            { Only = [ByS3], Example = "acme-salesforce-backup" },
            new("s3Prefix", SettingKind.Text, "Part of the bucket that this stack uses, ending with /. The machine's role reaches nothing else.")
            { Only = [ByS3], Forms = [new(null, "([A-Za-z0-9_-][A-Za-z0-9._-]*/){1,8}", "folder names of letters, digits, . _ -, each followed by /")], Example = "backup/" },
            new("s3Region", SettingKind.Text, "Region of an existing bucket; without it the stack's own. Required on a host without s3Endpoint.")
            { Only = [ByS3], Example = "eu-central-1" },
            new("s3ObjectLockDays", SettingKind.Whole, "What is written cannot be deleted for so long, by nobody. Erasing a person then works by destroying keys. Only for a bucket that is created here.")
            { Only = [ByS3, new("cloud", "aws")], Range = (1, 36500), Unit = "days", Example = "30" },
            new("s3Key", SettingKind.Text, "KMS key for the objects; without it AWS's own.")
            { Only = [ByS3, new("cloud", "aws")], Forms = [KmsKey], Example = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555" },
            new("s3Endpoint", SettingKind.Https, "An S3-compatible service of the customer's own.")
            { Only = [ByS3], Example = "https://s3.storage.example.org" },
            new("s3AccessKey", SettingKind.Text, "Access key; on AWS without it the machine's role is used.")
            { Only = [ByS3], Forms = [new(null, "[A-Za-z0-9_.-]{3,128}", "3 to 128 letters, digits, _ . -")], Required = [ByS3, OnHost], Example = "backup-writer" },
            new("s3SecretKey", SettingKind.Text, "Secret key to s3AccessKey.") { Only = [ByS3], Secret = true, Required = [ByS3, OnHost] }),
        .. Chapter("Name",
            new("domain", SettingKind.DomainName, "The appliance's name. It must be registered before the first `pulumi up`.")
            { Required = [], Example = "backup.example.org" },
            new("dnsProvider", SettingKind.Choice, "Who writes the DNS records. `none`: you do, before installing.")
            {
                Choices = ["none", "route53", "azure-dns", "cloud-dns", "rfc2136"],
                DefaultByCloud = Table(("aws", "route53"), ("azure", "azure-dns"), ("gcp", "cloud-dns"), ("host", "none")),
            },
            new("dnsZone", SettingKind.DomainName, "The zone that holds the name.")
            { Only = [Zoned], Required = [Zoned], Example = "example.org" },
            new("dnsZoneId", SettingKind.Text, "Route 53: hosted zone id (looked up by name without it). Azure: the zone's resource group. GCP: the managed zone's name.")
            { Only = [new("dnsProvider", "route53", "azure-dns", "cloud-dns")], Required = [new("dnsProvider", "azure-dns", "cloud-dns")], Forms = [new(null, @"[A-Za-z0-9_.()-]{1,90}", "a name without spaces or slashes")], Example = "Z0123456789ABCDEFGHIJ" },
            new("dnsServer", SettingKind.Text, "Name server that takes signed updates: address or name, optionally with :port.")
            { Only = [Signed], Required = [Signed], Example = "ns1.example.org" },
            new("dnsKeyName", SettingKind.DomainName, "Name of the TSIG key.") { Only = [Signed], Required = [Signed], Example = "appliance.example.org" },
            new("dnsKeyAlgorithm", SettingKind.Choice, "Algorithm of the TSIG key.") { Only = [Signed], Choices = ["hmac-sha256", "hmac-sha512"], Default = "hmac-sha256" },
            new("dnsKey", SettingKind.Text, "The TSIG key, base64.") { Only = [Signed], Required = [Signed], Secret = true },
            new("dnsResolver", SettingKind.Resolver, "Resolver that the pre-flight asks, address[:port]. Without it the walk begins at the root servers.") { Example = "10.20.0.2" }),
        .. Chapter("Certificate",
            new("certificate", SettingKind.Choice, "Free from Let's Encrypt, from any ACME authority, or a bought one.")
            { Choices = ["letsencrypt", "acme", "paid"], Default = "letsencrypt" },
            new("acmeDirectory", SettingKind.Https, "The authority's ACME directory.")
            { Only = [new("certificate", "acme")], Required = [new("certificate", "acme")], Example = "https://acme.ca.example.org/directory" },
            new("acmeChallenge", SettingKind.Choice, "How control of the name is proven. http-01 needs port 80 from the internet; dns-01 needs dnsProvider. Without it: http-01, and dns-01 where network is vpn.")
            { Only = [ByAcme], Choices = ["http-01", "dns-01"] },
            new("acmeEmail", SettingKind.Emails, "Contact for the authority.") { Only = [ByAcme], Example = "operations@example.org" },
            new("acmeProfile", SettingKind.Text, "Certificate profile. Let's Encrypt: classic, tlsserver, shortlived (6 days).")
            { Only = [ByAcme], Forms = [new(null, "[A-Za-z0-9_.-]{1,64}", "a name of at most 64 letters, digits, _ . -")], Example = "tlsserver" },
            new("acmeEabKeyId", SettingKind.Text, "Key id of the external account binding.")
            { Only = [new("certificate", "acme")], Forms = [new(null, "[!-~]{1,256}", "printable characters without spaces")], Example = "kid-1" },
            new("acmeEabKey", SettingKind.Text, "HMAC key of the external account binding, base64url.") { Only = [new("certificate", "acme")], Secret = true },
            new("acmeRoot", SettingKind.Text, "Root certificates (PEM) of a private authority, for the TLS of its directory.") { Only = [new("certificate", "acme")] },
            new("certificateChain", SettingKind.Text, "The bought certificate and its intermediates, PEM, the certificate first.") { Only = [Bought] },
            new("certificateKey", SettingKind.Text, "Its private key, PEM.") { Only = [Bought], Secret = true },
            new("certificatePfx", SettingKind.Text, "Chain and key in one PFX file, base64; instead of the two keys above.") { Only = [Bought], Secret = true },
            new("certificatePassword", SettingKind.Text, "Password of the PFX file or of the key.") { Only = [Bought], Secret = true }),
        .. Chapter("Network",
            new("network", SettingKind.Choice, "public: an address of its own, 443 open. vpn: no public address, only allowedCidrs reach it.")
            { Choices = ["public", "vpn"], Default = "public" },
            new("networkCidr", SettingKind.Cidr, "Range of the network that is created.") { Only = [OnClouds, new("network", "public")], Default = "10.80.0.0/24" },
            new("networkId", SettingKind.Text, "An existing network, instead of a new one. Required for vpn unless sharedNetwork names a stack.")
            { Only = [OnClouds], Forms = NetworkForms("vpc-[0-9a-f]{8,17}", "a VPC id such as vpc-0123456789abcdef0", "virtualNetworks/[^/]+", "the resource id of a virtual network", "networks"), Example = "vpc-0123456789abcdef0" },
            new("subnetId", SettingKind.Text, "The subnet of that network.")
            { Only = [OnClouds], Forms = NetworkForms("subnet-[0-9a-f]{8,17}", "a subnet id such as subnet-0123456789abcdef0", "virtualNetworks/[^/]+/subnets/[^/]+", "the resource id of a subnet", "subnetworks"), Example = "subnet-0123456789abcdef0" },
            new("sharedNetwork", SettingKind.Text, "The vendor's network stack, whose outputs networkId and subnetId are used.")
            { Only = [Flosum], Forms = [new(null, @"[\w.-]+/[\w.-]+/[\w.-]+", "organisation/project/stack")], Example = "vendor/network/eu" },
            new("allowedCidrs", SettingKind.Cidrs, "Who may reach the appliance, as a list. Without it everyone may; required for vpn.")
            { Required = [new("network", "vpn")], Example = "[\"10.0.0.0/8\"]" },
            new("dockerCidr", SettingKind.Cidr, "Range for the containers' networks on the machine; it must overlap nothing that the machine talks to.") { Default = "192.168.240.0/20" },
            new("ipv6", SettingKind.Flag, "Also an IPv6 address and an AAAA record.") { Only = [new("cloud", "aws"), new("network", "public")], Default = "false" }),
        .. Chapter("Access for the deployer",
            new("deployVia", SettingKind.Choice, "ssh: port 22 open to deployerAddress alone. ssm: AWS Systems Manager forwards the port, and 22 is open to nobody.")
            { Choices = ["ssh", "ssm"], Default = "ssh", Only = [] },
            new("deployerAddress", SettingKind.AddressOrCidr, "The address from which the deployment comes.")
            { Only = [OnClouds, new("deployVia", "ssh")], Required = [OnClouds, new("deployVia", "ssh")], Example = "198.51.100.7" },
            new("login", SettingKind.Text, "Login user of the machine; it may use sudo without a password.")
            { Default = "ubuntu", Forms = [new(null, "[a-z_][a-z0-9_-]{0,31}", "a Linux user name")] },
            new("sshPublicKey", SettingKind.Text, "The deployer's public key, one line.") { Only = [OnClouds], Required = [OnClouds], Example = "ssh-ed25519 AAAA… deployer" },
            new("sshPrivateKey", SettingKind.Text, "The deployer's private key. Without it the SSH agent is asked.") { Secret = true },
            new("hostAddress", SettingKind.Text, "Address or name of the existing machine.") { Only = [OnHost], Required = [OnHost], Example = "10.20.0.15" },
            new("sshPort", SettingKind.Whole, "SSH port of the existing machine.") { Only = [OnHost], Default = "22", Range = (1, 65535) },
            new("hostKeyFingerprint", SettingKind.Text, "Fingerprint of the existing machine's SSH host key: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on it tells.")
            { Only = [OnHost], Required = [OnHost], Forms = [new(null, "SHA256:[A-Za-z0-9+/]{43}", "SHA256: and 43 characters")], Example = "SHA256:Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE" }),
        .. Chapter("Products",
            new("version", SettingKind.Text, "Version of Backup & Archive.") { Required = [], Forms = [Version], Example = "0.1.0" },
            new("devopsVersion", SettingKind.Text, "Version of DevOps, the second product; without it that is not installed.") { Forms = [Version], Example = "2.3.0" },
            new("downtime", SettingKind.Text, "The version that may take the appliance away for some minutes, because it changes the database's image (docs/release.md).") { Forms = [Version], Example = "0.2.0" },
            new("releaseManifest", SettingKind.Text, "The release, image by image: the JSON that `provisioner release create` wrote (docs/release.md). Images are then named by digest.") { Required = [Carried] },
            new("releaseKey", SettingKind.Text, "Public key (PEM, ECDSA P-256) that must have signed the release manifest."),
            new("updatesUrl", SettingKind.Https, "Where the manifest of the newest release stands, signed by releaseKey: the appliance looks there once a day and tells of a newer one. Without it nobody is asked.") { Example = "https://releases.example.org/appliance.json" },
            new("images", SettingKind.Choice, "Where the container images come from: a registry; or over SSH, from a folder or from the Docker engine of the deployer's machine.")
            { Choices = ["registry", "archive", "engine"], Default = "registry" },
            new("imageRegistry", SettingKind.Text, "The registry, with path, without tag.")
            { Only = [FromRegistry], Required = [FromRegistry], Forms = [new(null, "[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*", "host[:port][/path], lower case, without https:// and without a tag")], Example = "registry.example.org/backup" },
            new("imageRegistryUser", SettingKind.Text, "User of the registry, where it asks for one.") { Only = [FromRegistry], Forms = [new(null, "[!-9;-~]{1,256}", "printable characters without spaces and colons")], Example = "robot" },
            new("imageRegistryPassword", SettingKind.Text, "Password or token of that user.") { Only = [FromRegistry], Secret = true },
            new("imageArchive", SettingKind.Text, "Folder on the deployer's machine with the images of the release, as `provisioner release create --archives` wrote them.")
            { Only = [new("images", "archive")], Required = [new("images", "archive")], Example = "release/0.1.0" },
            new("licence", SettingKind.Text, "Licence key. Without it: the trial of 14 days.") { Secret = true, Forms = [new(null, "[!-~]{20}[!-~]*", "one line of at least 20 characters without spaces")] }),
        .. Chapter("Alerts",
            new("alertEmails", SettingKind.Emails, "Who is told when something fails or a certificate nears its end, as a list.") { Example = "[\"operations@example.org\"]" },
            new("alertWebhook", SettingKind.Https, "A webhook that is told too. Its address carries a token as a rule, so it is a secret.") { Secret = true }),
        .. Chapter("Sign-in",
            new("identityIssuer", SettingKind.Https, "OpenID Connect issuer. With mode flosum: the vendor's Global Settings.") { Required = [Flosum], Example = "https://settings.vendor.example.org" },
            new("identityClientId", SettingKind.Text, "Client id at that issuer.") { Forms = [new(null, "[!-~]{1,256}", "printable characters without spaces")], Required = [Flosum], Example = "acme-backup" },
            new("identityClientSecret", SettingKind.Text, "Client secret.") { Secret = true, Required = [Flosum] }),
        .. Chapter("Snapshots of the data volume",
            new("snapshotEvery", SettingKind.Choice, "Hours between snapshots by the cloud; 0 for none.") { Only = [OnClouds], Choices = ["0", "4", "6", "8", "12", "24"], Default = "24" },
            new("snapshotAt", SettingKind.Time, "Time of the day's first one, UTC.") { Only = [OnClouds], Default = "03:00" },
            new("snapshotKeep", SettingKind.Whole, "How long each is kept.") { Only = [OnClouds], Default = "14", Range = (1, 365), Unit = "days" }),
        .. Chapter("Fleet",
            new("customer", SettingKind.Text, "Short name of the customer; the domain begins with it.") { Only = [Flosum], Required = [Flosum], Forms = [ShortName], Example = "acme" },
            new("wave", SettingKind.Whole, "The part of the fleet that takes a version together; 0 goes first.") { Only = [Flosum], Default = "0", Range = (0, 9) }),
        .. Chapter("Tags and protection",
            new("tags", SettingKind.Map, "Tags (GCP: labels) on everything that is created.") { Only = [OnClouds], Example = "{\"owner\":\"crm-team\",\"cost\":\"4711\"}" },
            new("destroyProtection", SettingKind.Flag, "The machine refuses to be terminated, data volume and bucket to be destroyed.") { Default = "true" },
            new("destroyData", SettingKind.Flag, "`pulumi destroy` also wipes the appliance's data on the machine. Needs destroyProtection false.") { Default = "false" }),
    ];

    public static readonly ImmutableDictionary<string, SettingKey> ByName = All.ToImmutableDictionary(k => k.Name, StringComparer.Ordinal);

    private static Where FromRegistry => new("images", "registry");
    private static Where Carried => new("images", "archive", "engine");
    private static Where Zoned => new("dnsProvider", "route53", "azure-dns", "cloud-dns", "rfc2136");
    private static Where Signed => new("dnsProvider", "rfc2136");
    private static Form KmsKey => new(null, "arn:aws(-[a-z-]+)?:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-zA-Z-]+", "the ARN of a KMS key");

    private static ImmutableArray<Form> NetworkForms(string aws, string awsMeans, string azure, string azureMeans, string gcp) =>
    [
        new("aws", aws, awsMeans),
        new("azure", "/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.Network/" + azure, azureMeans),
        new("gcp", $"(projects/[a-z0-9-]+/(global|regions/[a-z0-9-]+)/{gcp}/)?[a-z]([a-z0-9-]*[a-z0-9])?", $"a name, or a path projects/…/{gcp}/NAME"),
    ];

    private static IEnumerable<SettingKey> Chapter(string name, params SettingKey[] keys) => keys.Select(k => k with { Chapter = name });

    private static ImmutableDictionary<string, string> Table(params (string Cloud, string Value)[] rows) => rows.ToImmutableDictionary(r => r.Cloud, r => r.Value);
}
