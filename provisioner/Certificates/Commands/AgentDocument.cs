using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Provisioner.Certificates.Acme;
using Provisioner.Certificates.Challenges;
using Provisioner.Certificates.Clouds;
using Provisioner.Certificates.Dns;
using Provisioner.Certificates.Ordering;
using Provisioner.Certificates.Renewal;

namespace Provisioner.Certificates;

/// <summary>settings.json of the agent, as docs/certificates.md has it. Secrets stand in files beside it.</summary>
public sealed record AgentDocument
{
    public string? Store { get; init; }
    public ImmutableArray<string> Names { get; init; } = [];
    /// <summary>Null: bought certificates.</summary>
    public AuthorityDocument? Authority { get; init; }
    public string? Proof { get; init; }
    /// <summary>0: 60. (What the file leaves out is 0 or null here: the generated reader knows no other defaults.)</summary>
    public int ProofSeconds { get; init; } = 60;

    public string ToJson() => JsonSerializer.Serialize(this, Documents.Default.AgentDocument);

    /// <exception cref="CertificateException">The file cannot be read, or says something that cannot be.</exception>
    public static AgentSettings Load(string path, TimeProvider time, ILogger log)
    {
        try
        {
            var document = JsonSerializer.Deserialize(File.ReadAllText(path), Documents.Default.AgentDocument) ?? throw new JsonException("it is empty");
            if (document.Store is not { } store || !Path.IsPathRooted(store)) throw Wrong("store", "is no absolute path");
            if (document.Names.IsDefaultOrEmpty || document.Names.Any(n => Uri.CheckHostName(n.Replace("*.", "", StringComparison.Ordinal)) != UriHostNameType.Dns)) throw Wrong("names", "names no host");
            if (document.Proof is { } proof && !(proof.LastIndexOf(':') is > 0 and var colon && int.TryParse(proof[(colon + 1)..], out var port) && port is > 0 and < 65536)) throw Wrong("proof", "is no host:port");
            return new AgentSettings(store, document.Names, document.Authority?.Load(Path.GetDirectoryName(Path.GetFullPath(path))!, time, log), document.Proof, TimeSpan.FromSeconds(document.ProofSeconds > 0 ? document.ProofSeconds : 60));
        }
        catch (Exception broken) when (broken is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(FailureKind.Operator, $"The settings, {path}, cannot be read: {broken.Message.TrimEnd('.')}.", "Deploy again, or give --settings.", broken);
        }
    }

    internal static CertificateException Wrong(string key, string why) => new(FailureKind.Operator, $"In the settings, {key} {why}.", "The deployer writes this file: deploy again. docs/certificates.md tells its form.");
}

/// <summary>The part about the authority.</summary>
public sealed record AuthorityDocument
{
    public Uri? Directory { get; init; }
    public Uri? Rehearsal { get; init; }
    /// <summary>File beside the settings with root certificates for the authority's own TLS.</summary>
    public string? RootFile { get; init; }
    public string AccountKey { get; init; } = Acme.AccountKey.Es256;
    public string CertificateKey { get; init; } = "ECDSA P-256";
    public string? Email { get; init; }
    public string? Profile { get; init; }
    public string? ExternalKeyId { get; init; }
    public string? ExternalKeyFile { get; init; }
    /// <summary>http-01 or dns-01.</summary>
    public string Challenge { get; init; } = "http-01";
    /// <summary>http-01: each address:port to answer on while a challenge stands.</summary>
    public ImmutableArray<string> Listen { get; init; } = [];
    /// <summary>http-01: what a proxy serves /.well-known/acme-challenge/ from.</summary>
    public string? Folder { get; init; }
    public DnsDocument? Dns { get; init; }

    internal AuthoritySettings Load(string folder, TimeProvider time, ILogger log)
    {
        if (Directory is null) throw AgentDocument.Wrong("authority.directory", "is missing");
        var (accountKey, certificateKey) = (AccountKey ?? Acme.AccountKey.Es256, CertificateKey ?? "ECDSA P-256");
        if (accountKey is not (Acme.AccountKey.Es256 or Acme.AccountKey.Rs256)) throw AgentDocument.Wrong("authority.accountKey", "is neither ES256 nor RS256");
        if (certificateKey is not ("ECDSA P-256" or "RSA 2048")) throw AgentDocument.Wrong("authority.certificateKey", "is neither ECDSA P-256 nor RSA 2048");
        var binding = ExternalKeyId is null ? null : new ExternalBinding(ExternalKeyId, Secret(folder, ExternalKeyFile ?? throw AgentDocument.Wrong("authority.externalKeyFile", "is missing")));
        IChallengeSolver solver = (Challenge ?? "http-01") switch
        {
            "http-01" when !Listen.IsDefaultOrEmpty || Folder is not null => new HttpSolver([.. Listen.Select(l => IPEndPoint.TryParse(l, out var listen) ? listen : throw AgentDocument.Wrong("authority.listen", "holds what is no address:port"))], Folder),
            "http-01" => throw AgentDocument.Wrong("authority.listen", "is missing, and so is authority.folder"),
            "dns-01" => new DnsSolver((Dns ?? throw AgentDocument.Wrong("authority.dns", "is missing")).Load(folder, time), log),
            _ => throw AgentDocument.Wrong("authority.challenge", "is neither http-01 nor dns-01"),
        };
        return new AuthoritySettings(Directory, Rehearsal, new AccountSettings(accountKey, Email, binding), Profile, certificateKey, solver, Client(RootFile is null ? null : File.ReadAllText(Path.Combine(folder, RootFile))));
    }

    internal static string Secret(string folder, string file) => File.ReadAllText(Path.Combine(folder, file)).Trim();

    /// <param name="roots">PEM; null: what the machine trusts.</param>
    private static HttpClient Client(string? roots)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15), PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false };
        if (roots is not null)
        {
            var trusted = new X509Certificate2Collection();
            try
            {
                trusted.ImportFromPem(roots);
            }
            catch (CryptographicException)
            {
                throw AgentDocument.Wrong("authority.rootFile", "holds no certificates");
            }
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
    }
}

/// <summary>The zone in which proofs by DNS are written.</summary>
public sealed record DnsDocument
{
    /// <summary>rfc2136, route53, azure-dns or cloud-dns.</summary>
    public string? Provider { get; init; }
    public string? Zone { get; init; }
    /// <summary>route53: the hosted zone's id, looked up by name without it. azure-dns: the zone's resource group. cloud-dns: Google's name of the zone.</summary>
    public string? ZoneId { get; init; }
    /// <summary>azure-dns: the subscription (the machine's without it). cloud-dns: the project.</summary>
    public string? Account { get; init; }
    /// <summary>route53: the machine's; it tells the partition.</summary>
    public string? Region { get; init; }
    /// <summary>Other addresses of the cloud's API and of its metadata service than the usual ones.</summary>
    public Uri? Endpoint { get; init; }
    public Uri? Metadata { get; init; }
    public string? Server { get; init; }
    public int Port { get; init; } = 53;
    public string? KeyName { get; init; }
    public string KeyAlgorithm { get; init; } = "hmac-sha256";
    public string? KeyFile { get; init; }

    internal IDnsZone Load(string folder, TimeProvider time) => Provider switch
    {
        "rfc2136" => new DynamicZone(new DynamicServer(Need(Server, "server"), DnsPort, Need(KeyName, "keyName"), KeyAlgorithm ?? "hmac-sha256", AuthorityDocument.Secret(folder, Need(KeyFile, "keyFile"))), Need(Zone, "zone"), time),
        "route53" => new Route53Zone(Api(), Machine(), Need(Zone, "zone"), ZoneId, Region ?? "", Endpoint, time),
        "azure-dns" => new AzureZone(Api(), Machine(), Account, Need(ZoneId, "zoneId"), Need(Zone, "zone"), Endpoint, new ZoneServers(time, DnsPort)),
        "cloud-dns" => new CloudDnsZone(Api(), Machine(), Need(Account, "account"), Need(ZoneId, "zoneId"), Need(Zone, "zone"), Endpoint, new ZoneServers(time, DnsPort), time),
        _ => throw AgentDocument.Wrong("authority.dns.provider", $"'{Provider}' is not known"),
    };

    private int DnsPort => Port > 0 ? Port : 53;

    private static HttpClient Api() => new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15), AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(30) };

    private MetadataService Machine() => new(new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }), Metadata ?? MetadataService.Usual);

    private static string Need(string? value, string key) => value ?? throw AgentDocument.Wrong($"authority.dns.{key}", "is missing");
}
