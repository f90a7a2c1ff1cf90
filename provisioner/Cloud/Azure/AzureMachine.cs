using System.Text;
using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Azure.Compute;
using Pulumi.Azure.Compute.Inputs;

namespace Provisioner.Cloud.Azure;

/// <summary>The virtual machine, by Trusted Launch. What Azure would answer with a new machine is chosen once, at creation; the rest changes in place.</summary>
internal sealed class AzureMachine
{
    /// <summary>Canonical's Ubuntu LTS. "latest" is what Azure takes on the day of creation.</summary>
    private static readonly string[] UbuntuImage = ["Canonical", "ubuntu-24_04-lts", "server", "latest"];

    public LinuxVirtualMachine Machine { get; }
    public DataDiskAttachment DataAttachment { get; }
    public Output<string> Principal => Machine.Identity.Apply(identity => identity!.PrincipalId!);

    public AzureMachine(Site site, AzureGroups groups, AzureNetwork network, AzureDisk disk)
    {
        var settings = site.Settings;
        var image = settings.Machine.Image?.Split(':') ?? UbuntuImage;
        var options = site.Guarded(network.Guard);
        options.IgnoreChanges.AddRange(["sourceImageReference", "customData", "adminSshKeys", "zone", "osDisk.diskEncryptionSetId"]);
        var arguments = new LinuxVirtualMachineArgs
        {
            ResourceGroupName = groups.Machine.Name,
            Location = settings.Machine.Region,
            Zone = Optional.Of(settings.Machine.AvailabilityZone),
            Size = settings.Machine.Size!.Name,
            ComputerName = site.Name,
            AdminUsername = settings.Access.Login,
            AdminSshKeys = { new LinuxVirtualMachineAdminSshKeyArgs { Username = settings.Access.Login, PublicKey = settings.Access.PublicKey! } },
            DisablePasswordAuthentication = true,
            NetworkInterfaceIds = { network.Interface.Id },
            OsDisk = new LinuxVirtualMachineOsDiskArgs
            {
                Caching = "ReadWrite", StorageAccountType = "Premium_LRS", DiskSizeGb = settings.Machine.RootDiskGib,
                DiskEncryptionSetId = Optional.Of(settings.Storage.Disk.KeyId),
            },
            SourceImageReference = new LinuxVirtualMachineSourceImageReferenceArgs { Publisher = image[0], Offer = image[1], Sku = image[2], Version = image[3] },
            CustomData = Convert.ToBase64String(Encoding.UTF8.GetBytes(FirstStart.Of(settings, disk.Path))),
            SecureBootEnabled = true,
            VtpmEnabled = true,
            Identity = new LinuxVirtualMachineIdentityArgs { Type = "SystemAssigned" },
            Tags = StandardTags.All(settings),
        };
        Machine = new LinuxVirtualMachine(site.Named("machine"), arguments, options);

        var moved = site.Part();
        moved.DeleteBeforeReplace = true;       // a disk is in one place at a time
        DataAttachment = new DataDiskAttachment(site.Named("data"), new DataDiskAttachmentArgs
        {
            ManagedDiskId = disk.Data.Id, VirtualMachineId = Machine.Id, Lun = AzureDisk.Lun, Caching = "None",
        }, moved);
    }
}
