namespace Pulumi.Azure.Compute;

[AzureResourceType("azure:compute/linuxVirtualMachine:LinuxVirtualMachine")]
public sealed class LinuxVirtualMachine(string name, LinuxVirtualMachineArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:compute/linuxVirtualMachine:LinuxVirtualMachine", name, args, Package.Options(options, "adminPassword", "customData"))
{
    [Output("privateIpAddress")] public Output<string> PrivateIpAddress { get; private set; } = null!;
    [Output("identity")] public Output<Outputs.LinuxVirtualMachineIdentity?> Identity { get; private set; } = null!;
}

public sealed class LinuxVirtualMachineArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("size", required: true)] public Input<string> Size { get; set; } = null!;
    [Input("adminUsername")] public Input<string>? AdminUsername { get; set; }
    [Input("adminSshKeys")] private InputList<Inputs.LinuxVirtualMachineAdminSshKeyArgs>? _adminSshKeys; public InputList<Inputs.LinuxVirtualMachineAdminSshKeyArgs> AdminSshKeys { get => _adminSshKeys ??= new(); set => _adminSshKeys = value; }
    [Input("disablePasswordAuthentication")] public Input<bool>? DisablePasswordAuthentication { get; set; }
    [Input("networkInterfaceIds", required: true)] private InputList<string>? _networkInterfaceIds; public InputList<string> NetworkInterfaceIds { get => _networkInterfaceIds ??= new(); set => _networkInterfaceIds = value; }
    [Input("osDisk", required: true)] public Input<Inputs.LinuxVirtualMachineOsDiskArgs> OsDisk { get; set; } = null!;
    [Input("sourceImageReference")] public Input<Inputs.LinuxVirtualMachineSourceImageReferenceArgs>? SourceImageReference { get; set; }
    [Input("customData")] private Input<string>? _customData; public Input<string>? CustomData { get => _customData; set => _customData = Package.Secret(value); }
    [Input("secureBootEnabled")] public Input<bool>? SecureBootEnabled { get; set; }
    [Input("vtpmEnabled")] public Input<bool>? VtpmEnabled { get; set; }
    [Input("identity")] public Input<Inputs.LinuxVirtualMachineIdentityArgs>? Identity { get; set; }
    [Input("zone")] public Input<string>? Zone { get; set; }
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("computerName")] public Input<string>? ComputerName { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AzureResourceType("azure:compute/managedDisk:ManagedDisk")]
public sealed class ManagedDisk(string name, ManagedDiskArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:compute/managedDisk:ManagedDisk", name, args, Package.Options(options));

public sealed class ManagedDiskArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("storageAccountType", required: true)] public Input<string> StorageAccountType { get; set; } = null!;
    [Input("createOption", required: true)] public Input<string> CreateOption { get; set; } = null!;
    [Input("diskSizeGb")] public Input<int>? DiskSizeGb { get; set; }
    [Input("diskIopsReadWrite")] public Input<int>? DiskIopsReadWrite { get; set; }
    [Input("diskMbpsReadWrite")] public Input<int>? DiskMbpsReadWrite { get; set; }
    [Input("diskEncryptionSetId")] public Input<string>? DiskEncryptionSetId { get; set; }
    [Input("publicNetworkAccessEnabled")] public Input<bool>? PublicNetworkAccessEnabled { get; set; }
    [Input("zone")] public Input<string>? Zone { get; set; }
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
    [Input("networkAccessPolicy")] public Input<string>? NetworkAccessPolicy { get; set; }
}

[AzureResourceType("azure:compute/dataDiskAttachment:DataDiskAttachment")]
public sealed class DataDiskAttachment(string name, DataDiskAttachmentArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:compute/dataDiskAttachment:DataDiskAttachment", name, args, Package.Options(options));

public sealed class DataDiskAttachmentArgs : ResourceArgs
{
    [Input("managedDiskId", required: true)] public Input<string> ManagedDiskId { get; set; } = null!;
    [Input("virtualMachineId", required: true)] public Input<string> VirtualMachineId { get; set; } = null!;
    [Input("lun", required: true)] public Input<int> Lun { get; set; } = null!;
    [Input("caching", required: true)] public Input<string> Caching { get; set; } = null!;
}
