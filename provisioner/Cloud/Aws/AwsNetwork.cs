using System.Net;
using System.Net.Sockets;
using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Aws;
using Pulumi.Aws.Ec2;
using Pulumi.Aws.Vpc;

namespace Provisioner.Cloud.Aws;

/// <summary>Where the machine stands, and who may come in: 443 for those allowed, 80 where a challenge needs it, 22 for the deployer alone or nobody.</summary>
internal sealed class AwsNetwork
{
    public Output<string> SubnetId { get; }
    public Output<string> AvailabilityZone { get; }
    public Output<string> SecurityGroupId { get; }
    /// <summary>The way out of a network that was made here: a machine without it cannot fetch its packages.</summary>
    public Resource[] Ways { get; } = [];

    public AwsNetwork(Site site)
    {
        Output<string> vpc;
        (vpc, SubnetId, AvailabilityZone, Ways) = site.Settings.Network switch
        {
            { SharedStack: { } shared } => There(site, SharedNetwork.Of(shared, site)),
            { Existing: { } existing } => There(site, (Output.Create(existing.NetworkId), Output.Create(existing.SubnetId))),
            var network => Create(site, network),
        };
        SecurityGroupId = Guard(site, vpc);
    }

    private static (Output<string>, Output<string>, Output<string>, Resource[]) There(Site site, (Output<string> Network, Output<string> Subnet) given)
    {
        var subnet = GetSubnet.Invoke(new GetSubnetInvokeArgs { Id = given.Subnet }, site.Lookup);
        return (given.Network, given.Subnet, subnet.Apply(s => s.AvailabilityZone), []);
    }

    private static (Output<string>, Output<string>, Output<string>, Resource[]) Create(Site site, NetworkSettings network)
    {
        var vpc = new Vpc(site.Named("network"), new VpcArgs
        {
            CidrBlock = $"{network.Cidr}",
            EnableDnsHostnames = true,
            EnableDnsSupport = true,
            AssignGeneratedIpv6CidrBlock = network.Ipv6,
            Tags = { { "Name", site.Named("network") } },
        }, site.Part());
        // A VPC comes with a group that lets its members talk to each other; adopted without rules it lets nobody.
        _ = new DefaultSecurityGroup(site.Named("closed"), new DefaultSecurityGroupArgs { VpcId = vpc.Id, Tags = { { "Name", site.Named("closed") } } }, site.Part());
        var zones = GetAvailabilityZones.Invoke(new GetAvailabilityZonesInvokeArgs { State = "available" }, site.Lookup);
        var subnet = new Subnet(site.Named("subnet"), new SubnetArgs
        {
            VpcId = vpc.Id,
            CidrBlock = $"{network.Cidr}",
            Ipv6CidrBlock = network.Ipv6 ? (Input<string>)vpc.Ipv6CidrBlock.Apply(FirstOf64) : null,
            AvailabilityZone = site.Settings.Machine.AvailabilityZone is { } chosen ? chosen : zones.Apply(z => z.Names[0]),
            MapPublicIpOnLaunch = false,
            Tags = { { "Name", site.Named("subnet") } },
        }, Chosen(site));
        var gateway = new InternetGateway(site.Named("gateway"), new InternetGatewayArgs { VpcId = vpc.Id, Tags = { { "Name", site.Named("gateway") } } }, site.Part());
        var table = new RouteTable(site.Named("routes"), new RouteTableArgs { VpcId = vpc.Id, Tags = { { "Name", site.Named("routes") } } }, site.Part());
        List<Resource> ways =
        [
            new Route(site.Named("out"), new RouteArgs { RouteTableId = table.Id, DestinationCidrBlock = "0.0.0.0/0", GatewayId = gateway.Id }, site.Part()),
            new RouteTableAssociation(site.Named("routes"), new RouteTableAssociationArgs { RouteTableId = table.Id, SubnetId = subnet.Id }, site.Part()),
        ];
        if (network.Ipv6)
            ways.Add(new Route(site.Named("out-v6"), new RouteArgs { RouteTableId = table.Id, DestinationIpv6CidrBlock = "::/0", GatewayId = gateway.Id }, site.Part()));
        if (site.Settings.Storage.S3 is { Endpoint: null })     // the vaults' bytes then stay inside AWS, and cost nothing to move
            _ = new VpcEndpoint(site.Named("to-s3"), new VpcEndpointArgs
            {
                VpcId = vpc.Id,
                ServiceName = $"com.amazonaws.{site.Settings.Machine.Region}.s3",
                VpcEndpointType = "Gateway",
                RouteTableIds = { table.Id },
                Tags = { { "Name", site.Named("to-s3") } },
            }, site.Part());
        return (vpc.Id, subnet.Id, subnet.AvailabilityZone, [.. ways]);
    }

    private static Output<string> Guard(Site site, Output<string> vpc)
    {
        var group = new SecurityGroup(site.Named("doors"), new SecurityGroupArgs
        {
            VpcId = vpc, Description = "Backup and Archive appliance", Tags = { { "Name", site.Named("doors") } },
        }, site.Part());
        foreach (var door in Doors.Of(site.Settings))
        foreach (var from in door.From)
            _ = new SecurityGroupIngressRule(site.Named($"{door.Name}-{Doors.NameOf(from)}"), new SecurityGroupIngressRuleArgs
            {
                SecurityGroupId = group.Id,
                IpProtocol = "tcp",
                FromPort = door.Port,
                ToPort = door.Port,
                CidrIpv4 = Optional.Of(V4(from) ? $"{from}" : null),
                CidrIpv6 = Optional.Of(V4(from) ? null : $"{from}"),
                Description = door.Why,
            }, site.Part());
        _ = new SecurityGroupEgressRule(site.Named("out-v4"), new SecurityGroupEgressRuleArgs
        {
            SecurityGroupId = group.Id, IpProtocol = "-1", CidrIpv4 = "0.0.0.0/0", Description = "Salesforce, package and certificate servers",
        }, site.Part());
        if (site.Settings.Network.Ipv6)
            _ = new SecurityGroupEgressRule(site.Named("out-v6"), new SecurityGroupEgressRuleArgs
            {
                SecurityGroupId = group.Id, IpProtocol = "-1", CidrIpv6 = "::/0", Description = "Salesforce, package and certificate servers",
            }, site.Part());
        return group.Id;
    }

    /// <summary>The zone is chosen once: AWS does not promise the order of its list, and another zone would mean another machine.</summary>
    private static CustomResourceOptions Chosen(Site site)
    {
        var options = site.Part();
        options.IgnoreChanges.Add("availabilityZone");
        return options;
    }

    private static bool V4(IPNetwork network) => network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;

    private static string FirstOf64(string block) => block.Split('/')[0] + "/64";
}
