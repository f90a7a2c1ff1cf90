namespace Pulumi.Azure.Compute.Inputs;

public sealed class LinuxVirtualMachineAdminSshKeyArgs : ResourceArgs
{
    [Input("username", required: true)] public Input<string> Username { get; set; } = null!;
    [Input("publicKey", required: true)] public Input<string> PublicKey { get; set; } = null!;
}

public sealed class LinuxVirtualMachineOsDiskArgs : ResourceArgs
{
    [Input("caching", required: true)] public Input<string> Caching { get; set; } = null!;
    [Input("storageAccountType")] public Input<string>? StorageAccountType { get; set; }
    [Input("diskSizeGb")] public Input<int>? DiskSizeGb { get; set; }
    [Input("diskEncryptionSetId")] public Input<string>? DiskEncryptionSetId { get; set; }
}

public sealed class LinuxVirtualMachineSourceImageReferenceArgs : ResourceArgs
{
    [Input("publisher", required: true)] public Input<string> Publisher { get; set; } = null!;
    [Input("offer", required: true)] public Input<string> Offer { get; set; } = null!;
    [Input("sku", required: true)] public Input<string> Sku { get; set; } = null!;
    [Input("version", required: true)] public Input<string> Version { get; set; } = null!;
}

public sealed class LinuxVirtualMachineIdentityArgs : ResourceArgs
{
    [Input("type", required: true)] public Input<string> Type { get; set; } = null!;
}
