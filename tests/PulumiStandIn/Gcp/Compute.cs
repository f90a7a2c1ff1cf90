namespace Pulumi.Gcp.Compute;

[GcpResourceType("gcp:compute/network:Network")]
public sealed class Network(string name, NetworkArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("gcp:compute/network:Network", name, args ?? new(), Package.Options(options))
{
    [Output("selfLink")] public Output<string> SelfLink { get; private set; } = null!;
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class NetworkArgs : ResourceArgs
{
    [Input("autoCreateSubnetworks")] public Input<bool>? AutoCreateSubnetworks { get; set; }
    [Input("routingMode")] public Input<string>? RoutingMode { get; set; }
}

[GcpResourceType("gcp:compute/subnetwork:Subnetwork")]
public sealed class Subnetwork(string name, SubnetworkArgs args, CustomResourceOptions? options = null)
    : CustomResource("gcp:compute/subnetwork:Subnetwork", name, args, Package.Options(options))
{
    [Output("selfLink")] public Output<string> SelfLink { get; private set; } = null!;
}

public sealed class SubnetworkArgs : ResourceArgs
{
    [Input("network", required: true)] public Input<string> Network { get; set; } = null!;
    [Input("ipCidrRange")] public Input<string>? IpCidrRange { get; set; }
    [Input("region")] public Input<string>? Region { get; set; }
    [Input("privateIpGoogleAccess")] public Input<bool>? PrivateIpGoogleAccess { get; set; }
}

[GcpResourceType("gcp:compute/firewall:Firewall")]
public sealed class Firewall(string name, FirewallArgs args, CustomResourceOptions? options = null)
    : CustomResource("gcp:compute/firewall:Firewall", name, args, Package.Options(options));

public sealed class FirewallArgs : ResourceArgs
{
    [Input("network", required: true)] public Input<string> Network { get; set; } = null!;
    [Input("direction")] public Input<string>? Direction { get; set; }
    [Input("allows")] private InputList<Inputs.FirewallAllowArgs>? _allows; public InputList<Inputs.FirewallAllowArgs> Allows { get => _allows ??= new(); set => _allows = value; }
    [Input("sourceRanges")] private InputList<string>? _sourceRanges; public InputList<string> SourceRanges { get => _sourceRanges ??= new(); set => _sourceRanges = value; }
    [Input("targetTags")] private InputList<string>? _targetTags; public InputList<string> TargetTags { get => _targetTags ??= new(); set => _targetTags = value; }
    [Input("description")] public Input<string>? Description { get; set; }
}

[GcpResourceType("gcp:compute/address:Address")]
public sealed class Address(string name, AddressArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("gcp:compute/address:Address", name, args ?? new(), Package.Options(options, "effectiveLabels", "pulumiLabels"))
{
    [Output("address")] public Output<string> IPAddress { get; private set; } = null!;
    [Output("selfLink")] public Output<string> SelfLink { get; private set; } = null!;
}

public sealed class AddressArgs : ResourceArgs
{
    [Input("region")] public Input<string>? Region { get; set; }
    [Input("addressType")] public Input<string>? AddressType { get; set; }
    [Input("networkTier")] public Input<string>? NetworkTier { get; set; }
}

[GcpResourceType("gcp:compute/instance:Instance")]
public sealed class Instance(string name, InstanceArgs args, CustomResourceOptions? options = null)
    : CustomResource("gcp:compute/instance:Instance", name, args, Package.Options(options, "effectiveLabels", "pulumiLabels"))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
    [Output("selfLink")] public Output<string> SelfLink { get; private set; } = null!;
    [Output("instanceId")] public Output<string> InstanceId { get; private set; } = null!;
    [Output("networkInterfaces")] public Output<System.Collections.Immutable.ImmutableArray<Outputs.InstanceNetworkInterface>> NetworkInterfaces { get; private set; } = null!;
}

public sealed class InstanceArgs : ResourceArgs
{
    [Input("machineType", required: true)] public Input<string> MachineType { get; set; } = null!;
    [Input("zone")] public Input<string>? Zone { get; set; }
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("bootDisk", required: true)] public Input<Inputs.InstanceBootDiskArgs> BootDisk { get; set; } = null!;
    [Input("networkInterfaces", required: true)] private InputList<Inputs.InstanceNetworkInterfaceArgs>? _networkInterfaces; public InputList<Inputs.InstanceNetworkInterfaceArgs> NetworkInterfaces { get => _networkInterfaces ??= new(); set => _networkInterfaces = value; }
    [Input("tags")] private InputList<string>? _tags; public InputList<string> Tags { get => _tags ??= new(); set => _tags = value; }
    [Input("labels")] private InputMap<string>? _labels; public InputMap<string> Labels { get => _labels ??= new(); set => _labels = value; }
    [Input("metadata")] private InputMap<string>? _metadata; public InputMap<string> Metadata { get => _metadata ??= new(); set => _metadata = value; }
    [Input("serviceAccount")] public Input<Inputs.InstanceServiceAccountArgs>? ServiceAccount { get; set; }
    [Input("shieldedInstanceConfig")] public Input<Inputs.InstanceShieldedInstanceConfigArgs>? ShieldedInstanceConfig { get; set; }
    [Input("deletionProtection")] public Input<bool>? DeletionProtection { get; set; }
    [Input("allowStoppingForUpdate")] public Input<bool>? AllowStoppingForUpdate { get; set; }
}

[GcpResourceType("gcp:compute/disk:Disk")]
public sealed class Disk(string name, DiskArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("gcp:compute/disk:Disk", name, args ?? new(), Package.Options(options, "effectiveLabels", "pulumiLabels"))
{
    [Output("selfLink")] public Output<string> SelfLink { get; private set; } = null!;
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class DiskArgs : ResourceArgs
{
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("zone")] public Input<string>? Zone { get; set; }
    [Input("type")] public Input<string>? Type { get; set; }
    [Input("size")] public Input<int>? Size { get; set; }
    [Input("provisionedIops")] public Input<int>? ProvisionedIops { get; set; }
    [Input("provisionedThroughput")] public Input<int>? ProvisionedThroughput { get; set; }
    [Input("diskEncryptionKey")] public Input<Inputs.DiskDiskEncryptionKeyArgs>? DiskEncryptionKey { get; set; }
    [Input("labels")] private InputMap<string>? _labels; public InputMap<string> Labels { get => _labels ??= new(); set => _labels = value; }
    [Input("image")] public Input<string>? Image { get; set; }
}

[GcpResourceType("gcp:compute/attachedDisk:AttachedDisk")]
public sealed class AttachedDisk(string name, AttachedDiskArgs args, CustomResourceOptions? options = null)
    : CustomResource("gcp:compute/attachedDisk:AttachedDisk", name, args, Package.Options(options));

public sealed class AttachedDiskArgs : ResourceArgs
{
    [Input("disk", required: true)] public Input<string> Disk { get; set; } = null!;
    [Input("instance", required: true)] public Input<string> Instance { get; set; } = null!;
    [Input("deviceName")] public Input<string>? DeviceName { get; set; }
    [Input("zone")] public Input<string>? Zone { get; set; }
}

[GcpResourceType("gcp:compute/resourcePolicy:ResourcePolicy")]
public sealed class ResourcePolicy(string name, ResourcePolicyArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("gcp:compute/resourcePolicy:ResourcePolicy", name, args ?? new(), Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class ResourcePolicyArgs : ResourceArgs
{
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("region")] public Input<string>? Region { get; set; }
    [Input("description")] public Input<string>? Description { get; set; }
    [Input("snapshotSchedulePolicy")] public Input<Inputs.ResourcePolicySnapshotSchedulePolicyArgs>? SnapshotSchedulePolicy { get; set; }
}

[GcpResourceType("gcp:compute/diskResourcePolicyAttachment:DiskResourcePolicyAttachment")]
public sealed class DiskResourcePolicyAttachment(string name, DiskResourcePolicyAttachmentArgs args, CustomResourceOptions? options = null)
    : CustomResource("gcp:compute/diskResourcePolicyAttachment:DiskResourcePolicyAttachment", name, args, Package.Options(options));

public sealed class DiskResourcePolicyAttachmentArgs : ResourceArgs
{
    [Input("disk", required: true)] public Input<string> Disk { get; set; } = null!;
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("zone")] public Input<string>? Zone { get; set; }
}

public static class GetImage
{
    public static Output<GetImageResult> Invoke(GetImageInvokeArgs? args = null, InvokeOptions? options = null) =>
        Deployment.Instance.Invoke<GetImageResult>("gcp:compute/getImage:getImage", args ?? new(), Package.Invoke(options));
}

public sealed class GetImageInvokeArgs : InvokeArgs
{
    [Input("family")] public Input<string>? Family { get; set; }
    [Input("project")] public Input<string>? Project { get; set; }
}

[OutputType]
public sealed class GetImageResult
{
    public readonly string SelfLink;
    public readonly string Id;
    public readonly string Name;

    [OutputConstructor]
    private GetImageResult(string selfLink, string id, string name) => (SelfLink, Id, Name) = (selfLink, id, name);
}
