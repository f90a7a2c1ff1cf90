namespace Pulumi.Aws.Ec2;

[AwsResourceType("aws:ec2/vpc:Vpc")]
public sealed class Vpc(string name, VpcArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/vpc:Vpc", name, args ?? new(), Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
    [Output("ipv6CidrBlock")] public Output<string> Ipv6CidrBlock { get; private set; } = null!;
}

public sealed class VpcArgs : ResourceArgs
{
    [Input("cidrBlock")] public Input<string>? CidrBlock { get; set; }
    [Input("enableDnsHostnames")] public Input<bool>? EnableDnsHostnames { get; set; }
    [Input("enableDnsSupport")] public Input<bool>? EnableDnsSupport { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
    [Input("assignGeneratedIpv6CidrBlock")] public Input<bool>? AssignGeneratedIpv6CidrBlock { get; set; }
}

[AwsResourceType("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")]
public sealed class DefaultSecurityGroup(string name, DefaultSecurityGroupArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", name, args ?? new(), Package.Options(options));

public sealed class DefaultSecurityGroupArgs : ResourceArgs
{
    [Input("vpcId")] public Input<string>? VpcId { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AwsResourceType("aws:ec2/subnet:Subnet")]
public sealed class Subnet(string name, SubnetArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/subnet:Subnet", name, args, Package.Options(options))
{
    [Output("availabilityZone")] public Output<string> AvailabilityZone { get; private set; } = null!;
}

public sealed class SubnetArgs : ResourceArgs
{
    [Input("vpcId", required: true)] public Input<string> VpcId { get; set; } = null!;
    [Input("cidrBlock")] public Input<string>? CidrBlock { get; set; }
    [Input("availabilityZone")] public Input<string>? AvailabilityZone { get; set; }
    [Input("mapPublicIpOnLaunch")] public Input<bool>? MapPublicIpOnLaunch { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
    [Input("ipv6CidrBlock")] public Input<string>? Ipv6CidrBlock { get; set; }
}

[AwsResourceType("aws:ec2/internetGateway:InternetGateway")]
public sealed class InternetGateway(string name, InternetGatewayArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/internetGateway:InternetGateway", name, args ?? new(), Package.Options(options));

public sealed class InternetGatewayArgs : ResourceArgs
{
    [Input("vpcId")] public Input<string>? VpcId { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AwsResourceType("aws:ec2/routeTable:RouteTable")]
public sealed class RouteTable(string name, RouteTableArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/routeTable:RouteTable", name, args, Package.Options(options));

public sealed class RouteTableArgs : ResourceArgs
{
    [Input("vpcId", required: true)] public Input<string> VpcId { get; set; } = null!;
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AwsResourceType("aws:ec2/route:Route")]
public sealed class Route(string name, RouteArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/route:Route", name, args, Package.Options(options));

public sealed class RouteArgs : ResourceArgs
{
    [Input("routeTableId", required: true)] public Input<string> RouteTableId { get; set; } = null!;
    [Input("destinationCidrBlock")] public Input<string>? DestinationCidrBlock { get; set; }
    [Input("gatewayId")] public Input<string>? GatewayId { get; set; }
    [Input("destinationIpv6CidrBlock")] public Input<string>? DestinationIpv6CidrBlock { get; set; }
}

[AwsResourceType("aws:ec2/routeTableAssociation:RouteTableAssociation")]
public sealed class RouteTableAssociation(string name, RouteTableAssociationArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/routeTableAssociation:RouteTableAssociation", name, args, Package.Options(options));

public sealed class RouteTableAssociationArgs : ResourceArgs
{
    [Input("routeTableId", required: true)] public Input<string> RouteTableId { get; set; } = null!;
    [Input("subnetId")] public Input<string>? SubnetId { get; set; }
}

[AwsResourceType("aws:ec2/vpcEndpoint:VpcEndpoint")]
public sealed class VpcEndpoint(string name, VpcEndpointArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/vpcEndpoint:VpcEndpoint", name, args, Package.Options(options));

public sealed class VpcEndpointArgs : ResourceArgs
{
    [Input("vpcId", required: true)] public Input<string> VpcId { get; set; } = null!;
    [Input("serviceName")] public Input<string>? ServiceName { get; set; }
    [Input("vpcEndpointType")] public Input<string>? VpcEndpointType { get; set; }
    [Input("routeTableIds")] private InputList<string>? _routeTableIds; public InputList<string> RouteTableIds { get => _routeTableIds ??= new(); set => _routeTableIds = value; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AwsResourceType("aws:ec2/securityGroup:SecurityGroup")]
public sealed class SecurityGroup(string name, SecurityGroupArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/securityGroup:SecurityGroup", name, args ?? new(), Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class SecurityGroupArgs : ResourceArgs
{
    [Input("vpcId")] public Input<string>? VpcId { get; set; }
    [Input("description")] public Input<string>? Description { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AwsResourceType("aws:ec2/instance:Instance")]
public sealed class Instance(string name, InstanceArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/instance:Instance", name, args ?? new(), Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
    [Output("publicIp")] public Output<string> PublicIp { get; private set; } = null!;
    [Output("privateIp")] public Output<string> PrivateIp { get; private set; } = null!;
    [Output("availabilityZone")] public Output<string> AvailabilityZone { get; private set; } = null!;
    [Output("ipv6Addresses")] public Output<System.Collections.Immutable.ImmutableArray<string>> Ipv6Addresses { get; private set; } = null!;
}

public sealed class InstanceArgs : ResourceArgs
{
    [Input("ami")] public Input<string>? Ami { get; set; }
    [Input("instanceType")] public InputUnion<string, InstanceType>? InstanceType { get; set; }
    [Input("subnetId")] public Input<string>? SubnetId { get; set; }
    [Input("vpcSecurityGroupIds")] private InputList<string>? _vpcSecurityGroupIds; public InputList<string> VpcSecurityGroupIds { get => _vpcSecurityGroupIds ??= new(); set => _vpcSecurityGroupIds = value; }
    [Input("iamInstanceProfile")] public Input<string>? IamInstanceProfile { get; set; }
    [Input("associatePublicIpAddress")] public Input<bool>? AssociatePublicIpAddress { get; set; }
    [Input("disableApiTermination")] public Input<bool>? DisableApiTermination { get; set; }
    [Input("ebsOptimized")] public Input<bool>? EbsOptimized { get; set; }
    [Input("userDataBase64")] public Input<string>? UserDataBase64 { get; set; }
    [Input("userDataReplaceOnChange")] public Input<bool>? UserDataReplaceOnChange { get; set; }
    [Input("metadataOptions")] public Input<Inputs.InstanceMetadataOptionsArgs>? MetadataOptions { get; set; }
    [Input("rootBlockDevice")] public Input<Inputs.InstanceRootBlockDeviceArgs>? RootBlockDevice { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
    [Input("ipv6AddressCount")] public Input<int>? Ipv6AddressCount { get; set; }
}

[AwsResourceType("aws:ec2/volumeAttachment:VolumeAttachment")]
public sealed class VolumeAttachment(string name, VolumeAttachmentArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/volumeAttachment:VolumeAttachment", name, args, Package.Options(options));

public sealed class VolumeAttachmentArgs : ResourceArgs
{
    [Input("deviceName", required: true)] public Input<string> DeviceName { get; set; } = null!;
    [Input("instanceId", required: true)] public Input<string> InstanceId { get; set; } = null!;
    [Input("volumeId", required: true)] public Input<string> VolumeId { get; set; } = null!;
    [Input("stopInstanceBeforeDetaching")] public Input<bool>? StopInstanceBeforeDetaching { get; set; }
}

[AwsResourceType("aws:ec2/eip:Eip")]
public sealed class Eip(string name, EipArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/eip:Eip", name, args ?? new(), Package.Options(options))
{
    [Output("publicIp")] public Output<string> PublicIp { get; private set; } = null!;
    [Output("allocationId")] public Output<string> AllocationId { get; private set; } = null!;
}

public sealed class EipArgs : ResourceArgs
{
    [Input("domain")] public Input<string>? Domain { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AwsResourceType("aws:ec2/eipAssociation:EipAssociation")]
public sealed class EipAssociation(string name, EipAssociationArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:ec2/eipAssociation:EipAssociation", name, args ?? new(), Package.Options(options));

public sealed class EipAssociationArgs : ResourceArgs
{
    [Input("allocationId")] public Input<string>? AllocationId { get; set; }
    [Input("instanceId")] public Input<string>? InstanceId { get; set; }
}

public static class GetSubnet
{
    public static Output<GetSubnetResult> Invoke(GetSubnetInvokeArgs? args = null, InvokeOptions? options = null) =>
        Deployment.Instance.Invoke<GetSubnetResult>("aws:ec2/getSubnet:getSubnet", args ?? new(), Package.Invoke(options));
}

public sealed class GetSubnetInvokeArgs : InvokeArgs
{
    [Input("id")] public Input<string>? Id { get; set; }
}

[OutputType]
public sealed class GetSubnetResult
{
    public readonly string Id;
    public readonly string AvailabilityZone;

    [OutputConstructor]
    private GetSubnetResult(string id, string availabilityZone) => (Id, AvailabilityZone) = (id, availabilityZone);
}

[EnumType]
public readonly struct InstanceType : IEquatable<InstanceType>
{
    private readonly string _value;
    private InstanceType(string value) => _value = value;
    public static explicit operator string(InstanceType value) => value._value;
    public static bool operator ==(InstanceType left, InstanceType right) => left.Equals(right);
    public static bool operator !=(InstanceType left, InstanceType right) => !left.Equals(right);
    public override bool Equals(object? obj) => obj is InstanceType other && Equals(other);
    public bool Equals(InstanceType other) => _value == other._value;
    public override int GetHashCode() => string.GetHashCode(_value, StringComparison.Ordinal);
    public override string ToString() => _value;
}
