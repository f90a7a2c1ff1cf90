namespace Pulumi.Aws.Route53;

[AwsResourceType("aws:route53/record:Record")]
public sealed class Record(string name, RecordArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:route53/record:Record", name, args, Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class RecordArgs : ResourceArgs
{
    [Input("zoneId", required: true)] public Input<string> ZoneId { get; set; } = null!;
    [Input("name", required: true)] public Input<string> Name { get; set; } = null!;
    [Input("type", required: true)] public InputUnion<string, RecordType> Type { get; set; } = null!;
    [Input("ttl")] public Input<int>? Ttl { get; set; }
    [Input("records")] private InputList<string>? _records; public InputList<string> Records { get => _records ??= new(); set => _records = value; }
}

public static class GetZone
{
    public static Output<GetZoneResult> Invoke(GetZoneInvokeArgs? args = null, InvokeOptions? options = null) =>
        Deployment.Instance.Invoke<GetZoneResult>("aws:route53/getZone:getZone", args ?? new(), Package.Invoke(options));
}

public sealed class GetZoneInvokeArgs : InvokeArgs
{
    [Input("name")] public Input<string>? Name { get; set; }
}

[OutputType]
public sealed class GetZoneResult
{
    public readonly string ZoneId;
    public readonly string Id;
    public readonly string Name;

    [OutputConstructor]
    private GetZoneResult(string zoneId, string id, string name) => (ZoneId, Id, Name) = (zoneId, id, name);
}

[EnumType]
public readonly struct RecordType : IEquatable<RecordType>
{
    private readonly string _value;
    private RecordType(string value) => _value = value;
    public static RecordType A { get; } = new("A");
    public static RecordType AAAA { get; } = new("AAAA");
    public static RecordType CAA { get; } = new("CAA");
    public static explicit operator string(RecordType value) => value._value;
    public static bool operator ==(RecordType left, RecordType right) => left.Equals(right);
    public static bool operator !=(RecordType left, RecordType right) => !left.Equals(right);
    public override bool Equals(object? obj) => obj is RecordType other && Equals(other);
    public bool Equals(RecordType other) => _value == other._value;
    public override int GetHashCode() => string.GetHashCode(_value, StringComparison.Ordinal);
    public override string ToString() => _value;
}
