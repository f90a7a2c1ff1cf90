using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Provisioner.Delivery.Settings;

namespace Provisioner.Provider;

/// <summary>The inputs that both resources take, read from the wire.</summary>
/// <param name="Bucket">The one that the vaults live in; null where there is none, or while it is unknown.</param>
internal sealed record HostedInputs(string Stack, HostedAddress? Host, string? Bucket, string? HostKeyFingerprint, StackInput? Settings)
{
    /// <summary>Names of the inputs, in the order of the page.</summary>
    public static readonly string[] Names = ["stack", "host", "settings", "secrets", "hostKeyFingerprint"];

    /// <summary>Settings is null while a part of them is unknown; Host while its address or port is.</summary>
    public static HostedInputs Read(Struct inputs)
    {
        var known = Names.Where(n => n is "stack" or "settings" or "secrets").All(n => PropertyValues.Member(inputs, n) is not { } value || !PropertyValues.HasUnknown(value));
        var stack = PropertyValues.TextOf(inputs, "stack") ?? "";
        var host = PropertyValues.Members(inputs, "host");
        return new HostedInputs(stack, HostedAddress.Read(host), PropertyValues.TextOf(host, "bucket"), PropertyValues.TextOf(inputs, "hostKeyFingerprint"), known ? Configuration(stack, inputs) : null);
    }

    /// <summary>What is not of the form that the page tells: (property, reason).</summary>
    public static IEnumerable<(string Property, string Reason)> Misshapen(Struct inputs)
    {
        foreach (var name in inputs.Fields.Keys.Except(Names).Where(n => !n.StartsWith("__", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            yield return (name, name == "desired" ? "it is computed and cannot be set. Remove it." : $"there is no such property. Known are {string.Join(", ", Names)}.");
        foreach (var name in new[] { "stack", "host", "settings" })
            if (PropertyValues.Member(inputs, name) is null) yield return (name, "it is missing. Set it; docs/provider.md tells its form.");
        foreach (var (name, kind, means) in new[] { ("stack", Value.KindOneofCase.StringValue, "a text"), ("host", Value.KindOneofCase.StructValue, "an object"), ("settings", Value.KindOneofCase.StructValue, "a map of texts"), ("secrets", Value.KindOneofCase.StructValue, "a map of texts"), ("hostKeyFingerprint", Value.KindOneofCase.StringValue, "a text") })
        {
            if (PropertyValues.Member(inputs, name) is not { } marked) continue;
            var value = PropertyValues.Bare(marked);
            if (PropertyValues.IsUnknown(value) || value.KindCase is Value.KindOneofCase.NullValue) continue;
            if (value.KindCase != kind) yield return (name, $"it is not {means}. Give {means}.");
            else if (name is "settings" or "secrets")
            {
                foreach (var (key, entry) in value.StructValue.Fields.Where(f => f.Value.KindCase != Value.KindOneofCase.StringValue))
                    yield return (PropertyValues.Path(name, key), "it is not a text. Give it as a text, objects as JSON.");
            }
        }
        var host = PropertyValues.Members(inputs, "host");
        if (PropertyValues.Member(inputs, "host") is not null)
            foreach (var name in new[] { "address", "port", "user", "via" })
                if (PropertyValues.Member(host, name) is null && !PropertyValues.HasUnknown(inputs.Fields["host"])) yield return ($"host.{name}", "it is missing. Set it; docs/provider.md tells its form.");
        if (PropertyValues.TextOf(inputs, "hostKeyFingerprint") is { } pin && !(pin.StartsWith("SHA256:", StringComparison.Ordinal) && pin.Length == 50))
            yield return ("hostKeyFingerprint", "it is no fingerprint. Give what `ssh-keygen -lf` shows: SHA256: and 43 characters.");
    }

    private static StackInput Configuration(string stack, Struct inputs)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var secretKeys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (property, secret) in new[] { ("settings", false), ("secrets", true) })
        {
            foreach (var (key, value) in PropertyValues.Members(inputs, property).Fields)
            {
                var name = $"{StackInput.Namespace}:{key}";
                values[name] = value.StringValue;
                if (secret) secretKeys.Add(name);
            }
        }
        return new StackInput(stack, values, secretKeys);
    }
}

/// <summary>Where SSH answers.</summary>
/// <param name="Via">"ssh" or "ssm".</param>
internal sealed record HostedAddress(string Address, int Port, string User, string Via)
{
    public static HostedAddress? Read(Struct host)
    {
        if (PropertyValues.TextOf(host, "address") is not { } address || PropertyValues.TextOf(host, "user") is not { } user) return null;
        if (PropertyValues.Member(host, "port") is not { } port || PropertyValues.IsUnknown(port)) return null;
        var number = port.KindCase == Value.KindOneofCase.NumberValue ? (int)port.NumberValue : int.TryParse(port.StringValue, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 22;
        return new HostedAddress(address, number, user, PropertyValues.TextOf(host, "via") ?? "ssh");
    }
}
