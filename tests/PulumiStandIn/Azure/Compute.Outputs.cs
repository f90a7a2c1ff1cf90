namespace Pulumi.Azure.Compute.Outputs;

[OutputType]
public sealed class LinuxVirtualMachineIdentity
{
    public readonly string? PrincipalId;

    [OutputConstructor]
    private LinuxVirtualMachineIdentity(string? principalId) => PrincipalId = principalId;
}
