using System.Net.Sockets;
using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Gcp.Compute;
using Pulumi.Gcp.Compute.Inputs;

namespace Provisioner.Cloud.Gcp;

/// <summary>Where the machine stands, and its doors: Google shuts what no rule opens. The rules hold for machines with this stack's mark alone.</summary>
internal sealed class GcpNetwork
{
    public Output<string> Subnetwork { get; }
    public string Mark { get; }

    public GcpNetwork(Site site)
    {
        var settings = site.Settings;
        Mark = site.Name;
        Output<string> network;
        if (settings.Network.Existing is { } existing) (network, Subnetwork) = (Output.Create(existing.NetworkId), Output.Create(existing.SubnetId));
        else
        {
            var made = new Network(site.Named("network"), new NetworkArgs { AutoCreateSubnetworks = false, RoutingMode = "REGIONAL" }, site.Part());
            network = made.Id;
            Subnetwork = new Subnetwork(site.Named("subnet"), new SubnetworkArgs
            {
                Network = made.Id, IpCidrRange = $"{settings.Network.Cidr}", Region = settings.Machine.Region, PrivateIpGoogleAccess = true,
            }, site.Part()).Id;
        }
        foreach (var door in Doors.Of(settings))
        {
            var from = door.From.Where(n => n.BaseAddress.AddressFamily == AddressFamily.InterNetwork).Select(n => $"{n}").ToArray();
            if (from.Length > 0)
                _ = new Firewall(site.Named(door.Name), new FirewallArgs
                {
                    Network = network,
                    Direction = "INGRESS",
                    Allows = { new FirewallAllowArgs { Protocol = "tcp", Ports = { $"{door.Port}" } } },
                    SourceRanges = from,
                    TargetTags = { Mark },
                    Description = door.Why,
                }, site.Part());
        }
    }
}
