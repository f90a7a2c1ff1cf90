using ExampleStacks;
using PulumiEngine;
using PulumiEngine.Deploying;
using PulumiEngine.Simulation;
using Xunit;

namespace Cloud.Tests;

/// <summary>Nobody loses a machine, its data, its address or its bucket to a change that sounds harmless.</summary>
public sealed class An_innocent_change
{
    private const string NewerImage = "newer image", RenewedCertificate = "renewed certificate", LargerMachine = "larger machine", MoreSpeed = "more IOPS", PinnedImage = "image pinned", Ipv6 = "IPv6 too";

    private static readonly string[] Clouds = ["aws-gp3-customer", "aws-s3-customer", "azure-premium-ssd-v2-customer-vpn", "azure-premium-ssd-customer", "gcp-pd-ssd-customer", "gcp-hyperdisk-customer-vpn"];

    /// <summary>Kinds of disk that take their speed as a setting of its own.</summary>
    private static readonly string[] WithSpeed = ["aws-gp3-customer", "aws-s3-customer", "azure-premium-ssd-v2-customer-vpn", "gcp-hyperdisk-customer-vpn"];

    private static readonly Dictionary<string, (string Key, string? Value)[]> Settings = new()
    {
        ["larger root disk"] = [("rootDiskSize", "128")],
        ["changed tags"] = [("tags", """{"owner":"somebody-else","cost-center":"4712","new":"one"}""")],
        ["new version"] = [("version", "0.2.0")],
        ["changed user data"] = [("dockerCidr", "192.168.224.0/20"), ("sshPublicKey", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2c1dTj0v0l9Gv8pX0bq1n3mYhQe6zVY0m8c1c2d3e4 another@example.org")],
        ["other alert addresses"] = [("alertEmails", """["night@example.org","operations@example.org"]""")],
        ["other snapshots"] = [("snapshotEvery", "6"), ("snapshotKeep", "60")],
        ["protection off"] = [("destroyProtection", "false")],
        ["larger data volume"] = [("storageSize", "2000")],
        [MoreSpeed] = [("storageIops", "7000"), ("storageThroughput", "400")],
        [Ipv6] = [("ipv6", "true")],
        [LargerMachine] = [],
        [PinnedImage] = [],
        [NewerImage] = [],
        [RenewedCertificate] = [],
    };

    public static TheoryData<string, string> Changes => [.. Clouds.SelectMany(cloud => Settings.Keys.Where(change => Offered(cloud, change)).Select(change => (cloud, change)))];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Replaces_and_deletes_nothing_that_matters(string cloud, string change)
    {
        var standing = await ExampleRuns.OfAsync(cloud);
        standing.Up.MustSucceed();
        // These two happen outside of the settings.
        if (change == RenewedCertificate) (await standing.Standing.RefreshAsync(Renewed(standing.Up.Step("certificate").Id))).MustSucceed();
        var preview = (await standing.Standing.PreviewAsync(change == NewerImage ? Newer() : StackUnderTest.Answers(), Changed(cloud, change))).MustSucceed();

        Assert.Empty(preview.Steps.Where(Harms).Select(s => $"{s.Operation} {s.Urn} because of {string.Join(", ", s.Replacing)}"));
        if (change is "larger data volume" or MoreSpeed) Assert.Equal(Operation.Update, preview.Steps.Single(s => s.Type == DataDiskOf(cloud) && s.Name.EndsWith("-data", StringComparison.Ordinal)).Operation);
        if (change is "larger root disk") Assert.Contains(preview.Changes, s => s.Operation == Operation.Update && (s.Name.EndsWith("-machine", StringComparison.Ordinal) || s.Name.EndsWith("-system", StringComparison.Ordinal)));
        if (change is "new version") Assert.Equal(["appliance:index:Certificate", "appliance:index:Installation"], preview.Changes.Where(s => s.Type != "pulumi:pulumi:Stack").Select(s => s.Type).Order(StringComparer.Ordinal));
        if (change is NewerImage or RenewedCertificate) Assert.Empty(preview.Changes.Select(s => $"{s.Operation} {s.Urn}"));
    }

    private static (string Key, string? Value)[] Changed(string cloud, string change) => (change, cloud.Split('-')[0]) switch
    {
        (LargerMachine, "aws") => [("size", "r5n.2xlarge")],
        (LargerMachine, "azure") => [("size", "Standard_E8s_v5")],
        (LargerMachine, _) => [("size", cloud.Contains("hyperdisk", StringComparison.Ordinal) ? "n4-highmem-16" : "n2-highmem-8")],
        (PinnedImage, "aws") => [("machineImage", "ami-0123456789abcdef0")],
        (PinnedImage, "azure") => [("machineImage", "Canonical:ubuntu-24_04-lts:server:24.04.202611010")],
        (PinnedImage, _) => [("machineImage", "projects/ubuntu-os-cloud/global/images/ubuntu-2404-noble-amd64-v20261115")],
        _ => Settings[change],
    };

    private static bool Offered(string cloud, string change) => change switch
    {
        MoreSpeed => WithSpeed.Contains(cloud),
        Ipv6 => cloud.StartsWith("aws", StringComparison.Ordinal),
        _ => true,
    };

    private static Simulated Newer() => StackUnderTest.Answers()
        .Function("aws:ssm/getParameter:getParameter", _ => new { insecureValue = "ami-0ffffffffffffffff", value = "ami-0ffffffffffffffff" })
        .Function("gcp:compute/getImage:getImage", _ => new { selfLink = "projects/ubuntu-os-cloud/global/images/newer", id = "newer", name = "newer" });

    private static Simulated Renewed(string certificate) => StackUnderTest.Answers().Existing("appliance:index:Certificate", certificate, new Dictionary<string, object>
    {
        ["names"] = new[] { "backup.example.org" }, ["issuer"] = "CN=Simulated CA", ["serial"] = "0BB7", ["notAfter"] = "2027-04-01T00:00:00Z", ["hostKeyFingerprint"] = "SHA256:c2ltdWxhdGVk",
    });

    private static string DataDiskOf(string cloud) => cloud.Split('-')[0] switch { "aws" => "aws:ebs/volume:Volume", "azure" => "azure:compute/managedDisk:ManagedDisk", _ => "gcp:compute/disk:Disk" };

    /// <summary>A resource that carries the machine, its data, its name or its address, and what they stand in.</summary>
    private static bool Harms(Step step) => step.Operation is Operation.Replace or Operation.Delete && step.Type.Split(':')[^1] is
        "Instance" or "LinuxVirtualMachine" or "Volume" or "ManagedDisk" or "Disk" or "Eip" or "EipAssociation" or "PublicIp" or "Address" or "Bucket" or "Key" or "VolumeAttachment" or "DataDiskAttachment"
        or "AttachedDisk" or "Vpc" or "Subnet" or "Subnetwork" or "Network" or "VirtualNetwork" or "ResourceGroup" or "NetworkInterface" or "Record" or "ARecord" or "RecordSet" or "BackupVault";
}
