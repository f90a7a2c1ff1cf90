using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Gcp.Compute;
using Pulumi.Gcp.Compute.Inputs;

namespace Provisioner.Cloud.Gcp;

/// <summary>The data disk: apart from the machine, so that a machine may go and the data stays; with snapshots of its own. Google encrypts every disk; whose key it is may be chosen.</summary>
internal sealed class GcpDisk
{
    /// <summary>Names the disk on the machine, whatever the order of devices.</summary>
    public const string DeviceName = "appliance-data";

    public Disk Data { get; }
    public DataDiskPath Path { get; } = DataDiskPath.Gcp(DeviceName);

    public GcpDisk(Site site)
    {
        var disk = site.Settings.Storage.Disk;
        var options = site.Kept();
        options.IgnoreChanges.AddRange(["zone", "diskEncryptionKey"]);     // chosen once: either would mean another, empty disk
        var arguments = new DiskArgs
        {
            Zone = site.Settings.Machine.AvailabilityZone!,
            Type = disk.Kind == StorageKind.HyperdiskBalanced ? "hyperdisk-balanced" : "pd-ssd",
            Size = disk.SizeGib,
            ProvisionedIops = Optional.Of(disk.Iops),
            ProvisionedThroughput = Optional.Of(disk.ThroughputMib),
        };
        if (Key(site) is { } key) arguments.DiskEncryptionKey = key;
        Data = new Disk(site.Named("data"), arguments, options);
        if (site.Settings.Snapshots.EveryHours > 0) Snapshots(site, site.Settings.Snapshots);
    }

    public static DiskDiskEncryptionKeyArgs? Key(Site site) =>
        site.Settings.Storage.Disk.KeyId is { } key ? new DiskDiskEncryptionKeyArgs { KmsKeySelfLink = key } : null;

    private void Snapshots(Site site, SnapshotSettings snapshots)
    {
        var schedule = snapshots.EveryHours == 24
            ? new ResourcePolicySnapshotSchedulePolicyScheduleArgs
            {
                DailySchedule = new ResourcePolicySnapshotSchedulePolicyScheduleDailyScheduleArgs { DaysInCycle = 1, StartTime = $"{snapshots.At:HH}:00" },
            }
            : new ResourcePolicySnapshotSchedulePolicyScheduleArgs
            {
                HourlySchedule = new ResourcePolicySnapshotSchedulePolicyScheduleHourlyScheduleArgs { HoursInCycle = snapshots.EveryHours, StartTime = $"{snapshots.At:HH}:00" },
            };
        var policy = new ResourcePolicy(site.Named("snapshots"), new ResourcePolicyArgs
        {
            Region = site.Settings.Machine.Region,
            Description = $"Snapshots of the data disk of {site.Name}",
            SnapshotSchedulePolicy = new ResourcePolicySnapshotSchedulePolicyArgs
            {
                Schedule = schedule,
                RetentionPolicy = new ResourcePolicySnapshotSchedulePolicyRetentionPolicyArgs
                {
                    MaxRetentionDays = snapshots.KeepDays, OnSourceDiskDelete = "KEEP_AUTO_SNAPSHOTS",
                },
            },
        }, site.Part());
        var moved = site.Part();
        moved.DeleteBeforeReplace = true;       // a disk has one schedule at a time
        _ = new DiskResourcePolicyAttachment(site.Named("snapshots"), new DiskResourcePolicyAttachmentArgs
        {
            Disk = Data.Name, Name = policy.Name, Zone = site.Settings.Machine.AvailabilityZone!,
        }, moved);
    }
}
