using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;

namespace PulumiEngine.Values;

/// <summary>Paths into properties, as resource options write them: <c>a.b</c>, <c>a[0].b</c>, <c>a["key.with.dots"]</c>, <c>*</c> for any member or element.</summary>
public static partial class PropertyPath
{
    public static IReadOnlyList<string> Segments(string path) =>
        [.. Segment().Matches(path).Select(m => m.Groups["quoted"].Success ? m.Groups["quoted"].Value : m.Groups["index"].Success ? m.Groups["index"].Value : m.Groups["name"].Value)];

    /// <summary>Whether a changed path lies at or below (or above) the one that an option names. List indexes of the changed path may be left out in the option.</summary>
    public static bool Touches(string option, string changed)
    {
        var wanted = Segments(option);
        return Begins(wanted, Segments(changed)) || Begins(wanted, [.. Segments(changed).Where(s => !int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out _))]);

        static bool Begins(IReadOnlyList<string> wanted, IReadOnlyList<string> given)
        {
            for (var i = 0; i < Math.Min(wanted.Count, given.Count); i++)
                if (wanted[i] != "*" && wanted[i] != given[i]) return false;
            return given.Count > 0;
        }
    }

    /// <summary>The paths at which two sets of properties differ, as deep as both sides go. Secret markers make no difference; an unknown differs from everything.</summary>
    public static IReadOnlyList<string> Differences(Struct? old, Struct? now)
    {
        var paths = new List<string>();
        Compare("", old ?? new Struct(), now ?? new Struct(), paths);
        return paths;
    }

    /// <summary>What <paramref name="now"/> becomes when the property at a path keeps its old value (or stays away, where there was none).</summary>
    public static Struct Keep(Struct now, Struct old, string path)
    {
        var kept = now.Clone();
        var was = Value.ForStruct(old);
        Keep(Value.ForStruct(kept), was, Segments(path), 0);
        return kept;
    }

    private static void Keep(Value now, Value? old, IReadOnlyList<string> path, int at)
    {
        if (PropertyValues.IsSecret(now)) now = now.StructValue.Fields["value"];
        if (old is not null && PropertyValues.IsSecret(old)) old = old.StructValue.Fields["value"];
        if (at == path.Count) return;
        var last = at == path.Count - 1;
        foreach (var name in Names(path[at], now, old))
        {
            var was = Member(old, name);
            if (!last)
            {
                if (Member(now, name) is { } inner) Keep(inner, was, path, at + 1);
                continue;
            }
            if (now.KindCase is Value.KindOneofCase.StructValue)
            {
                if (was is not null) now.StructValue.Fields[name] = was.Clone();
                else now.StructValue.Fields.Remove(name);
            }
            else if (Member(now, name) is not null && was is not null) now.ListValue.Values[int.Parse(name, CultureInfo.InvariantCulture)] = was.Clone();
        }
    }

    private static IEnumerable<string> Names(string segment, Value now, Value? old) => segment != "*" ? [segment] : now.KindCase switch
    {
        Value.KindOneofCase.StructValue => [.. now.StructValue.Fields.Keys.Union(old?.StructValue?.Fields.Keys ?? [])],
        Value.KindOneofCase.ListValue => Enumerable.Range(0, now.ListValue.Values.Count).Select(i => i.ToString(CultureInfo.InvariantCulture)),
        _ => [],
    };

    private static Value? Member(Value? value, string name) => value?.KindCase switch
    {
        Value.KindOneofCase.StructValue => value.StructValue.Fields.GetValueOrDefault(name),
        Value.KindOneofCase.ListValue when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < value.ListValue.Values.Count => value.ListValue.Values[i],
        _ => null,
    };

    private static void Compare(string at, Struct old, Struct now, List<string> paths)
    {
        foreach (var name in old.Fields.Keys.Union(now.Fields.Keys).Order(StringComparer.Ordinal))
            Compare(at.Length == 0 ? name : name.Contains('.', StringComparison.Ordinal) ? $"{at}[\"{name}\"]" : $"{at}.{name}", old.Fields.GetValueOrDefault(name), now.Fields.GetValueOrDefault(name), paths);
    }

    private static void Compare(string at, Value? old, Value? now, List<string> paths)
    {
        (old, now) = (old is null ? null : PropertyValues.Bare(old), now is null ? null : PropertyValues.Bare(now));
        if (old is not null && now is not null && old.KindCase == now.KindCase)
        {
            if (old.KindCase is Value.KindOneofCase.StructValue && PropertyValues.Marker(old) is null && PropertyValues.Marker(now) is null)
            {
                Compare(at, old.StructValue, now.StructValue, paths);
                return;
            }
            if (old.KindCase is Value.KindOneofCase.ListValue)
            {
                var (before, after) = (old.ListValue.Values, now.ListValue.Values);
                for (var i = 0; i < Math.Max(before.Count, after.Count); i++) Compare($"{at}[{i}]", before.ElementAtOrDefault(i), after.ElementAtOrDefault(i), paths);
                return;
            }
        }
        if ((now is not null && PropertyValues.HasUnknown(now)) || !PropertyValues.Same(old, now)) paths.Add(at);
    }

    [GeneratedRegex("""\["(?<quoted>[^"]*)"\]|\[(?<index>\d+|\*)\]|(?<name>[^.\[\]]+)""")]
    private static partial Regex Segment();
}
