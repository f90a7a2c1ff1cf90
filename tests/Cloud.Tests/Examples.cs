using ExampleStacks;
using Xunit;

namespace Cloud.Tests;

/// <summary>Every file in stacks/, so that a new one is tested by being there; and stacks that no file shows, because somebody will combine it so.</summary>
internal static class Examples
{
    private const string Key = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555", Network = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub";

    /// <summary>As long as Pulumi takes, with letters that clouds do not.</summary>
    private const string LongName = "Acme.Corp_of-the-Very-Long-Name-that-goes-on-and-on-until-no-cloud-takes-it";

    public static TheoryData<string> All => [.. ExampleStack.All.Select(s => s.Name)];

    public static TheoryData<string> WithUnusual => [.. ExampleStack.All.Concat(Unusual).Select(s => s.Name)];

    public static ExampleStack Named(string name) => ExampleStack.All.Concat(Unusual).Single(s => s.Name == name);

    /// <summary>A stack with another name.</summary>
    public static ExampleStack Called(ExampleStack stack, string name) => stack with { Name = name, Input = stack.Input with { Stack = name } };

    private static IReadOnlyList<ExampleStack> Unusual { get; } =
    [
        Like("odd-aws-s3-flosum-bought", "aws-s3-flosum", $"certificate=paid;acmeProfile=-;sharedNetwork=-;networkId=vpc-0123456789abcdef0;subnetId=subnet-0123456789abcdef0;certificateChain={Bought.ChainPem}", ("certificateKey", Bought.KeyPem)),
        Like("odd-aws-s3-own-bucket", "aws-s3-customer", "s3Bucket=acme-vaults;s3Region=us-east-1;s3ObjectLockDays=-;s3Key=-"),
        Like("odd-aws-s3-other-service", "aws-s3-customer", "s3Bucket=acme-vaults;s3Endpoint=https://s3.storage.example.org;s3AccessKey=backup-writer;s3ObjectLockDays=-;s3Key=-", ("s3SecretKey", "test-secret-key-of-another-service")),
        Like("odd-aws-nobody-told", "aws-gp3-customer", $"alertEmails=-;snapshotEvery=0;storageKey={Key};ipv6=false;availabilityZone=eu-central-1b;dnsProvider=none;dnsZone=-;dnsZoneId=-"),
        Like("odd-aws-guests", "aws-gp3-customer", """allowedCidrs=["203.0.113.0/24","2001:db8:7::/48"];ipv6=true"""),
        Like("odd-aws-government", "aws-gp3-customer", "region=us-gov-west-1;availabilityZone=-;dnsProvider=none;dnsZone=-;dnsZoneId=-;ipv6=false"),
        Like("odd-azure-key-and-zone", "azure-premium-ssd-customer",
            "storageKey=/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/backup;availabilityZone=2;snapshotEvery=6;acmeChallenge=dns-01"),
        Like("odd-azure-by-hand", "azure-premium-ssd-customer", $"dnsProvider=none;dnsZone=-;dnsZoneId=-;alertEmails=-;networkId={Network};subnetId={Network}/subnets/backup;networkCidr=-"),
        Like("odd-gcp-key", "gcp-pd-ssd-customer", "storageKey=projects/acme/locations/europe-west3/keyRings/backup/cryptoKeys/disks;snapshotEvery=4;alertEmails=-;acmeChallenge=dns-01", ("licence", "TEST-LICENCE-4444-5555-6666-7777")),
        Called(Like("odd", "aws-s3-customer", ""), $"{LongName}-aws"),
        Called(Like("odd", "azure-premium-ssd-customer", ""), $"{LongName}-azure"),
        Called(Like("odd", "gcp-pd-ssd-customer", ""), $"{LongName}-gcp"),
    ];

    private static IssuedCertificate Bought => TestAuthority.For("acme.backup.vendor.example.org");

    private static ExampleStack Like(string name, string example, string changes, params (string Key, string Value)[] secrets)
    {
        var stack = Called(ExampleStack.Named(example).With([.. Change.Of(changes), .. secrets.Select(s => (s.Key, (string?)s.Value))]), name);
        return stack with { Input = stack.Input with { SecretKeys = stack.Input.SecretKeys.Union(secrets.Select(s => $"appliance:{s.Key}")).ToHashSet() } };
    }
}
