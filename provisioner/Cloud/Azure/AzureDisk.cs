using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Azure.Authorization;
using Pulumi.Azure.Compute;
using Pulumi.Azure.DataProtection;
using Pulumi.Azure.DataProtection.Inputs;

namespace Provisioner.Cloud.Azure;

/// <summary>The data disk: apart from the machine, in the group that stays, with snapshots of its own. Azure encrypts every disk; whose key it is may be chosen.</summary>
internal sealed class AzureDisk
{
    /// <summary>The number under which the disk is attached.</summary>
    public const int Lun = 0;

    public ManagedDisk Data { get; }
    public DataDiskPath Path { get; } = DataDiskPath.Azure(Lun);

    public AzureDisk(Site site, AzureGroups groups)
    {
        var disk = site.Settings.Storage.Disk;
        var options = site.Kept();
        options.IgnoreChanges.AddRange(["zone", "diskEncryptionSetId"]);      // chosen once: either would mean another, empty disk
        Data = new ManagedDisk(site.Named("data"), new ManagedDiskArgs
        {
            ResourceGroupName = groups.Data.Name,
            Location = site.Settings.Machine.Region,
            StorageAccountType = disk.Kind == StorageKind.PremiumSsdV2 ? "PremiumV2_LRS" : "Premium_LRS",
            CreateOption = "Empty",
            DiskSizeGb = disk.SizeGib,
            DiskIopsReadWrite = Optional.Of(disk.Iops),
            DiskMbpsReadWrite = Optional.Of(disk.ThroughputMib),
            DiskEncryptionSetId = Optional.Of(disk.KeyId),
            Zone = Optional.Of(site.Settings.Machine.AvailabilityZone),
            PublicNetworkAccessEnabled = false,
            NetworkAccessPolicy = "DenyAll",
            Tags = StandardTags.All(site.Settings),
        }, options);
        if (site.Settings.Snapshots.EveryHours > 0) Snapshots(site, groups, site.Settings.Snapshots);
    }

    /// <summary>Everything here stays when the stack goes: to end it in Azure means to delete the snapshots.</summary>
    private void Snapshots(Site site, AzureGroups groups, SnapshotSettings snapshots)
    {
        var vault = new BackupVault(site.Named("snapshots"), new BackupVaultArgs
        {
            ResourceGroupName = groups.Data.Name,
            Location = site.Settings.Machine.Region,
            DatastoreType = "VaultStore",
            Redundancy = "LocallyRedundant",
            Identity = new BackupVaultIdentityArgs { Type = "SystemAssigned" },
            Tags = StandardTags.All(site.Settings),
        }, site.Kept());
        var who = vault.Identity.Apply(identity => identity!.PrincipalId!);
        var reads = Grant("reads", Data.Id, "Disk Backup Reader");
        var keeps = Grant("keeps", groups.Data.Id, "Disk Snapshot Contributor");
        var policy = new BackupPolicyDisk(site.Named("snapshots"), new BackupPolicyDiskArgs
        {
            VaultId = vault.Id,
            // The date only fixes where the day's first interval begins.
            BackupRepeatingTimeIntervals = { $"R/2025-01-01T{snapshots.At:HH\\:mm}:00+00:00/PT{snapshots.EveryHours}H" },
            DefaultRetentionDuration = $"P{snapshots.KeepDays}D",
        }, Staying());
        _ = new BackupInstanceDisk(site.Named("snapshots"), new BackupInstanceDiskArgs
        {
            VaultId = vault.Id,
            Location = site.Settings.Machine.Region,
            DiskId = Data.Id,
            SnapshotResourceGroupName = groups.Data.Name,
            BackupPolicyId = policy.Id,
        }, Staying(reads, keeps));

        Assignment Grant(string what, Output<string> scope, string role) =>
            new(site.Named($"snapshots-{what}"), new AssignmentArgs { Scope = scope, RoleDefinitionName = role, PrincipalId = who }, Staying());

        CustomResourceOptions Staying(params Resource[] after)
        {
            var options = site.Part(after);
            options.RetainOnDelete = true;
            return options;
        }
    }
}
