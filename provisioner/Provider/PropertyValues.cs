using Google.Protobuf.WellKnownTypes;

namespace Provisioner.Provider;

/// <summary>Values as they travel: secrets and unknowns are marked inside ordinary structs.</summary>
internal static class PropertyValues
{
    private const string Marker = "4dabf18193072939515e22adb298388d", SecretMark = "1b47061264138c4ac30d75fd1eb44270", UnknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    public static Value Unknown => Value.ForString(UnknownText);

    public static Value Text(string text) => Value.ForString(text);

    public static Value Texts(IEnumerable<string> texts) => Value.ForList([.. texts.Select(Value.ForString)]);

    public static Value Map(IEnumerable<KeyValuePair<string, Value>> members)
    {
        var map = new Struct();
        foreach (var (name, value) in members) map.Fields[name] = value;
        return Value.ForStruct(map);
    }

    public static Value Secret(Value value) => IsSecret(value) ? value : Value.ForStruct(new Struct { Fields = { [Marker] = Value.ForString(SecretMark), ["value"] = value } });

    public static bool IsSecret(Value value) => value.KindCase == Value.KindOneofCase.StructValue && value.StructValue.Fields.TryGetValue(Marker, out var mark) && mark.StringValue == SecretMark;

    public static bool IsUnknown(Value value) => value.KindCase == Value.KindOneofCase.StringValue && value.StringValue == UnknownText;

    /// <summary>Any part of it.</summary>
    public static bool HasUnknown(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StructValue => value.StructValue.Fields.Values.Any(HasUnknown),
        Value.KindOneofCase.ListValue => value.ListValue.Values.Any(HasUnknown),
        _ => IsUnknown(value),
    };

    /// <summary>Without the marks of secrets.</summary>
    public static Value Bare(Value value)
    {
        if (IsSecret(value)) return Bare(value.StructValue.Fields["value"]);
        return value.KindCase switch
        {
            Value.KindOneofCase.StructValue => Map(value.StructValue.Fields.Select(f => KeyValuePair.Create(f.Key, Bare(f.Value)))),
            Value.KindOneofCase.ListValue => Value.ForList([.. value.ListValue.Values.Select(Bare)]),
            _ => value,
        };
    }

    public static Value? Member(Struct? members, string name) => members is not null && members.Fields.TryGetValue(name, out var value) ? value : null;

    /// <summary>A member of a map, marks taken off; null when it is not there.</summary>
    public static Struct Members(Struct? members, string name) => Member(members, name) is { } value && Bare(value) is { KindCase: Value.KindOneofCase.StructValue } bare ? bare.StructValue : new Struct();

    /// <summary>A text, marks taken off; null when it is absent, unknown or something else.</summary>
    public static string? TextOf(Struct? members, string name) =>
        Member(members, name) is { } value && Bare(value) is { KindCase: Value.KindOneofCase.StringValue } bare && !IsUnknown(bare) ? bare.StringValue : null;

    /// <summary>A path in Pulumi's form: settings["size"].</summary>
    public static string Path(string property, string key) => $"{property}[\"{key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"]";
}
