namespace Pulumi.Azure.Network.Inputs;

public sealed class NetworkSecurityGroupSecurityRuleArgs : ResourceArgs
{
    [Input("name", required: true)] public Input<string> Name { get; set; } = null!;
    [Input("priority", required: true)] public Input<int> Priority { get; set; } = null!;
    [Input("direction", required: true)] public Input<string> Direction { get; set; } = null!;
    [Input("access", required: true)] public Input<string> Access { get; set; } = null!;
    [Input("protocol", required: true)] public Input<string> Protocol { get; set; } = null!;
    [Input("sourceAddressPrefixes")] private InputList<string>? _sourceAddressPrefixes; public InputList<string> SourceAddressPrefixes { get => _sourceAddressPrefixes ??= new(); set => _sourceAddressPrefixes = value; }
    [Input("sourcePortRange")] public Input<string>? SourcePortRange { get; set; }
    [Input("destinationAddressPrefix")] public Input<string>? DestinationAddressPrefix { get; set; }
    [Input("destinationPortRange")] public Input<string>? DestinationPortRange { get; set; }
    [Input("description")] public Input<string>? Description { get; set; }
}

public sealed class NetworkInterfaceIpConfigurationArgs : ResourceArgs
{
    [Input("name", required: true)] public Input<string> Name { get; set; } = null!;
    [Input("subnetId")] public Input<string>? SubnetId { get; set; }
    [Input("privateIpAddressAllocation", required: true)] public Input<string> PrivateIpAddressAllocation { get; set; } = null!;
    [Input("publicIpAddressId")] public Input<string>? PublicIpAddressId { get; set; }
}
