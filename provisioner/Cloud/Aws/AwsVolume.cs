using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Aws.Dlm;
using Pulumi.Aws.Dlm.Inputs;
using Pulumi.Aws.Ebs;
using Pulumi.Aws.Iam;

namespace Provisioner.Cloud.Aws;

/// <summary>The data volume: apart from the machine, so that a machine may go and the data stays; with snapshots of its own.</summary>
internal sealed class AwsVolume
{
    private const string SnapshotTag = "appliance-snapshots";

    public Volume Data { get; }
    /// <summary>The path by the volume's own id: the order of devices changes between starts.</summary>
    public Output<DataDiskPath> Path => Data.Id.Apply(DataDiskPath.Aws);

    public AwsVolume(Site site, AwsKey key, AwsNetwork network)
    {
        var disk = site.Settings.Storage.Disk;
        var options = site.Kept();
        options.IgnoreChanges.AddRange(["availabilityZone", "encrypted", "kmsKeyId"]);     // chosen once: each would mean another, empty volume
        Data = new Volume(site.Named("data"), new VolumeArgs
        {
            AvailabilityZone = network.AvailabilityZone,
            Type = disk.Kind == StorageKind.Gp2 ? "gp2" : "gp3",
            Size = disk.SizeGib,
            Iops = Optional.Of(disk.Iops),
            Throughput = Optional.Of(disk.ThroughputMib),
            Encrypted = true,
            KmsKeyId = key.VolumeKey,
            Tags = { { "Name", site.Named("data") }, { SnapshotTag, site.Settings.Stack } },
        }, options);
        if (site.Settings.Snapshots.EveryHours > 0) Snapshots(site, site.Settings.Snapshots);
    }

    private static void Snapshots(Site site, SnapshotSettings snapshots)
    {
        var role = new Role(site.Named("snapshots"), new RoleArgs { AssumeRolePolicy = AwsPolicy.TakenBy("dlm.amazonaws.com") }, site.Part());
        var allowed = new RolePolicyAttachment(site.Named("snapshots"), new RolePolicyAttachmentArgs
        {
            Role = role.Name,
            PolicyArn = $"arn:{AwsPolicy.Partition(site.Settings.Machine.Region)}:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole",
        }, site.Part());
        _ = new LifecyclePolicy(site.Named("snapshots"), new LifecyclePolicyArgs
        {
            Description = $"Snapshots of the data volume of {site.Name}",
            ExecutionRoleArn = role.Arn,
            State = "ENABLED",
            PolicyDetails = new LifecyclePolicyPolicyDetailsArgs
            {
                ResourceTypes = { "VOLUME" },
                TargetTags = { { SnapshotTag, site.Settings.Stack } },
                Schedules =
                {
                    new LifecyclePolicyPolicyDetailsScheduleArgs
                    {
                        Name = $"every {snapshots.EveryHours} hours, kept {snapshots.KeepDays} days",
                        CreateRule = new LifecyclePolicyPolicyDetailsScheduleCreateRuleArgs
                        {
                            Interval = snapshots.EveryHours, IntervalUnit = "HOURS", Times = $"{snapshots.At:HH\\:mm}",
                        },
                        RetainRule = new LifecyclePolicyPolicyDetailsScheduleRetainRuleArgs
                        {
                            Count = Math.Min(1000, snapshots.KeepDays * 24 / snapshots.EveryHours),    // 1000 is the service's own limit
                        },
                        CopyTags = true,
                    },
                },
            },
        }, site.Part(allowed));
    }
}
