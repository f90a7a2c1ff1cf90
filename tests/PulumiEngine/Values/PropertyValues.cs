using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace PulumiEngine.Values;

/// <summary>What values in a Struct mean: markers for secrets and the rest, the text that stands for what is not known yet.</summary>
public static class PropertyValues
{
    public const string MarkerKey = "4dabf18193072939515e22adb298388d";
    public const string SecretMarker = "1b47061264138c4ac30d75fd1eb44270";
    public const string OutputMarker = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
    public const string ResourceMarker = "5cf8f73096256a8f31e491e813e4eb8e";
    public const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    public static Value Secret(Value value) => IsSecret(value) || IsUnknown(value)
        ? value
        : Value.ForStruct(new Struct { Fields = { [MarkerKey] = Value.ForString(SecretMarker), ["value"] = value } });

    public static bool IsSecret(Value value) => Marker(value) == SecretMarker;

    public static bool IsUnknown(Value value) => value.KindCase is Value.KindOneofCase.StringValue && value.StringValue == Unknown;

    public static string? Marker(Value value) =>
        value.KindCase is Value.KindOneofCase.StructValue && value.StructValue.Fields.TryGetValue(MarkerKey, out var marker) ? marker.StringValue : null;

    public static bool HasUnknown(Value value) => Any(value, IsUnknown);

    public static bool HasSecret(Value value) => Any(value, IsSecret);

    /// <summary>Every text inside, at any depth.</summary>
    public static IEnumerable<string> Texts(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => [value.StringValue],
        Value.KindOneofCase.ListValue => value.ListValue.Values.SelectMany(Texts),
        Value.KindOneofCase.StructValue => value.StructValue.Fields.Where(f => f.Key != MarkerKey).SelectMany(f => Texts(f.Value)),
        _ => [],
    };

    /// <summary>The texts that stand under a secret marker.</summary>
    public static IEnumerable<string> SecretTexts(Value value) => value.KindCase switch
    {
        _ when IsSecret(value) => Texts(value.StructValue.Fields["value"]),
        Value.KindOneofCase.ListValue => value.ListValue.Values.SelectMany(SecretTexts),
        Value.KindOneofCase.StructValue => value.StructValue.Fields.Values.SelectMany(SecretTexts),
        _ => [],
    };

    /// <summary>The same value with what <paramref name="change"/> makes of its parts, the outermost first; null goes deeper.</summary>
    public static Value Map(Value value, Func<Value, Value?> change)
    {
        if (change(value) is { } changed) return changed;
        switch (value.KindCase)
        {
            case Value.KindOneofCase.ListValue: return Value.ForList([.. value.ListValue.Values.Select(v => Map(v, change))]);
            case Value.KindOneofCase.StructValue: return Value.ForStruct(Map(value.StructValue, change));
            default: return value;
        }
    }

    public static Struct Map(Struct members, Func<Value, Value?> change)
    {
        var mapped = new Struct();
        foreach (var (name, value) in members.Fields) mapped.Fields[name] = Map(value, change);
        return mapped;
    }

    /// <summary>Without secret markers, as a provider that does not know them wants it.</summary>
    public static Struct Bare(Struct members) => Map(members, BareOf);

    public static Value Bare(Value value) => Map(value, BareOf);

    /// <summary>Without the properties that are unknown anywhere inside: that is how the engine answers a program that takes no partial values.</summary>
    public static Struct Known(Struct members)
    {
        var known = new Struct();
        foreach (var (name, value) in members.Fields)
            if (!HasUnknown(value)) known.Fields[name] = value;
        return known;
    }

    /// <summary>Equal but for secret markers.</summary>
    public static bool Same(Value? left, Value? right) =>
        left is null || right is null ? ReferenceEquals(left, right) : Bare(left).Equals(Bare(right));

    /// <summary>A provider's inputs with their JSON texts read: in these the order of members says nothing.</summary>
    public static Struct Unpacked(Struct providerInputs)
    {
        var unpacked = providerInputs.Clone();
        foreach (var (name, value) in providerInputs.Fields)
            if (value.KindCase is Value.KindOneofCase.StringValue && value.StringValue.TrimStart() is ['{' or '[', ..])
                unpacked.Fields[name] = JsonParser.Default.Parse<Value>(value.StringValue);
        return unpacked;
    }

    private static Value? BareOf(Value value) => Marker(value) switch
    {
        SecretMarker => Bare(value.StructValue.Fields["value"]),
        OutputMarker => value.StructValue.Fields.TryGetValue("value", out var known) ? Bare(known) : Value.ForString(Unknown),
        _ => null,
    };

    private static bool Any(Value value, Func<Value, bool> test) => test(value) || value.KindCase switch
    {
        Value.KindOneofCase.ListValue => value.ListValue.Values.Any(v => Any(v, test)),
        Value.KindOneofCase.StructValue => value.StructValue.Fields.Values.Any(v => Any(v, test)),
        _ => false,
    };
}
