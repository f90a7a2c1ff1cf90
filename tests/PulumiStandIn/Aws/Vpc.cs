namespace Pulumi.Aws.Vpc;

[AwsResourceType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")]
public sealed class SecurityGroupIngressRule(string name, SecurityGroupIngressRuleArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", name, args, Package.Options(options));

public sealed class SecurityGroupIngressRuleArgs : ResourceArgs
{
    [Input("securityGroupId", required: true)] public Input<string> SecurityGroupId { get; set; } = null!;
    [Input("ipProtocol", required: true)] public Input<string> IpProtocol { get; set; } = null!;
    [Input("fromPort")] public Input<int>? FromPort { get; set; }
    [Input("toPort")] public Input<int>? ToPort { get; set; }
    [Input("cidrIpv4")] public Input<string>? CidrIpv4 { get; set; }
    [Input("cidrIpv6")] public Input<string>? CidrIpv6 { get; set; }
    [Input("description")] public Input<string>? Description { get; set; }
}

[AwsResourceType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")]
public sealed class SecurityGroupEgressRule(string name, SecurityGroupEgressRuleArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", name, args, Package.Options(options));

public sealed class SecurityGroupEgressRuleArgs : ResourceArgs
{
    [Input("securityGroupId", required: true)] public Input<string> SecurityGroupId { get; set; } = null!;
    [Input("ipProtocol", required: true)] public Input<string> IpProtocol { get; set; } = null!;
    [Input("cidrIpv4")] public Input<string>? CidrIpv4 { get; set; }
    [Input("cidrIpv6")] public Input<string>? CidrIpv6 { get; set; }
    [Input("description")] public Input<string>? Description { get; set; }
}
