using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Type = System.Type;

namespace Pulumi.Wire;

/// <summary>Reads an answer of the engine into a type of the program. One secret inside makes the whole secret, one unknown inside makes the whole unknown.</summary>
internal sealed class Deserializer(string what)
{
    public bool IsSecret { get; private set; }

    public bool IsUnknown { get; private set; }

    /// <exception cref="InvalidOperationException">The answer does not fit the type.</exception>
    public object? Read(Value value, Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return value.KindCase is Value.KindOneofCase.NullValue ? null : Read(value, underlying);
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StringValue when value.StringValue == Markers.Unknown:
                IsUnknown = true;
                return Default(type);
            case Value.KindOneofCase.StructValue when value.StructValue.Fields.TryGetValue(Markers.Key, out var marker):
                return ReadMarked(marker.StringValue, value.StructValue, type);
            case Value.KindOneofCase.NullValue or Value.KindOneofCase.None:
                return Default(type);
        }
        if (type == typeof(object)) return ReadUntyped(value);
        if (type == typeof(JsonElement)) return JsonDocument.Parse(JsonFormatter.Default.Format(value)).RootElement;
        if (type.IsGenericType)
        {
            var generic = type.GetGenericTypeDefinition();
            var arguments = type.GetGenericArguments();
            if (generic == typeof(Union<,>)) return ReadUnion(value, type, arguments);
            if (generic == typeof(ImmutableArray<>)) return Call(nameof(ReadList), arguments[0], value);
            if (generic == typeof(ImmutableDictionary<,>) && arguments[0] == typeof(string)) return Call(nameof(ReadMap), arguments[1], value);
        }
        if (type.GetCustomAttribute<EnumTypeAttribute>() is not null) return ReadNamed(value, type);
        if (type.GetCustomAttribute<OutputTypeAttribute>() is not null) return ReadOutputType(value, type);
        return value.KindCase switch
        {
            Value.KindOneofCase.StringValue when type == typeof(string) => value.StringValue,
            Value.KindOneofCase.BoolValue when type == typeof(bool) => value.BoolValue,
            Value.KindOneofCase.NumberValue when type == typeof(double) => value.NumberValue,
            Value.KindOneofCase.NumberValue when type == typeof(int) => checked((int)value.NumberValue),
            Value.KindOneofCase.NumberValue when type.IsEnum => System.Enum.ToObject(type, (int)value.NumberValue),
            _ => throw Misfit(value, type),
        };
    }

    private object? ReadMarked(string marker, Struct marked, Type type)
    {
        switch (marker)
        {
            case Markers.Secret:
                IsSecret = true;
                return Read(marked.Fields["value"], type);
            case Markers.Output:
                IsSecret |= marked.Fields.TryGetValue("secret", out var secret) && secret.BoolValue;
                if (marked.Fields.TryGetValue("value", out var known)) return Read(known, type);
                IsUnknown = true;
                return Default(type);
            case Markers.Asset: return Text(marked, "text") is { } text ? new StringAsset(text) : Text(marked, "path") is { } path ? new FileAsset(path) : new RemoteAsset(Text(marked, "uri")!);
            case Markers.Archive when marked.Fields.TryGetValue("assets", out var assets):
                return new AssetArchive(assets.StructValue.Fields.ToDictionary(f => f.Key, f => (AssetOrArchive)Read(f.Value, typeof(AssetOrArchive))!));
            case Markers.Archive: return Text(marked, "path") is { } folder ? new FileArchive(folder) : new RemoteArchive(Text(marked, "uri")!);
            case Markers.Resource: return Text(marked, "id") is { Length: > 0 } id ? id : Text(marked, "urn");
            default: throw new InvalidOperationException($"{what}: a value of an unknown kind, {marker}.");
        }
    }

    private static string? Text(Struct marked, string name) => marked.Fields.TryGetValue(name, out var value) ? value.StringValue : null;

    private object? ReadUntyped(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => value.StringValue,
        Value.KindOneofCase.BoolValue => value.BoolValue,
        Value.KindOneofCase.NumberValue => value.NumberValue,
        Value.KindOneofCase.ListValue => ReadList<object?>(value),
        Value.KindOneofCase.StructValue => ReadMap<object?>(value),
        _ => null,
    };

    private object ReadUnion(Value value, Type type, Type[] arguments)
    {
        for (var i = 0; i < 2; i++)
        {
            try
            {
                var member = new Deserializer(what);
                var read = member.Read(value, arguments[i]);
                (IsSecret, IsUnknown) = (IsSecret || member.IsSecret, IsUnknown || member.IsUnknown);
                return type.GetMethod($"FromT{i}")!.Invoke(null, [read])!;
            }
            catch (InvalidOperationException) when (i == 0)
            {
                continue;   // the second member may fit
            }
        }
        throw Misfit(value, type);
    }

    private object Call(string method, Type argument, Value value) =>
        GetType().GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic)!.MakeGenericMethod(argument)
            .Invoke(this, BindingFlags.DoNotWrapExceptions, null, [value], null)!;

    private ImmutableArray<T> ReadList<T>(Value value)
    {
        if (value.KindCase is not Value.KindOneofCase.ListValue) throw Misfit(value, typeof(ImmutableArray<T>));
        return ImmutableCollectionsMarshal.AsImmutableArray(value.ListValue.Values.Select(v => (T)Read(v, typeof(T))!).ToArray());
    }

    private ImmutableDictionary<string, T> ReadMap<T>(Value value)
    {
        if (value.KindCase is not Value.KindOneofCase.StructValue) throw Misfit(value, typeof(ImmutableDictionary<string, T>));
        return value.StructValue.Fields.Where(f => !f.Key.StartsWith("__", StringComparison.Ordinal)).ToImmutableDictionary(f => f.Key, f => (T)Read(f.Value, typeof(T))!);
    }

    private object ReadNamed(Value value, Type type)
    {
        object plain = value.KindCase is Value.KindOneofCase.NumberValue ? value.NumberValue : value.KindCase is Value.KindOneofCase.StringValue ? value.StringValue : throw Misfit(value, type);
        return type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [plain.GetType()])?.Invoke([plain]) ?? throw Misfit(value, type);
    }

    private object ReadOutputType(Value value, Type type)
    {
        if (value.KindCase is not Value.KindOneofCase.StructValue) throw Misfit(value, type);
        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .FirstOrDefault(c => c.GetCustomAttribute<OutputConstructorAttribute>() is not null) ?? throw new InvalidOperationException($"{type} has no output constructor.");
        var arguments = constructor.GetParameters().Select(p =>
        {
            var name = p.GetCustomAttribute<OutputConstructorParameterAttribute>()?.Name ?? p.Name!;
            return value.StructValue.Fields.TryGetValue(name, out var member) ? Read(member, p.ParameterType) : Default(p.ParameterType);
        });
        return constructor.Invoke([.. arguments]);
    }

    private static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;

    private InvalidOperationException Misfit(Value value, Type type) => new($"{what}: expected {type}, got {value.KindCase}.");
}
