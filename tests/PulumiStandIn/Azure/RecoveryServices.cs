namespace Pulumi.Azure.RecoveryServices;

[AzureResourceType("azure:recoveryservices/vault:Vault")]
public sealed class Vault(string name, VaultArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:recoveryservices/vault:Vault", name, args, Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class VaultArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}
