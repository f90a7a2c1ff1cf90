namespace Pulumi.Azure.DataProtection.Inputs;

public sealed class BackupVaultIdentityArgs : ResourceArgs
{
    [Input("type", required: true)] public Input<string> Type { get; set; } = null!;
}
