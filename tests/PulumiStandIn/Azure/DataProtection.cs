namespace Pulumi.Azure.DataProtection;

[AzureResourceType("azure:dataprotection/backupVault:BackupVault")]
public sealed class BackupVault(string name, BackupVaultArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:dataprotection/backupVault:BackupVault", name, args, Package.Options(options))
{
    [Output("identity")] public Output<Outputs.BackupVaultIdentity?> Identity { get; private set; } = null!;
}

public sealed class BackupVaultArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("datastoreType", required: true)] public Input<string> DatastoreType { get; set; } = null!;
    [Input("redundancy", required: true)] public Input<string> Redundancy { get; set; } = null!;
    [Input("identity")] public Input<Inputs.BackupVaultIdentityArgs>? Identity { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AzureResourceType("azure:dataprotection/backupPolicyDisk:BackupPolicyDisk")]
public sealed class BackupPolicyDisk(string name, BackupPolicyDiskArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:dataprotection/backupPolicyDisk:BackupPolicyDisk", name, args, Package.Options(options));

public sealed class BackupPolicyDiskArgs : ResourceArgs
{
    [Input("vaultId", required: true)] public Input<string> VaultId { get; set; } = null!;
    [Input("backupRepeatingTimeIntervals", required: true)] private InputList<string>? _backupRepeatingTimeIntervals; public InputList<string> BackupRepeatingTimeIntervals { get => _backupRepeatingTimeIntervals ??= new(); set => _backupRepeatingTimeIntervals = value; }
    [Input("defaultRetentionDuration", required: true)] public Input<string> DefaultRetentionDuration { get; set; } = null!;
}

[AzureResourceType("azure:dataprotection/backupInstanceDisk:BackupInstanceDisk")]
public sealed class BackupInstanceDisk(string name, BackupInstanceDiskArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:dataprotection/backupInstanceDisk:BackupInstanceDisk", name, args, Package.Options(options));

public sealed class BackupInstanceDiskArgs : ResourceArgs
{
    [Input("vaultId", required: true)] public Input<string> VaultId { get; set; } = null!;
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("diskId", required: true)] public Input<string> DiskId { get; set; } = null!;
    [Input("snapshotResourceGroupName", required: true)] public Input<string> SnapshotResourceGroupName { get; set; } = null!;
    [Input("backupPolicyId", required: true)] public Input<string> BackupPolicyId { get; set; } = null!;
}
