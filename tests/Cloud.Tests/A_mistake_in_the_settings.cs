using ExampleStacks;
using PulumiEngine;
using Xunit;

namespace Cloud.Tests;

/// <summary>What each mistake is called is Delivery.Tests' affair; here: that the program stops at it before anything at all is registered.</summary>
public sealed class A_mistake_in_the_settings
{
    private const string Aws = "aws-gp3-customer", Vpn = "aws-gp3-customer-vpn", S3 = "aws-s3-customer", Flosum = "aws-gp3-flosum", Bought = "aws-gp2-customer", Azure = "azure-premium-ssd-customer",
        AzureV2 = "azure-premium-ssd-v2-customer-vpn", Gcp = "gcp-pd-ssd-customer", Hyperdisk = "gcp-hyperdisk-customer-vpn", Host = "host-disk-customer", HostS3 = "host-s3-customer-vpn";

    // example | key that is told | words of the message | key=value;key=value (value "-" takes the key away)
    [Theory]
    [InlineData(Aws, "size", "m5.2xlarge", "size=m5.large")]
    [InlineData(Aws, "size", "burstable", "size=t3.2xlarge")]
    [InlineData(Aws, "size", "ARM", "size=r7g.xlarge")]
    [InlineData(Azure, "size", "Standard_D8s_v5", "size=Standard_D4s_v5")]
    [InlineData(Gcp, "size", "n2-standard-8", "size=n2-standard-4")]
    [InlineData(Hyperdisk, "size", "hyperdisk", "size=n2-highmem-4")]
    [InlineData(Aws, "region", "no such region", "region=eu-nowhere-1")]
    [InlineData(Gcp, "region", "no such region", "region=europe-west33")]
    [InlineData(Aws, "availabilityZone", "not in the region", "availabilityZone=us-east-1a")]
    [InlineData(Azure, "availabilityZone", "not 1, 2 or 3", "availabilityZone=a")]
    [InlineData(Aws, "account", "twelve digits", "account=1234")]
    [InlineData(Gcp, "account", "needed", "account=-")]
    [InlineData(Azure, "storage", "S3 is offered on AWS", "storage=s3")]
    [InlineData(Gcp, "storage", "S3 is offered on AWS", "storage=s3")]
    [InlineData(Aws, "storage", "does not exist on aws", "storage=premium-ssd")]
    [InlineData(Aws, "storageSize", "outside", "storageSize=10")]
    [InlineData(Aws, "storageIops", "3000 to 80000", "storageSize=1000;storageIops=90000")]
    [InlineData(Bought, "storageIops", "no meaning here", "storageIops=6000")]
    [InlineData(Aws, "storageThroughput", "every 4 IOPS", "storageIops=3000;storageThroughput=1000")]
    [InlineData(AzureV2, "availabilityZone", "in a zone only", "availabilityZone=-")]
    [InlineData(S3, "s3Bucket", "cannot be the name", "s3Bucket=My_Bucket;s3ObjectLockDays=-")]
    [InlineData(S3, "s3ObjectLockDays", "stands already", "s3Bucket=standing-bucket")]
    [InlineData(S3, "s3Endpoint", "not encrypted", "s3Endpoint=http://s3.storage.example.org")]
    [InlineData(HostS3, "s3Bucket", "created on AWS only", "s3Bucket=-")]
    [InlineData(Host, "storageDevice", "/dev/disk", "storageDevice=/dev/sdb")]
    [InlineData(Gcp, "domain", "only one part", "domain=backup")]
    [InlineData(Aws, "domain", "cannot be registered", "domain=backup.acme.local;dnsZone=acme.local")]
    [InlineData(Aws, "domain", "wildcard", "domain=*.example.org")]
    [InlineData(Aws, "dnsZone", "not in this zone", "dnsZone=example.com")]
    [InlineData(Aws, "dnsProvider", "no identity", "dnsProvider=azure-dns;dnsZoneId=dns")]
    [InlineData(Vpn, "acmeChallenge", "no public address", "acmeChallenge=http-01")]
    [InlineData(Aws, "acmeProfile", "no such profile", "acmeProfile=forever")]
    [InlineData(Aws, "certificate", "no such choice", "certificate=self-signed")]
    [InlineData(Bought, "certificateChain", "missing", "certificateChain=-")]
    [InlineData(Aws, "networkCidr", "no address range", "networkCidr=10.80.0.0/40")]
    [InlineData(Aws, "networkCidr", "not a private", "networkCidr=8.8.8.0/24")]
    [InlineData(Aws, "networkCidr", "overlaps dockerCidr", "networkCidr=192.168.0.0/16")]
    [InlineData(Vpn, "allowedCidrs", "not private", "allowedCidrs=0.0.0.0/0")]
    [InlineData(Vpn, "networkId", "your own network only", "networkId=-;subnetId=-")]
    [InlineData(Aws, "deployerAddress", "open to far more", "deployerAddress=0.0.0.0/0")]
    [InlineData(Azure, "deployVia", "AWS's", "deployVia=ssm;deployerAddress=-")]
    [InlineData(Aws, "sshPublicKey", "DSA", "sshPublicKey=ssh-dss AAAAB3NzaC1kc3M=")]
    [InlineData(Host, "hostKeyFingerprint", "43 characters", "hostKeyFingerprint=MD5:00")]
    [InlineData(Aws, "version", "not a version", "version=latest")]
    [InlineData(Aws, "alertEmails", "no e-mail address", "alertEmails=[\"nobody\"]")]
    [InlineData(Flosum, "customer", "missing", "customer=-")]
    [InlineData(Flosum, "identityIssuer", "missing", "identityIssuer=-")]
    [InlineData(Aws, "destroyData", "wiped and protected", "destroyData=true")]
    [InlineData(Aws, "snapshotEvery", "no such choice", "snapshotEvery=5")]
    [InlineData(Aws, "tags", "belong to AWS", "tags={\"aws:owner\":\"x\"}")]
    [InlineData(Aws, "licence", "secret", "licence=A-LICENCE-IN-CLEAR")]
    [InlineData(Aws, "storagesize", "storageSize", "storagesize=500")]
    public async Task Stops_the_program_before_anything_is_registered(string example, string key, string words, string changes) =>
        Refused(await new StackUnderTest(ExampleStack.Named(example)).PreviewAsync(Change.Of(changes)), key, words);

    [Fact]
    public async Task Stops_it_too_in_a_bought_certificate()
    {
        var stack = ExampleStack.Named(Bought);
        var domain = stack.Input.Values["appliance:domain"];
        var authority = new TestAuthority("Other");
        var expired = authority.Issue([domain], authority.Now.AddDays(-400), authority.Now.AddDays(-3));
        Refused(await Preview(expired.ChainPem, expired.KeyPem), "certificateChain", "expired");
        Refused(await Preview(authority.Issue([domain]).ChainPem, authority.Issue([domain]).KeyPem), "certificateKey", "does not belong");
        var another = authority.Issue(["another.example.com"]);
        Refused(await Preview(another.ChainPem, another.KeyPem), "certificateChain", "another.example.com");

        Task<EngineResult> Preview(string chain, string key) => new StackUnderTest(stack).PreviewAsync(("certificateChain", chain), ("certificateKey", key));
    }

    [Fact]
    public async Task Comes_with_all_the_others_at_once()
    {
        var preview = await new StackUnderTest(ExampleStack.Named(Aws)).PreviewAsync(("size", "m5.large"), ("storageIops", "999999"), ("alertEmails", """["nobody"]"""));
        var told = Assert.Single(preview.Errors);
        Assert.Contains("3 mistakes", told, StringComparison.Ordinal);
        Assert.All(new[] { "appliance:size", "appliance:storageIops", "appliance:alertEmails" }, key => Assert.Contains(key, told, StringComparison.Ordinal));
    }

    /// <summary>As Pulumi starts it: the exit code says "the user knows already", and no stack trace is shown.</summary>
    [Fact]
    public async Task Is_told_once_by_the_program_as_a_process()
    {
        var preview = await new StackUnderTest(ExampleStack.Named(Aws)).Engine([("size", "m5.large")], "mistake-size", asProcess: true).PreviewAsync();
        Refused(preview, "size", "m5.2xlarge");
        Assert.Single(preview.Errors);
        Assert.Empty(preview.Output);
        Assert.Empty(Registration.Of(preview.RecordingPath!).Select(r => r.ToString()));
    }

    private static void Refused(EngineResult preview, string key, string words)
    {
        Assert.False(preview.Succeeded);
        Assert.Equal(32, preview.ExitCode);
        var told = Assert.Single(preview.Errors);
        Assert.Contains("nothing was created", told, StringComparison.Ordinal);
        Assert.True(told.Split('\n').Any(l => l.Contains($"appliance:{key}", StringComparison.Ordinal) && l.Contains(words, StringComparison.OrdinalIgnoreCase)), told);
        Assert.Empty(preview.Steps.Select(s => s.Urn));
    }
}
