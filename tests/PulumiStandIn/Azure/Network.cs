namespace Pulumi.Azure.Network;

[AzureResourceType("azure:network/virtualNetwork:VirtualNetwork")]
public sealed class VirtualNetwork(string name, VirtualNetworkArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:network/virtualNetwork:VirtualNetwork", name, args, Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class VirtualNetworkArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("addressSpaces")] private InputList<string>? _addressSpaces; public InputList<string> AddressSpaces { get => _addressSpaces ??= new(); set => _addressSpaces = value; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AzureResourceType("azure:network/subnet:Subnet")]
public sealed class Subnet(string name, SubnetArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:network/subnet:Subnet", name, args, Package.Options(options));

public sealed class SubnetArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("virtualNetworkName", required: true)] public Input<string> VirtualNetworkName { get; set; } = null!;
    [Input("addressPrefixes")] private InputList<string>? _addressPrefixes; public InputList<string> AddressPrefixes { get => _addressPrefixes ??= new(); set => _addressPrefixes = value; }
}

[AzureResourceType("azure:network/networkSecurityGroup:NetworkSecurityGroup")]
public sealed class NetworkSecurityGroup(string name, NetworkSecurityGroupArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:network/networkSecurityGroup:NetworkSecurityGroup", name, args, Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class NetworkSecurityGroupArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("securityRules")] private InputList<Inputs.NetworkSecurityGroupSecurityRuleArgs>? _securityRules; public InputList<Inputs.NetworkSecurityGroupSecurityRuleArgs> SecurityRules { get => _securityRules ??= new(); set => _securityRules = value; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AzureResourceType("azure:network/publicIp:PublicIp")]
public sealed class PublicIp(string name, PublicIpArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:network/publicIp:PublicIp", name, args, Package.Options(options))
{
    [Output("ipAddress")] public Output<string> IpAddress { get; private set; } = null!;
}

public sealed class PublicIpArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("allocationMethod", required: true)] public Input<string> AllocationMethod { get; set; } = null!;
    [Input("sku")] public Input<string>? Sku { get; set; }
    [Input("zones")] private InputList<string>? _zones; public InputList<string> Zones { get => _zones ??= new(); set => _zones = value; }
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AzureResourceType("azure:network/networkInterface:NetworkInterface")]
public sealed class NetworkInterface(string name, NetworkInterfaceArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:network/networkInterface:NetworkInterface", name, args, Package.Options(options))
{
    [Output("privateIpAddress")] public Output<string> PrivateIpAddress { get; private set; } = null!;
}

public sealed class NetworkInterfaceArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("ipConfigurations", required: true)] private InputList<Inputs.NetworkInterfaceIpConfigurationArgs>? _ipConfigurations; public InputList<Inputs.NetworkInterfaceIpConfigurationArgs> IpConfigurations { get => _ipConfigurations ??= new(); set => _ipConfigurations = value; }
    [Input("acceleratedNetworkingEnabled")] public Input<bool>? AcceleratedNetworkingEnabled { get; set; }
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AzureResourceType("azure:network/networkInterfaceSecurityGroupAssociation:NetworkInterfaceSecurityGroupAssociation")]
public sealed class NetworkInterfaceSecurityGroupAssociation(string name, NetworkInterfaceSecurityGroupAssociationArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:network/networkInterfaceSecurityGroupAssociation:NetworkInterfaceSecurityGroupAssociation", name, args, Package.Options(options));

public sealed class NetworkInterfaceSecurityGroupAssociationArgs : ResourceArgs
{
    [Input("networkInterfaceId", required: true)] public Input<string> NetworkInterfaceId { get; set; } = null!;
    [Input("networkSecurityGroupId", required: true)] public Input<string> NetworkSecurityGroupId { get; set; } = null!;
}
