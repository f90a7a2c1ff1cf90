namespace Pulumi.Gcp.Compute.Outputs;

[OutputType]
public sealed class InstanceNetworkInterface
{
    public readonly string? NetworkIp;

    [OutputConstructor]
    private InstanceNetworkInterface(string? networkIp) => NetworkIp = networkIp;
}
