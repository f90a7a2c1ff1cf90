using ExampleStacks;
using PulumiEngine.Deploying;
using Xunit;

namespace Cloud.Tests;

public sealed class Destroying_a_stack
{
    /// <summary>What holds data, or what data cannot be read without.</summary>
    private static readonly string[] Kept =
    [
        "aws:ebs/volume:Volume", "aws:s3/bucket:Bucket", "aws:kms/key:Key", "azure:compute/managedDisk:ManagedDisk", "azure:dataprotection/backupVault:BackupVault", "gcp:compute/disk:Disk",
    ];

    public static TheoryData<string> All => Examples.WithUnusual;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Leaves_data_volume_and_bucket_where_they_are(string name)
    {
        var stack = new StackUnderTest(Examples.Named(name));
        (await stack.UpAsync(("destroyProtection", "false"))).MustSucceed();
        var destroy = (await stack.DestroyAsync()).MustSucceed();

        var deleted = destroy.Steps.Where(s => s.Operation == Operation.Delete).ToList();
        // A host that stood before has its disk already; the program makes none.
        if (!name.StartsWith("host-", StringComparison.Ordinal)) Assert.Contains(deleted, s => Kept.Contains(s.Type) && s.Name.EndsWith("-data", StringComparison.Ordinal));
        Assert.All(deleted.Where(s => Kept.Contains(s.Type) && !s.Name.EndsWith("-system", StringComparison.Ordinal)), s => Assert.True(s.Retained, s.Urn));
        Assert.All(deleted.Where(s => s.Type.EndsWith("nstance", StringComparison.Ordinal) || s.Type.EndsWith("LinuxVirtualMachine", StringComparison.Ordinal)), s => Assert.False(s.Retained, s.Urn));
        // The public must stay shut out of a bucket that stays.
        Assert.All(deleted.Where(s => s.Type.StartsWith("aws:s3/", StringComparison.Ordinal)), s => Assert.True(s.Retained, s.Urn));
        Assert.Empty(destroy.State.Resources);
    }
}
