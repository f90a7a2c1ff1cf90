using Google.Protobuf.WellKnownTypes;
using Provisioner.Provider.Resources;
using Pulumirpc;

namespace Provisioner.Provider;

/// <summary>What differs, property by property. Everything changes in place; nothing ever replaces.</summary>
internal static class Difference
{
    /// <param name="outputs">What was last known to stand.</param>
    public static DiffResponse Of(HostedResource resource, Struct oldInputs, Struct outputs, Struct news)
    {
        var details = new SortedDictionary<string, PropertyDiff>(StringComparer.Ordinal);
        if (PropertyValues.Member(news, "desired") is { } desired && !PropertyValues.IsUnknown(desired))
        {
            var wanted = PropertyValues.Bare(desired).StructValue;
            var was = PropertyValues.Members(oldInputs, "desired");
            var stands = PropertyValues.Bare(Value.ForStruct(outputs)).StructValue;
            foreach (var name in resource.Compared(wanted))
                Compare($"desired.{name}", stands.Fields.GetValueOrDefault(name), wanted.Fields[name], was.Fields.GetValueOrDefault(name), details);
            // What no longer is wanted and stands all the same: a second product, a profile.
            foreach (var name in was.Fields.Keys.Where(n => !wanted.Fields.ContainsKey(n)).Order(StringComparer.Ordinal))
                details[$"desired.{name}"] = new PropertyDiff { Kind = PropertyDiff.Types.Kind.Delete, InputDiff = true };
        }
        else if (PropertyValues.Member(oldInputs, "desired") is not null) details["settings"] = new PropertyDiff { Kind = PropertyDiff.Types.Kind.Update, InputDiff = true };
        var (oldHost, newHost) = (PropertyValues.Members(oldInputs, "host"), PropertyValues.Members(news, "host"));
        foreach (var name in new[] { "address", "port", "user", "via", "target" })
            Compare($"host.{name}", oldHost.Fields.GetValueOrDefault(name), newHost.Fields.GetValueOrDefault(name), oldHost.Fields.GetValueOrDefault(name), details);
        if (PropertyValues.Member(news, "hostKeyFingerprint") is { } pin) Compare("hostKeyFingerprint", PropertyValues.Member(outputs, "hostKeyFingerprint"), pin, PropertyValues.Member(oldInputs, "hostKeyFingerprint"), details);

        var response = new DiffResponse { Changes = details.Count > 0 ? DiffResponse.Types.DiffChanges.DiffSome : DiffResponse.Types.DiffChanges.DiffNone, HasDetailedDiff = true };
        response.Diffs.AddRange(details.Keys.Select(k => k.Split('.', '[')[0]).Distinct());
        foreach (var (path, kind) in details) response.DetailedDiff[path] = kind;
        return response;
    }

    /// <param name="input">The old input: a difference that stands only on the host (somebody changed it there) is none of the inputs.</param>
    private static void Compare(string path, Value? old, Value? now, Value? input, SortedDictionary<string, PropertyDiff> details)
    {
        if (now is not null && old is { KindCase: Value.KindOneofCase.StructValue } && now is { KindCase: Value.KindOneofCase.StructValue })
        {
            var inputs = input is { KindCase: Value.KindOneofCase.StructValue } ? input.StructValue : new Struct();
            foreach (var name in old.StructValue.Fields.Keys.Union(now.StructValue.Fields.Keys).Order(StringComparer.Ordinal))
                Compare(PropertyValues.Path(path, name), old.StructValue.Fields.GetValueOrDefault(name), now.StructValue.Fields.GetValueOrDefault(name), inputs.Fields.GetValueOrDefault(name), details);
            return;
        }
        if (Equals(old, now)) return;
        details[path] = new PropertyDiff
        {
            Kind = old is null ? PropertyDiff.Types.Kind.Add : now is null ? PropertyDiff.Types.Kind.Delete : PropertyDiff.Types.Kind.Update,
            InputDiff = !Equals(input, now),
        };
    }
}
