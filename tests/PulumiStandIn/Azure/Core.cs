namespace Pulumi.Azure.Core;

[AzureResourceType("azure:core/resourceGroup:ResourceGroup")]
public sealed class ResourceGroup(string name, ResourceGroupArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("azure:core/resourceGroup:ResourceGroup", name, args ?? new(), Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class ResourceGroupArgs : ResourceArgs
{
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("location")] public Input<string>? Location { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}
