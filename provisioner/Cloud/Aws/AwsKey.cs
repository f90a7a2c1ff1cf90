using Pulumi;
using Pulumi.Aws;
using Pulumi.Aws.Kms;

namespace Provisioner.Cloud.Aws;

/// <summary>
/// The key under which disks, bucket and alarms stand. The customer's own where one is named, else one of this stack's; that one outlives the stack as
/// the data does, because what it locked would be lost with it.
/// </summary>
internal sealed class AwsKey
{
    public Output<string> VolumeKey { get; }
    /// <summary>Null where the objects are not locked by a key that we know: no bucket of ours, and none named.</summary>
    public Output<string>? BucketKey { get; }
    /// <summary>Only our own key's policy lets CloudWatch send through a topic locked by it; null when there is none of ours: an alarm tells nothing secret.</summary>
    public Output<string>? AlarmKey { get; }

    public AwsKey(Site site)
    {
        var storage = site.Settings.Storage;
        var own = storage.Disk.KeyId is null || storage.S3 is { KeyId: null, CreatesBucket: true } ? Create(site) : null;
        VolumeKey = storage.Disk.KeyId is { } disk ? Output.Create(disk) : own!.Arn;
        BucketKey = storage.S3 switch
        {
            { KeyId: { } bucket } => Output.Create(bucket),
            { CreatesBucket: true } => own!.Arn,
            _ => null,
        };
        AlarmKey = own?.Arn;
    }

    private static Key Create(Site site)
    {
        var partition = AwsPolicy.Partition(site.Settings.Machine.Region);
        var account = GetCallerIdentity.Invoke(options: site.Lookup).Apply(caller => caller.AccountId);
        var key = new Key(site.Named("key"), new KeyArgs
        {
            Description = $"Disks, bucket and alarms of the appliance {site.Settings.Stack}",
            EnableKeyRotation = true,
            DeletionWindowInDays = 30,
            Policy = account.Apply(id => AwsPolicy.Document(
                AwsPolicy.Allow(["kms:*"], "*").For("AWS", $"arn:{partition}:iam::{id}:root"),
                AwsPolicy.Allow(["kms:Decrypt", "kms:GenerateDataKey*"], "*").For("Service", "cloudwatch.amazonaws.com"))),
        }, site.Kept());
        _ = new Pulumi.Aws.Kms.Alias(site.Named("key"), new AliasArgs { Name = $"alias/appliance-{site.Name}", TargetKeyId = key.KeyId }, site.Part());
        return key;
    }
}
