using System.Collections;
using System.Reflection;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Pulumi.Wire;

/// <summary>Writes one property as the engine reads it, and remembers which resources its value comes from.</summary>
/// <param name="keepOutputs">For a remote component: what is unknown, secret or dependent travels as an output value instead of a marker or a plain value.</param>
internal sealed class Serializer(bool keepOutputs = false)
{
    public HashSet<Resource> Dependencies { get; } = [];

    public bool HasUnknown { get; private set; }

    public bool HasSecret { get; private set; }

    /// <summary>All members that are set. Null values are left out, in objects at any depth.</summary>
    public async Task<Struct> StructAsync(IEnumerable<KeyValuePair<string, object?>> members)
    {
        var result = new Struct();
        foreach (var (name, value) in members)
            if (await ValueAsync(value).ConfigureAwait(false) is { } written) result.Fields[name] = written;
        return result;
    }

    /// <returns>Null for null.</returns>
    /// <exception cref="InvalidOperationException">A type that no input can have.</exception>
    public async Task<Value?> ValueAsync(object? value)
    {
        switch (value)
        {
            case null: return null;
            case IInput input: return await OutputAsync(input.Behind).ConfigureAwait(false);
            case IOutput output: return await OutputAsync(output).ConfigureAwait(false);
            case string text: return Value.ForString(text);
            case bool flag: return Value.ForBool(flag);
            case int or long or double or float or decimal or short or byte or uint: return Value.ForNumber(Convert.ToDouble(value, null));
            case JsonElement json: return json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : JsonParser.Default.Parse<Value>(json.GetRawText());
            case JsonDocument document: return await ValueAsync(document.RootElement).ConfigureAwait(false);
            case IUnion union: return await ValueAsync(union.Value).ConfigureAwait(false);
            case Resource resource: return await ReferenceAsync(resource).ConfigureAwait(false);
            case AssetOrArchive asset: return Marked(asset.Marker, (asset.Key, await ValueAsync(asset.Content).ConfigureAwait(false)));
            case InputArgs args: return Value.ForStruct(await StructAsync(args.Members().Select(m => KeyValuePair.Create(m.Key, m.Value.Value))).ConfigureAwait(false));
            case System.Enum number: return Value.ForNumber(Convert.ToInt32(number, null));
            case IDictionary map: return Value.ForStruct(await StructAsync(Entries(map)).ConfigureAwait(false));
            case IEnumerable list: return await ListAsync(list).ConfigureAwait(false);
        }
        if (NamedValue(value) is { } named) return await ValueAsync(named).ConfigureAwait(false);
        throw new InvalidOperationException($"{value.GetType()} is not a supported argument type.");
    }

    /// <summary>A provider's inputs that are no strings travel as JSON text.</summary>
    public async Task<Value?> JsonAsync(object? value)
    {
        var inner = new Serializer();
        var written = await inner.ValueAsync(value).ConfigureAwait(false);
        Dependencies.UnionWith(inner.Dependencies);
        if (written is null) return null;
        if (inner.HasUnknown) return Unknown();
        var text = Value.ForString(JsonFormatter.Default.Format(inner.HasSecret ? Bare(written) : written));
        return inner.HasSecret ? Secret(text) : text;
    }

    /// <summary>The URNs of real resources that a set of resources stands for: a local component stands for all custom and remote ones below it.</summary>
    public static async Task<SortedSet<string>> UrnsAsync(IEnumerable<Resource> resources)
    {
        var reached = new HashSet<Resource>();
        var open = new Stack<Resource>(resources);
        while (open.TryPop(out var resource))
        {
            if (!reached.Add(resource) || resource.IsCustom || resource.IsRemote) continue;
            foreach (var child in resource.Children()) open.Push(child);
        }
        var urns = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var resource in reached.Where(r => r.IsCustom || r.IsRemote)) urns.Add((await resource.Urn.Data.ConfigureAwait(false)).Value);
        return urns;
    }

    private async Task<Value?> OutputAsync(IOutput output)
    {
        var data = await output.UntypedData.ConfigureAwait(false);
        Dependencies.UnionWith(data.Resources);
        var value = data.IsKnown ? await ValueAsync(data.Value).ConfigureAwait(false) : null;
        HasSecret |= data.IsSecret;
        if (keepOutputs && (!data.IsKnown || data.IsSecret || data.Resources.Count > 0)) return await OutputValueAsync(data, value).ConfigureAwait(false);
        if (!data.IsKnown) return Unknown();
        return data.IsSecret && value is not null && !IsUnknown(value) ? Secret(value) : value;
    }

    private async Task<Value> OutputValueAsync(OutputData<object?> data, Value? value)
    {
        HasUnknown |= !data.IsKnown;
        var urns = await UrnsAsync(data.Resources).ConfigureAwait(false);
        return Marked(Markers.Output,
            ("value", data.IsKnown ? value ?? Value.ForNull() : null),
            ("secret", data.IsSecret ? Value.ForBool(true) : null),
            ("dependencies", urns.Count > 0 ? Value.ForList([.. urns.Select(Value.ForString)]) : null));
    }

    private async Task<Value> ReferenceAsync(Resource resource)
    {
        if (!keepOutputs) Dependencies.Add(resource);
        var urn = await resource.Urn.Data.ConfigureAwait(false);
        if (resource is not CustomResource custom) return Marked(Markers.Resource, ("urn", Value.ForString(urn.Value)));
        var id = await custom.Id.Data.ConfigureAwait(false);
        return Marked(Markers.Resource, ("urn", Value.ForString(urn.Value)), ("id", Value.ForString(id.IsKnown ? id.Value ?? "" : "")));
    }

    private async Task<Value> ListAsync(IEnumerable list)
    {
        var values = new ListValue();
        foreach (var element in list) values.Values.Add(await ValueAsync(element).ConfigureAwait(false) ?? Value.ForNull());
        return new Value { ListValue = values };
    }

    private static IEnumerable<KeyValuePair<string, object?>> Entries(IDictionary map)
    {
        foreach (DictionaryEntry entry in map)
            yield return KeyValuePair.Create(entry.Key as string ?? throw new InvalidOperationException($"A map's keys must be strings, not {entry.Key.GetType()}."), entry.Value);
    }

    /// <summary>The string or number of a struct of named values.</summary>
    private static object? NamedValue(object value)
    {
        var type = value.GetType();
        if (type.GetCustomAttribute<EnumTypeAttribute>() is null) return null;
        return type.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .First(m => m.Name == "op_Explicit" && m.GetParameters()[0].ParameterType == type && (m.ReturnType == typeof(string) || m.ReturnType == typeof(double)))
            .Invoke(null, [value]);
    }

    private Value Unknown()
    {
        HasUnknown = true;
        return Value.ForString(Markers.Unknown);
    }

    private static bool IsUnknown(Value value) => value.KindCase is Value.KindOneofCase.StringValue && value.StringValue == Markers.Unknown;

    private static Value Secret(Value value) => Marked(Markers.Secret, ("value", value));

    private static Value Marked(string marker, params (string Name, Value? Value)[] members)
    {
        var marked = new Struct { Fields = { [Markers.Key] = Value.ForString(marker) } };
        foreach (var (name, value) in members)
            if (value is not null) marked.Fields[name] = value;
        return Value.ForStruct(marked);
    }

    /// <summary>The value without its secret markers.</summary>
    private static Value Bare(Value value)
    {
        if (value.KindCase is Value.KindOneofCase.ListValue) return Value.ForList([.. value.ListValue.Values.Select(Bare)]);
        if (value.KindCase is not Value.KindOneofCase.StructValue) return value;
        var fields = value.StructValue.Fields;
        if (fields.TryGetValue(Markers.Key, out var marker) && marker.StringValue == Markers.Secret) return Bare(fields["value"]);
        var bare = new Struct();
        foreach (var (name, member) in fields) bare.Fields[name] = Bare(member);
        return Value.ForStruct(bare);
    }
}
