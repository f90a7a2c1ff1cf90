using ExampleStacks;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Delivery.Tests;

/// <summary>Each case changes a good stack in one way; the mistake must be told under this key, with these words, and with a remedy.</summary>
public sealed class A_bad_setting
{
    private const string Aws = "aws-gp3-customer", Vpn = "aws-gp3-customer-vpn", S3 = "aws-s3-customer", Flosum = "aws-gp3-flosum", Azure = "azure-premium-ssd-customer", AzureV2 = "azure-premium-ssd-v2-customer-vpn",
        Gcp = "gcp-pd-ssd-customer", Hyperdisk = "gcp-hyperdisk-customer-vpn", Host = "host-disk-customer", HostS3 = "host-s3-customer-vpn", Eab = "aws-s3-customer-vpn";
    private const string RsaOf1024 = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7vbqajDhA+17RRqQWUHvAoPnMi4kuFHV+8DDUH8J0dS8K0zyO4tG1tFcMIw4qBCu+xq1c1Zq3j3Q1z5zj5c5RZQkC0w4NxvUQ4G5oDqX7Z0FQ9mYpZcHk6hQm2C5wq0K8y3n5eGQ7u5yX0o1vJ4h0m9m0q8n0vS4d0k1bVwYF8Q==";

    // example | key that is told | words of the mistake | key=value;key=value (value "-" takes the key away)
    [Theory]
    [InlineData(Azure, "storage", "S3 is offered on AWS", "storage=s3")]
    [InlineData(Gcp, "storage", "S3 is offered on AWS", "storage=s3")]
    [InlineData(Azure, "storage", "does not exist on azure", "storage=gp3")]
    [InlineData(Gcp, "storage", "does not exist on gcp", "storage=premium-ssd")]
    [InlineData(Aws, "storage", "does not exist on aws", "storage=disk")]
    [InlineData(Aws, "storage", "no such choice", "storage=glacier")]
    [InlineData(Aws, "size", "2 vCPU and 8 GB", "size=m5.large")]
    [InlineData(Azure, "size", "4 vCPU and 16 GB", "size=Standard_D4s_v5")]
    [InlineData(Gcp, "size", "4 vCPU and 26 GB", "size=n1-highmem-4")]
    [InlineData(Aws, "size", "burstable", "size=t3.2xlarge")]
    [InlineData(Aws, "size", "ARM", "size=r7g.xlarge")]
    [InlineData(Aws, "size", "does not know", "size=r5n.huge")]
    [InlineData(Azure, "size", "no premium disks", "size=Standard_E8_v5")]
    [InlineData(Hyperdisk, "size", "take no hyperdisk-balanced disk", "size=n2-highmem-4")]
    [InlineData(Aws, "region", "aws has no such region", "region=eu-centrall-1")]
    [InlineData(Aws, "region", "a region of azure", "region=westeurope")]
    [InlineData(Gcp, "region", "gcp has no such region", "region=europe-west33")]
    [InlineData(Aws, "availabilityZone", "not in the region", "availabilityZone=us-east-1a")]
    [InlineData(Azure, "availabilityZone", "not 1, 2 or 3", "availabilityZone=a")]
    [InlineData(Gcp, "account", "needed where cloud is gcp", "account=-")]
    [InlineData(Aws, "account", "not twelve digits", "account=1234")]
    [InlineData(AzureV2, "availabilityZone", "machines in a zone only", "availabilityZone=-")]
    [InlineData(Aws, "storageSize", "outside 50 to 65536", "storageSize=10")]
    [InlineData(Aws, "storageSize", "no whole number", "storageSize=500GB")]
    [InlineData("aws-gp2-customer", "storageSize", "at most 16384", "storageSize=20000")]
    [InlineData(Aws, "storageSize", "it is needed where", "storageSize=-")]
    [InlineData(Aws, "storageIops", "at most 500 IOPS for each GiB", "storageSize=100;storageIops=60000")]
    [InlineData(Aws, "storageIops", "3000 to 80000", "storageSize=1000;storageIops=90000")]
    [InlineData("aws-gp2-customer", "storageIops", "no meaning here", "storageIops=6000")]
    [InlineData(Aws, "storageThroughput", "1 MiB/s for every 4 IOPS", "storageIops=3000;storageThroughput=1000")]
    [InlineData(Hyperdisk, "storageThroughput", "140 to 2400", "storageThroughput=130")]
    [InlineData(AzureV2, "storageThroughput", "125 to 1200", "storageIops=80000;storageSize=4000;storageThroughput=1300")]
    [InlineData(Aws, "storageKey", "ARN of a KMS key", "storageKey=alias/mine")]
    [InlineData(Host, "storageDevice", "a path below /dev/disk", "storageDevice=/dev/sdb")]
    [InlineData(S3, "s3Bucket", "dot in its name", "s3Bucket=my.bucket;s3ObjectLockDays=-")]
    [InlineData(S3, "s3Bucket", "cannot be the name", "s3Bucket=My_Bucket;s3ObjectLockDays=-")]
    [InlineData(S3, "s3ObjectLockDays", "stands already", "s3Bucket=standing-bucket")]
    [InlineData(S3, "s3Prefix", "followed by /", "s3Prefix=/backup")]
    [InlineData(S3, "s3AccessKey", "machine's role", "s3Endpoint=https://s3.storage.example.org;s3Bucket=some-bucket;s3ObjectLockDays=-;s3Key=-")]
    [InlineData(S3, "s3Endpoint", "not encrypted", "s3Endpoint=http://s3.storage.example.org")]
    [InlineData(HostS3, "s3Bucket", "created on AWS only", "s3Bucket=-")]
    [InlineData(HostS3, "s3Region", "where the bucket is", "s3Endpoint=-")]
    [InlineData(Aws, "s3Bucket", "belongs where storage is s3", "s3Bucket=some-bucket")]
    [InlineData(Aws, "domain", "only one part", "domain=backup")]
    [InlineData(Aws, "domain", "is an address, not a name", "domain=https://backup.example.org/")]
    [InlineData(Aws, "domain", "cannot be registered", "domain=backup.acme.local")]
    [InlineData(Aws, "domain", "cannot be registered", "domain=backup.acme.internal")]
    [InlineData(Aws, "domain", "suffix under which", "domain=co.uk;dnsZone=co.uk")]
    [InlineData(Aws, "domain", "xn--bcher-kva.example.org", "domain=bücher.example.org")]
    [InlineData(Aws, "domain", "wildcard", "domain=*.example.org")]
    [InlineData(Aws, "domain", "It is an address", "domain=203.0.113.7")]
    [InlineData(Aws, "domain", "cannot be part of a name", "domain=back_up.example.org")]
    [InlineData(Aws, "dnsZone", "not in this zone", "dnsZone=example.com")]
    [InlineData(Aws, "dnsZone", "not in this zone", "domain=backup.notexample.org")]
    [InlineData(Aws, "dnsProvider", "no identity", "dnsProvider=azure-dns;dnsZoneId=dns")]
    [InlineData(Azure, "dnsZoneId", "it is needed where", "dnsZoneId=-")]
    [InlineData(HostS3, "dnsServer", "port", "dnsServer=ns1.example.org:70000")]
    [InlineData(HostS3, "dnsResolver", "no address of a resolver", "dnsResolver=resolver.example.org")]
    [InlineData(Aws, "acmeChallenge", "no such choice", "acmeChallenge=tls-alpn-01")]
    [InlineData(Vpn, "acmeChallenge", "no public address", "acmeChallenge=http-01")]
    [InlineData(Vpn, "dnsProvider", "nobody is named", "dnsProvider=none;dnsZone=-;dnsZoneId=-")]
    [InlineData(Aws, "acmeProfile", "has no such profile", "acmeProfile=forever")]
    [InlineData(Aws, "acmeDirectory", "no meaning here", "acmeDirectory=https://acme.example.org/directory")]
    [InlineData(Eab, "acmeDirectory", "not encrypted", "acmeDirectory=http://acme.ca.example.org/directory")]
    [InlineData(Eab, "acmeDirectory", "missing", "acmeDirectory=-")]
    [InlineData(Eab, "acmeEabKeyId", "missing", "acmeEabKeyId=-")]
    [InlineData(Eab, "acmeRoot", "no PEM certificate", "acmeRoot=root.pem")]
    [InlineData("aws-gp2-customer", "certificateKey", "missing", "certificateKey=-")]
    [InlineData("aws-gp2-customer", "certificateChain", "missing", "certificateChain=-")]
    [InlineData(Aws, "networkCidr", "no address range", "networkCidr=10.80.0.0")]
    [InlineData(Aws, "networkCidr", "The network is 10.80.0.0/16", "networkCidr=10.80.1.0/16")]
    [InlineData(Aws, "networkCidr", "no address range", "networkCidr=10.80.0.0/40")]
    [InlineData(Aws, "networkCidr", "not a private", "networkCidr=8.8.8.0/24")]
    [InlineData(Aws, "networkCidr", "overlaps dockerCidr", "networkCidr=192.168.0.0/16")]
    [InlineData(Aws, "networkCidr", "/16 to /27", "networkCidr=10.0.0.0/8")]
    [InlineData(Vpn, "allowedCidrs", "overlaps dockerCidr", "allowedCidrs=192.168.0.0/16")]
    [InlineData(Vpn, "allowedCidrs", "within another range", "allowedCidrs=[\"10.0.0.0/8\",\"10.20.0.0/16\"]")]
    [InlineData(Vpn, "allowedCidrs", "stands there twice", "allowedCidrs=10.20.0.0/16,10.20.0.0/16")]
    [InlineData(Vpn, "allowedCidrs", "not private", "allowedCidrs=0.0.0.0/0")]
    [InlineData(Vpn, "allowedCidrs", "it is needed where network is vpn", "allowedCidrs=-")]
    [InlineData(Aws, "allowedCidrs", "overlaps networkCidr", "allowedCidrs=10.80.0.0/16")]
    [InlineData(Aws, "dockerCidr", "too little room", "dockerCidr=192.168.1.0/28")]
    [InlineData(Vpn, "networkId", "your own network only", "networkId=-;subnetId=-")]
    [InlineData(Vpn, "subnetId", "missing", "subnetId=-")]
    [InlineData(AzureV2, "subnetId", "no subnet of networkId", "subnetId=/subscriptions/1/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/other/subnets/a")]
    [InlineData(Aws, "sharedNetwork", "belongs where mode is flosum", "sharedNetwork=vendor/network/eu")]
    [InlineData(Aws, "deployerAddress", "open to far more", "deployerAddress=0.0.0.0/0")]
    [InlineData(Aws, "deployerAddress", "IPv4 address", "deployerAddress=2001:db8::7")]
    [InlineData(Azure, "allowedCidrs", "nobody could come in", "allowedCidrs=2001:db8:7::/48")]
    [InlineData(Aws, "deployerAddress", "missing", "deployerAddress=-")]
    [InlineData(Aws, "deployerAddress", "no address range", "deployerAddress=198.51.100.300")]
    [InlineData(Azure, "deployVia", "AWS's", "deployVia=ssm;deployerAddress=-")]
    [InlineData(Aws, "sshPublicKey", "DSA", "sshPublicKey=ssh-dss AAAAB3NzaC1kc3M=")]
    [InlineData(Aws, "sshPublicKey", "1024 bits", "sshPublicKey=" + RsaOf1024)]
    [InlineData(Aws, "sshPublicKey", "cut", "sshPublicKey=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPxU")]
    [InlineData(Aws, "sshPublicKey", "no OpenSSH public key", "sshPublicKey=id_ed25519.pub")]
    [InlineData(Host, "hostKeyFingerprint", "43 characters", "hostKeyFingerprint=MD5:12:34")]
    [InlineData(Host, "hostKeyFingerprint", "missing", "hostKeyFingerprint=-")]
    [InlineData(Host, "hostAddress", "missing", "hostAddress=-")]
    [InlineData(Host, "region", "belongs where cloud is", "region=eu-central-1")]
    [InlineData(Aws, "login", "Linux user name", "login=Root!")]
    [InlineData(Aws, "version", "not a version", "version=latest")]
    [InlineData(Aws, "imageRegistry", "without a tag", "imageRegistry=https://registry.example.org/backup:1")]
    [InlineData(Aws, "imageRegistry", "missing", "imageRegistry=-")]
    [InlineData(Aws, "imageRegistryPassword", "missing", "imageRegistryUser=robot")]
    [InlineData(HostS3, "imageArchive", "missing", "imageArchive=-")]
    [InlineData(Aws, "alertEmails", "no e-mail address", "alertEmails=[\"ops@@example.org\"]")]
    [InlineData(Aws, "alertEmails", "no e-mail address", "alertEmails=ops@localhost")]
    [InlineData(Flosum, "identityIssuer", "missing", "identityIssuer=-")]
    [InlineData(Flosum, "customer", "missing", "customer=-")]
    [InlineData(Flosum, "domain", "does not begin with the customer", "domain=backup.vendor.example.org.example.org;dnsZone=example.org")]
    [InlineData(Flosum, "wave", "outside 0 to 9", "wave=12")]
    [InlineData("gcp-pd-ssd-customer", "mode", "on AWS only", "mode=flosum;customer=backup")]
    [InlineData(Aws, "snapshotEvery", "no such choice", "snapshotEvery=5")]
    [InlineData(Aws, "snapshotAt", "no time of day", "snapshotAt=3 am")]
    [InlineData(Aws, "snapshotKeep", "at most 1000", "snapshotEvery=4;snapshotKeep=365")]
    [InlineData(Aws, "tags", "belong to AWS", "tags={\"aws:owner\":\"x\"}")]
    [InlineData(Gcp, "tags", "GCP takes labels", "tags={\"Owner\":\"CRM\"}")]
    [InlineData(Aws, "tags", "no map", "tags=owner")]
    [InlineData(Aws, "tags", "program's own", "tags={\"appliance:stack\":\"x\"}")]
    [InlineData(Aws, "destroyData", "wiped and protected", "destroyData=true")]
    [InlineData(Aws, "destroyProtection", "neither true nor false", "destroyProtection=yes")]
    [InlineData(Aws, "ipv6", "created network", "networkId=vpc-0123456789abcdef0;subnetId=subnet-0123456789abcdef0")]
    [InlineData(Aws, "mode", "missing", "mode=-")]
    [InlineData(Aws, "cloud", "no such choice", "cloud=oracle")]
    [InlineData(Aws, "size", "empty", "size= ")]
    public void Is_told_with_its_reason_and_a_remedy(string example, string key, string words, string changes)
    {
        var stack = ExampleStack.Named(example).With([.. changes.Split(';').Select(c => c.Split('=', 2)).Select(c => (c[0], c[1] == "-" ? null : c[1]))]);
        var verdict = SettingsJudge.Judge(stack.Input, DateTimeOffset.UtcNow);
        Assert.Null(verdict.Settings);
        var told = verdict.Mistakes.Where(m => m.Key == "appliance:" + key).ToList();
        Assert.True(told.Exists(m => m.ToString().Contains(words, StringComparison.OrdinalIgnoreCase)), verdict.ToString());
        Assert.All(told, m => Assert.EndsWith(".", m.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("licence", "ABCD-EFGH-IJKL-MNOP-QRST-UVWX")]
    [InlineData("alertWebhook", "https://hooks.example.org/T000/B000/verysecrettoken")]
    [InlineData("sshPrivateKey", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----")]
    public void Is_a_secret_that_stands_in_clear(string key, string value)
    {
        var mistake = Assert.Single(SettingsJudge.Judge(ExampleStack.Named(Aws).With((key, value)).Input, DateTimeOffset.UtcNow).Mistakes);
        Assert.Equal(("appliance:" + key, "[secret]"), (mistake.Key, mistake.Value));
        Assert.Contains("in clear", mistake.Reason, StringComparison.Ordinal);
        Assert.Contains("--secret", mistake.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("storagesize", "storageSize")]
    [InlineData("licenseKey", "stacks/README.md")]
    [InlineData("dnszone", "dnsZone")]
    public void Is_a_key_that_does_not_exist(string key, string hint)
    {
        var mistake = Assert.Single(SettingsJudge.Judge(ExampleStack.Named(Aws).With((key, "verysecret")).Input, DateTimeOffset.UtcNow).Mistakes);
        Assert.Contains(hint, mistake.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("verysecret", mistake.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Is_a_private_key_where_the_public_one_belongs_and_is_not_shown()
    {
        var text = SettingsJudge.Judge(ExampleStack.Named(Aws).With(("sshPublicKey", TestAuthority.For("x.example.org").KeyPem)).Input, DateTimeOffset.UtcNow).ToString();
        Assert.Contains("private key", text, StringComparison.Ordinal);
        Assert.DoesNotContain(TestAuthority.For("x.example.org").KeyPem.Split('\n')[1], text, StringComparison.Ordinal);
    }
}
