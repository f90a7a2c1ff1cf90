using System.Net.Sockets;
using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Azure.Network;
using Pulumi.Azure.Network.Inputs;

namespace Provisioner.Cloud.Azure;

/// <summary>Where the machine stands, its address, and its doors. The security group hangs on the machine's own interface, so a subnet that others share is left alone.</summary>
internal sealed class AzureNetwork
{
    public NetworkInterface Interface { get; }
    public Output<string> Address { get; }
    public Resource Guard { get; }

    public AzureNetwork(Site site, AzureGroups groups)
    {
        var settings = site.Settings;
        var subnet = settings.Network.Existing is { } existing ? Output.Create(existing.SubnetId) : Create(site, groups);
        var address = settings.Network.Mode == NetworkMode.Public ? PublicAddress(site, groups) : null;
        Interface = new NetworkInterface(site.Named("interface"), new NetworkInterfaceArgs
        {
            ResourceGroupName = groups.Machine.Name,
            Location = settings.Machine.Region,
            AcceleratedNetworkingEnabled = true,
            IpConfigurations =
            {
                new NetworkInterfaceIpConfigurationArgs
                {
                    Name = "main", SubnetId = subnet, PrivateIpAddressAllocation = "Dynamic", PublicIpAddressId = Optional.Of(address?.Id),
                },
            },
            Tags = StandardTags.All(settings),
        }, site.Part());
        Guard = Shut(site, groups);
        Address = address?.IpAddress ?? Interface.PrivateIpAddress;
    }

    private static Output<string> Create(Site site, AzureGroups groups)
    {
        var network = new VirtualNetwork(site.Named("network"), new VirtualNetworkArgs
        {
            ResourceGroupName = groups.Machine.Name,
            Location = site.Settings.Machine.Region,
            AddressSpaces = { $"{site.Settings.Network.Cidr}" },
            Tags = StandardTags.All(site.Settings),
        }, site.Part());
        return new Subnet(site.Named("subnet"), new SubnetArgs
        {
            ResourceGroupName = groups.Machine.Name, VirtualNetworkName = network.Name, AddressPrefixes = { $"{site.Settings.Network.Cidr}" },
        }, site.Part()).Id;
    }

    private static PublicIp PublicAddress(Site site, AzureGroups groups)
    {
        var options = site.Guarded();
        options.IgnoreChanges.Add("zones");     // another zone would mean another address
        var arguments = new PublicIpArgs
        {
            ResourceGroupName = groups.Machine.Name,
            Location = site.Settings.Machine.Region,
            AllocationMethod = "Static",
            Sku = "Standard",
            Tags = StandardTags.All(site.Settings),
        };
        if (site.Settings.Machine.AvailabilityZone is { } zone) arguments.Zones.Add(zone);
        return new PublicIp(site.Named("address"), arguments, options);
    }

    private NetworkInterfaceSecurityGroupAssociation Shut(Site site, AzureGroups groups)
    {
        var rules = new InputList<NetworkSecurityGroupSecurityRuleArgs>();
        var priority = 100;
        foreach (var door in Doors.Of(site.Settings))
        {
            var from = door.From.Where(n => n.BaseAddress.AddressFamily == AddressFamily.InterNetwork).Select(n => $"{n}").ToArray();
            if (from.Length > 0) rules.Add(Rule(door.Name, priority++, "Allow", "Tcp", from, $"{door.Port}", door.Why));
        }
        // Azure's own default lets the whole virtual network in, neighbours and peered networks too.
        rules.Add(Rule("nobody-else", 4096, "Deny", "*", ["0.0.0.0/0"], "*", "What is not named above is shut"));
        var group = new NetworkSecurityGroup(site.Named("doors"), new NetworkSecurityGroupArgs
        {
            ResourceGroupName = groups.Machine.Name, Location = site.Settings.Machine.Region, SecurityRules = rules, Tags = StandardTags.All(site.Settings),
        }, site.Part());
        return new NetworkInterfaceSecurityGroupAssociation(site.Named("doors"), new NetworkInterfaceSecurityGroupAssociationArgs
        {
            NetworkInterfaceId = Interface.Id, NetworkSecurityGroupId = group.Id,
        }, site.Part());
    }

    private static NetworkSecurityGroupSecurityRuleArgs Rule(string name, int priority, string access, string protocol, string[] from, string port, string why) => new()
    {
        Name = name,
        Priority = priority,
        Direction = "Inbound",
        Access = access,
        Protocol = protocol,
        SourceAddressPrefixes = from,
        SourcePortRange = "*",
        DestinationAddressPrefix = "*",
        DestinationPortRange = port,
        Description = why,
    };
}
