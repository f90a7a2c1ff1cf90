namespace Pulumi.Azure.Dns;

[AzureResourceType("azure:dns/aRecord:ARecord")]
public sealed class ARecord(string name, ARecordArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:dns/aRecord:ARecord", name, args, Package.Options(options));

public sealed class ARecordArgs : ResourceArgs
{
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("zoneName", required: true)] public Input<string> ZoneName { get; set; } = null!;
    [Input("ttl", required: true)] public Input<int> Ttl { get; set; } = null!;
    [Input("records")] private InputList<string>? _records; public InputList<string> Records { get => _records ??= new(); set => _records = value; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

public static class GetZone
{
    public static Output<GetZoneResult> Invoke(GetZoneInvokeArgs args, InvokeOptions? options = null) =>
        Deployment.Instance.Invoke<GetZoneResult>("azure:dns/getZone:getZone", args, Package.Invoke(options));
}

public sealed class GetZoneInvokeArgs : InvokeArgs
{
    [Input("name", required: true)] public Input<string> Name { get; set; } = null!;
    [Input("resourceGroupName")] public Input<string>? ResourceGroupName { get; set; }
}

[OutputType]
public sealed class GetZoneResult
{
    public readonly string Id;
    public readonly string Name;

    [OutputConstructor]
    private GetZoneResult(string id, string name) => (Id, Name) = (id, name);
}
