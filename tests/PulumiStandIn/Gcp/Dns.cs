namespace Pulumi.Gcp.Dns;

[GcpResourceType("gcp:dns/recordSet:RecordSet")]
public sealed class RecordSet(string name, RecordSetArgs args, CustomResourceOptions? options = null)
    : CustomResource("gcp:dns/recordSet:RecordSet", name, args, Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class RecordSetArgs : ResourceArgs
{
    [Input("managedZone", required: true)] public Input<string> ManagedZone { get; set; } = null!;
    [Input("name", required: true)] public Input<string> Name { get; set; } = null!;
    [Input("type", required: true)] public Input<string> Type { get; set; } = null!;
    [Input("ttl")] public Input<int>? Ttl { get; set; }
    [Input("rrdatas")] private InputList<string>? _rrdatas; public InputList<string> Rrdatas { get => _rrdatas ??= new(); set => _rrdatas = value; }
}
