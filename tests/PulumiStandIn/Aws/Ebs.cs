namespace Pulumi.Aws.Ebs;

[AwsResourceType("aws:ebs/volume:Volume")]
public sealed class Volume(string name, VolumeArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:ebs/volume:Volume", name, args, Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class VolumeArgs : ResourceArgs
{
    [Input("availabilityZone", required: true)] public Input<string> AvailabilityZone { get; set; } = null!;
    [Input("size")] public Input<int>? Size { get; set; }
    [Input("type")] public Input<string>? Type { get; set; }
    [Input("iops")] public Input<int>? Iops { get; set; }
    [Input("throughput")] public Input<int>? Throughput { get; set; }
    [Input("encrypted")] public Input<bool>? Encrypted { get; set; }
    [Input("kmsKeyId")] public Input<string>? KmsKeyId { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}
