namespace Pulumi.Gcp;

[GcpResourceType("pulumi:providers:gcp")]
public sealed class Provider(string name, ProviderArgs? args = null, CustomResourceOptions? options = null)
    : ProviderResource("gcp", name, args ?? new(), Package.Options(options, "accessToken"));

public sealed class ProviderArgs : ResourceArgs
{
    [Input("project")] public Input<string>? Project { get; set; }
    [Input("region")] public Input<string>? Region { get; set; }
    [Input("zone")] public Input<string>? Zone { get; set; }
    [Input("defaultLabels", json: true)] private InputMap<string>? _defaultLabels; public InputMap<string> DefaultLabels { get => _defaultLabels ??= new(); set => _defaultLabels = value; }
}
