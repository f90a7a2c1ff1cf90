using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Gcp.Compute;
using Pulumi.Gcp.Compute.Inputs;
using Pulumi.Gcp.ServiceAccount;

namespace Provisioner.Cloud.Gcp;

/// <summary>
/// The virtual machine, a Shielded VM. Its system disk is a resource of its own: as part of the machine, a larger one would mean a new machine.
/// What Google would answer with a new machine is chosen once, at creation; the rest changes in place.
/// </summary>
internal sealed class GcpMachine
{
    public Instance Machine { get; }
    public Account Identity { get; }
    public AttachedDisk DataAttachment { get; }
    public Output<string> Address { get; }

    public GcpMachine(Site site, GcpNetwork network, GcpDisk disk)
    {
        var settings = site.Settings;
        var zone = settings.Machine.AvailabilityZone!;
        var open = settings.Network.Mode == NetworkMode.Public;
        var address = open ? new Address(site.Named("address"), new AddressArgs { Region = settings.Machine.Region, AddressType = "EXTERNAL", NetworkTier = "PREMIUM" }, site.Guarded()) : null;
        Identity = new Account(site.Named("machine"), new AccountArgs { AccountId = AccountIdOf(site.Name), DisplayName = $"The appliance {settings.Stack}" }, site.Part());
        var system = SystemDisk(site, disk);

        var place = new InstanceNetworkInterfaceArgs { Subnetwork = network.Subnetwork };
        if (address is not null) place.AccessConfigs.Add(new InstanceNetworkInterfaceAccessConfigArgs { NatIp = address.IPAddress, NetworkTier = "PREMIUM" });
        var options = site.Guarded();
        options.IgnoreChanges.Add("attachedDisks");     // the data disk is attached by a resource of its own
        Machine = new Instance(site.Named("machine"), new InstanceArgs
        {
            Zone = zone,
            MachineType = settings.Machine.Size!.Name,
            AllowStoppingForUpdate = true,
            DeletionProtection = settings.Protection.Destroy,
            BootDisk = new InstanceBootDiskArgs { Source = system.SelfLink, AutoDelete = false },
            NetworkInterfaces = { place },
            Tags = { network.Mark },
            Labels = StandardTags.Labels(settings),
            Metadata =
            {
                { "user-data", FirstStart.Of(settings, disk.Path) },
                { "ssh-keys", $"{settings.Access.Login}:{settings.Access.PublicKey}" },
                { "block-project-ssh-keys", "true" },       // keys of the project's other machines do not open this one
                { "enable-oslogin", "FALSE" },              // the deployer's key is the one way in; OS Login would shut it out
                { "serial-port-enable", "FALSE" },
            },
            ServiceAccount = new InstanceServiceAccountArgs { Email = Identity.Email, Scopes = { "cloud-platform" } },     // what it may do, its roles say
            ShieldedInstanceConfig = new InstanceShieldedInstanceConfigArgs { EnableSecureBoot = true, EnableVtpm = true, EnableIntegrityMonitoring = true },
        }, options);

        var moved = site.Part();
        moved.DeleteBeforeReplace = true;       // a disk is in one place at a time
        DataAttachment = new AttachedDisk(site.Named("data"), new AttachedDiskArgs
        {
            Disk = disk.Data.Id, Instance = Machine.Id, DeviceName = GcpDisk.DeviceName, Zone = zone,
        }, moved);
        Address = address?.IPAddress ?? Machine.NetworkInterfaces.Apply(all => all[0].NetworkIp!);
    }

    private static Disk SystemDisk(Site site, GcpDisk data)
    {
        var settings = site.Settings;
        var options = site.Part();
        options.IgnoreChanges.AddRange(["image", "zone", "type", "diskEncryptionKey"]);
        var arguments = new DiskArgs
        {
            Zone = settings.Machine.AvailabilityZone!,
            // Machines that take hyperdisks as data take them as system disks too, and some take nothing else.
            Type = settings.Storage.Disk.Kind == StorageKind.HyperdiskBalanced ? "hyperdisk-balanced" : "pd-balanced",
            Size = settings.Machine.RootDiskGib,
            Image = settings.Machine.Image ?? NewestUbuntu(site),
        };
        if (GcpDisk.Key(site) is { } key) arguments.DiskEncryptionKey = key;
        return new Disk(site.Named("system"), arguments, options);
    }

    private static Input<string> NewestUbuntu(Site site) =>
        GetImage.Invoke(new GetImageInvokeArgs { Family = "ubuntu-2404-lts-amd64", Project = "ubuntu-os-cloud" }, site.Lookup).Apply(i => i.SelfLink);

    /// <summary>6 to 30 letters, beginning with one; no other stack of the project may have the same.</summary>
    private static string AccountIdOf(string name) => Site.Within(30, $"appliance-{name}");
}
