using System.Collections.Immutable;
using Appliance.Salesforce;

namespace Appliance.Engine.Metadata;

/// <summary>A component that shall be read.</summary>
/// <param name="Files">Files that it has, as the snapshot before knows, or is expected to have.</param>
/// <param name="Bytes">Of those, unpacked; content that does not compress counts eight times (<see cref="MetadataSizes"/>).</param>
/// <param name="Guessed">The org does not list it: it may not be there.</param>
public sealed record PlannedComponent(string Type, string FullName, string FileName, string Id, string LastModifiedDate, int Files, long Bytes, bool Guessed = false)
{
    public (string Type, string FullName) Key => (Type, FullName);
}

/// <summary>How much one retrieve shall ask for at most: well under what Salesforce gives, because sizes are estimated.</summary>
/// <param name="Files">Salesforce gives 10,000.</param>
/// <param name="Bytes">Unpacked; about an eighth of it in the zip, of which Salesforce gives 39 MB.</param>
public readonly record struct PartLimits(int Files, long Bytes)
{
    // A method: a record prints its properties, and a limit has a half for ever.
    public PartLimits Half() => new(Math.Max(1, Files / 2), Math.Max(1, Bytes / 2));

    public bool Holds(int files, long bytes) => files <= Files && bytes <= Bytes;
}

/// <summary>What one retrieve asks for.</summary>
/// <param name="Name">Of its checkpoint: digits parted by dots.</param>
/// <param name="Own">Components whose files are whole wherever they are asked for.</param>
/// <param name="Beside">Components that tell only of what is asked for beside them: profiles and the like. They are in every part that has something to tell of.</param>
public sealed record MetadataPart(string Name, ImmutableArray<PlannedComponent> Own, ImmutableArray<PlannedComponent> Beside)
{
    public IEnumerable<PlannedComponent> All => Own.Concat(Beside);

    /// <summary>Two parts that ask for the same together; null for a part that cannot be halved.</summary>
    public (MetadataPart First, MetadataPart Second)? Halves() => (Own.Length, Beside.Length) switch
    {
        ( > 1, _) => (new($"{Name}.1", Own[..(Own.Length / 2)], Beside), new($"{Name}.2", Own[(Own.Length / 2)..], Beside)),
        (_, > 1) => (new($"{Name}.1", Own, Beside[..(Beside.Length / 2)]), new($"{Name}.2", Own, Beside[(Beside.Length / 2)..])),
        (1, 1) => (new($"{Name}.1", Own, []), new($"{Name}.2", [], Beside)),
        _ => null,
    };
}

/// <summary>
/// Cuts the org's components into parts. A profile, a permission set or a translation holds entries only for what is retrieved together with it, so these go into every part with
/// components that they may speak of (docs/metadata.md), and what the parts say of them is joined afterwards (<see cref="JoinedXml"/>). Pure.
/// </summary>
public static class MetadataPlan
{
    private static readonly HashSet<string> s_beside = ["Profile", "PermissionSet", "MutingPermissionSet", "Translations"];

    private static readonly HashSet<string> s_spokenOf =
    [
        "CustomObject", "CustomObjectTranslation", "Layout", "ApexClass", "ApexPage", "CustomApplication", "CustomTab", "CustomPermission", "ExternalDataSource", "Flow", "CustomLabels",
        "QuickAction", "ReportType", "GlobalValueSet",
    ];

    public static ImmutableArray<MetadataPart> For(IEnumerable<PlannedComponent> components, PartLimits limits)
    {
        var kinds = components.OrderBy(c => c.Type, StringComparer.Ordinal).ThenBy(c => c.FullName, StringComparer.Ordinal).ToLookup(c => s_beside.Contains(c.Type) ? 0 : s_spokenOf.Contains(c.Type) ? 1 : 2);
        var parts = ImmutableArray.CreateBuilder<MetadataPart>();
        var beside = Fill(kinds[0].Select(c => (PlannedComponent[])[c]), limits.Half());
        var room = beside.Count == 0 ? limits
            : new PartLimits(limits.Files - beside.Max(g => g.Sum(c => c.Files)), limits.Bytes - beside.Max(g => g.Sum(c => c.Bytes)));
        var families = kinds[1].GroupBy(Family, StringComparer.Ordinal).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.ToArray());
        var spokenOf = Fill(families, new PartLimits(Math.Max(1, room.Files), Math.Max(1, room.Bytes)));
        foreach (var own in spokenOf.Count == 0 && beside.Count > 0 ? [[]] : spokenOf)
            foreach (var group in beside.Count == 0 ? [[]] : beside) Add(own, group);
        foreach (var own in Fill(kinds[2].Select(c => (PlannedComponent[])[c]), limits)) Add(own, []);
        return parts.ToImmutable();

        void Add(IEnumerable<PlannedComponent> own, IEnumerable<PlannedComponent> group) =>
            parts.Add(new MetadataPart((parts.Count + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), [.. own], [.. group]));
    }

    /// <summary>An object, its layouts and its translations stay together: a translation holds only what stands beside it. Everything else stands for itself.</summary>
    private static string Family(PlannedComponent component)
    {
        var cut = component.Type switch
        {
            "Layout" => component.FullName.IndexOf('-', StringComparison.Ordinal),
            "CustomObjectTranslation" => component.FullName.LastIndexOf('-'),
            "CustomObject" => component.FullName.Length,
            _ => -1,
        };
        return cut > 0 ? component.FullName[..cut] : $"~{component.Type}:{component.FullName}";
    }

    /// <summary>One after the other into groups within the limits; a family that is too large for one group is spread over several.</summary>
    private static List<List<PlannedComponent>> Fill(IEnumerable<PlannedComponent[]> families, PartLimits limits)
    {
        var groups = new List<List<PlannedComponent>>();
        var (files, bytes) = (0, 0L);
        foreach (var family in families)
        {
            var (familyFiles, familyBytes) = (family.Sum(c => c.Files), family.Sum(c => c.Bytes));
            if (groups.Count > 0 && limits.Holds(familyFiles, familyBytes) && !limits.Holds(files + familyFiles, bytes + familyBytes)) NewGroup();
            foreach (var component in family)
            {
                if (groups.Count == 0 || (groups[^1].Count > 0 && !limits.Holds(files + component.Files, bytes + component.Bytes))) NewGroup();
                groups[^1].Add(component);
                (files, bytes) = (files + component.Files, bytes + component.Bytes);
            }
        }
        return groups;

        void NewGroup()
        {
            groups.Add([]);
            (files, bytes) = (0, 0);
        }
    }
}
