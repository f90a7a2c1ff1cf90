using Provisioner.Delivery.Settings;
using Pulumi;

namespace Provisioner.Cloud.Gcp;

/// <summary>The appliance's machine in a Google Cloud project: network, data disk, machine, name, watch.</summary>
public sealed class GcpHost : ComponentResource
{
    public ApplianceHost Host { get; }

    public GcpHost(StackSettings settings)
        : base("appliance:gcp:GcpHost", settings.Stack, new ComponentResourceOptions { Provider = Project(settings) })
    {
        var site = new Site(settings, this);
        var network = new GcpNetwork(site);
        var disk = new GcpDisk(site);
        var machine = new GcpMachine(site, network, disk);
        var name = GcpName.For(site, machine);
        _ = new GcpWatch(site, machine);

        Host = new ApplianceHost(
            machine.Address,
            new HostLogin(machine.Address, settings.Access.Port, settings.Access.Login, settings.Access.Via),
            new HostDisks(disk.Data.Id, Output.Create(disk.Path)),
            null,
            [machine.DataAttachment, .. name]);
        RegisterOutputs();
    }

    private static Pulumi.Gcp.Provider Project(StackSettings settings) => new("gcp", new Pulumi.Gcp.ProviderArgs
    {
        Project = settings.Machine.Account!,
        Region = settings.Machine.Region,
        Zone = settings.Machine.AvailabilityZone!,
        DefaultLabels = StandardTags.Labels(settings),
    });
}
