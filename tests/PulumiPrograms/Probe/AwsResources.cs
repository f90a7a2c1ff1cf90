using System.Collections.Immutable;
using Pulumi;

namespace Probe;

// As a generated SDK declares them, but for just what the recorded program uses, so that the program needs the core alone.

internal static class Aws
{
    public static CustomResourceOptions Options(CustomResourceOptions? given, string version = "7.48.0") => CustomResourceOptions.Merge(new CustomResourceOptions { Version = version }, given);
}

internal sealed class DefaultTagsArgs : ResourceArgs
{
    [Input("tags")] private InputMap<string>? _tags;

    public InputMap<string> Tags { get => _tags ??= []; set => _tags = value; }
}

internal sealed class AwsProviderArgs : ResourceArgs
{
    [Input("region")] public Input<string>? Region { get; set; }

    [Input("defaultTags", json: true)] public Input<DefaultTagsArgs>? DefaultTags { get; set; }
}

internal sealed class AwsProvider(string name, AwsProviderArgs args) : ProviderResource("aws", name, args,
    Aws.Options(new CustomResourceOptions { AdditionalSecretOutputs = { "accessKey", "secretKey", "token" } }));

internal sealed class IngressArgs : ResourceArgs
{
    [Input("cidrBlocks")] private InputList<string>? _cidrBlocks;

    public InputList<string> CidrBlocks { get => _cidrBlocks ??= []; set => _cidrBlocks = value; }

    [Input("fromPort", required: true)] public Input<int> FromPort { get; set; } = null!;

    [Input("toPort", required: true)] public Input<int> ToPort { get; set; } = null!;

    [Input("protocol", required: true)] public Input<string> Protocol { get; set; } = null!;
}

internal sealed class SecurityGroupArgs : ResourceArgs
{
    [Input("ingress")] private InputList<IngressArgs>? _ingress;
    [Input("tags")] private InputMap<string>? _tags;

    public InputList<IngressArgs> Ingress { get => _ingress ??= []; set => _ingress = value; }

    public InputMap<string> Tags { get => _tags ??= []; set => _tags = value; }

    [Input("vpcId")] public Input<string>? VpcId { get; set; }

    [Input("description")] public Input<string>? Description { get; set; }
}

internal sealed class SecurityGroup(string name, SecurityGroupArgs args, CustomResourceOptions options) : CustomResource("aws:ec2/securityGroup:SecurityGroup", name, args, Aws.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

internal sealed class RootBlockDeviceArgs : ResourceArgs
{
    [Input("encrypted")] public Input<bool>? Encrypted { get; set; }

    [Input("volumeSize")] public Input<int>? VolumeSize { get; set; }

    [Input("volumeType")] public Input<string>? VolumeType { get; set; }
}

internal sealed class MetadataOptionsArgs : ResourceArgs
{
    [Input("httpTokens")] public Input<string>? HttpTokens { get; set; }

    [Input("httpPutResponseHopLimit")] public Input<int>? HttpPutResponseHopLimit { get; set; }
}

[EnumType]
internal readonly struct InstanceType : IEquatable<InstanceType>
{
    private readonly string _value;

    private InstanceType(string value) => _value = value;

    public static InstanceType M5Large { get; } = new("m5.large");

    public static explicit operator string(InstanceType value) => value._value;

    public bool Equals(InstanceType other) => _value == other._value;

    public override bool Equals(object? obj) => obj is InstanceType other && Equals(other);

    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => _value;
}

internal sealed class InstanceArgs : ResourceArgs
{
    [Input("tags")] private InputMap<string>? _tags;
    [Input("vpcSecurityGroupIds")] private InputList<string>? _vpcSecurityGroupIds;

    [Input("ami")] public Input<string>? Ami { get; set; }

    [Input("instanceType")] public InputUnion<string, InstanceType>? InstanceType { get; set; }

    [Input("metadataOptions")] public Input<MetadataOptionsArgs>? MetadataOptions { get; set; }

    [Input("rootBlockDevice")] public Input<RootBlockDeviceArgs>? RootBlockDevice { get; set; }

    [Input("userData")] public Input<string>? UserData { get; set; }

    public InputMap<string> Tags { get => _tags ??= []; set => _tags = value; }

    public InputList<string> VpcSecurityGroupIds { get => _vpcSecurityGroupIds ??= []; set => _vpcSecurityGroupIds = value; }
}

internal sealed class Instance(string name, InstanceArgs args, CustomResourceOptions options) : CustomResource("aws:ec2/instance:Instance", name, args, Aws.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;

    [Output("publicIp")] public Output<string> PublicIp { get; private set; } = null!;

    [Output("privateIp")] public Output<string> PrivateIp { get; private set; } = null!;

    [Output("token")] public Output<string> Token { get; private set; } = null!;
}

internal sealed class EipArgs : ResourceArgs
{
    [Input("domain")] public Input<string>? Domain { get; set; }
}

internal sealed class Eip(string name, EipArgs args) : CustomResource("aws:ec2/eip:Eip", name, args, Aws.Options(null))
{
    [Output("publicIp")] public Output<string> PublicIp { get; private set; } = null!;
}

internal sealed class GetAmiFilterArgs : ResourceArgs
{
    [Input("name", required: true)] public Input<string> Name { get; set; } = null!;

    [Input("values", required: true)] private InputList<string>? _values;

    public InputList<string> Values { get => _values ??= []; set => _values = value; }
}

internal sealed class GetAmiArgs : InvokeArgs
{
    [Input("filters")] private InputList<GetAmiFilterArgs>? _filters;
    [Input("owners")] private InputList<string>? _owners;

    public InputList<GetAmiFilterArgs> Filters { get => _filters ??= []; set => _filters = value; }

    public InputList<string> Owners { get => _owners ??= []; set => _owners = value; }

    [Input("mostRecent")] public Input<bool>? MostRecent { get; set; }
}

[OutputType]
internal sealed class GetAmiResult
{
    public readonly string ImageId;
    public readonly ImmutableArray<string> Owners;
    public readonly ImmutableDictionary<string, string> Tags;

    [OutputConstructor]
    private GetAmiResult(string imageId, ImmutableArray<string> owners, ImmutableDictionary<string, string> tags) => (ImageId, Owners, Tags) = (imageId, owners, tags);
}
