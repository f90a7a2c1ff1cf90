using System.Collections.Immutable;

namespace Provisioner.Delivery.Settings;

/// <summary>How the values of a choice are written in a stack's file.</summary>
public static class SettingNames
{
    private static readonly ImmutableDictionary<string, StorageKind> Kinds = new Dictionary<string, StorageKind>
    {
        ["gp2"] = StorageKind.Gp2, ["gp3"] = StorageKind.Gp3, ["s3"] = StorageKind.S3,
        ["premium-ssd"] = StorageKind.PremiumSsd, ["premium-ssd-v2"] = StorageKind.PremiumSsdV2,
        ["pd-ssd"] = StorageKind.PdSsd, ["hyperdisk-balanced"] = StorageKind.HyperdiskBalanced, ["disk"] = StorageKind.Disk,
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private static readonly ImmutableDictionary<StorageKind, string> Names = Kinds.ToImmutableDictionary(k => k.Value, k => k.Key);

    public static string Of(StorageKind kind) => Names[kind];

    public static string Of(Cloud cloud) => cloud switch { Cloud.Aws => "aws", Cloud.Azure => "azure", Cloud.Gcp => "gcp", Cloud.Host => "host" };

    internal static StorageKind ReadStorage(string name) => Kinds[name];

    internal static Cloud ReadCloud(string name) =>
        name switch { "aws" => Cloud.Aws, "azure" => Cloud.Azure, "gcp" => Cloud.Gcp, _ => Cloud.Host };

    internal static string Of(DnsProvider provider) => provider switch
    {
        DnsProvider.None => "none", DnsProvider.Route53 => "route53", DnsProvider.AzureDns => "azure-dns", DnsProvider.CloudDns => "cloud-dns", DnsProvider.Rfc2136 => "rfc2136",
    };

    internal static DnsProvider ReadDns(string name) => name switch
    {
        "route53" => DnsProvider.Route53, "azure-dns" => DnsProvider.AzureDns, "cloud-dns" => DnsProvider.CloudDns, "rfc2136" => DnsProvider.Rfc2136, _ => DnsProvider.None,
    };
}
