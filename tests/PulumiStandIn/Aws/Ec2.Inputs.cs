namespace Pulumi.Aws.Ec2.Inputs;

public sealed class InstanceMetadataOptionsArgs : ResourceArgs
{
    [Input("httpEndpoint")] public Input<string>? HttpEndpoint { get; set; }
    [Input("httpTokens")] public Input<string>? HttpTokens { get; set; }
    [Input("httpPutResponseHopLimit")] public Input<int>? HttpPutResponseHopLimit { get; set; }
}

public sealed class InstanceRootBlockDeviceArgs : ResourceArgs
{
    [Input("volumeType")] public Input<string>? VolumeType { get; set; }
    [Input("volumeSize")] public Input<int>? VolumeSize { get; set; }
    [Input("iops")] public Input<int>? Iops { get; set; }
    [Input("throughput")] public Input<int>? Throughput { get; set; }
    [Input("encrypted")] public Input<bool>? Encrypted { get; set; }
    [Input("kmsKeyId")] public Input<string>? KmsKeyId { get; set; }
    [Input("deleteOnTermination")] public Input<bool>? DeleteOnTermination { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}
