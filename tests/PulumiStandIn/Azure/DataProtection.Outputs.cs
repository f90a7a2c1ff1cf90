namespace Pulumi.Azure.DataProtection.Outputs;

[OutputType]
public sealed class BackupVaultIdentity
{
    public readonly string? PrincipalId;

    [OutputConstructor]
    private BackupVaultIdentity(string? principalId) => PrincipalId = principalId;
}
