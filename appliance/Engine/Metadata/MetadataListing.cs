using System.Collections.Concurrent;
using System.Collections.Immutable;
using Appliance.Salesforce;

namespace Appliance.Engine.Metadata;

/// <summary>A type, or a folder of it, that the org did not list.</summary>
public sealed record UnlistedMetadata(string Type, string? Folder, string Why);

/// <param name="Guessed">Components that the org has without listing them; some may not be there.</param>
/// <param name="Hidden">Components of installed packages whose content Salesforce does not give, by type.</param>
public sealed record ListedMetadata(
    ImmutableArray<MetadataType> Types, ImmutableArray<MetadataComponent> Components, ImmutableArray<MetadataComponent> Guessed, ImmutableArray<UnlistedMetadata> Unlisted,
    ImmutableSortedDictionary<string, int> Hidden);

/// <summary>Lists what metadata the org has: type by type, three a call, and folder by folder where there are folders. A type that cannot be listed does not stop the others.</summary>
internal sealed class MetadataListing(Org org)
{
    private const int CallsAtOnce = 4;

    /// <summary>Holds reports and templates that stand in no folder; no list of folders names it.</summary>
    private const string Unfiled = "unfiled$public";

    // Of an installed package Salesforce gives these as "(hidden)"; the package brings them back.
    private static readonly HashSet<string> s_hidden = ["ApexClass", "ApexTrigger", "ApexPage", "ApexComponent", "StaticResource", "AuraDefinitionBundle", "LightningComponentBundle"];

    public async Task<ListedMetadata> ReadAsync(CancellationToken cancellationToken)
    {
        var types = (await org.DescribeMetadataAsync(cancellationToken)).Where(t => t.Name.Length > 0).OrderBy(t => t.Name, StringComparer.Ordinal).ToImmutableArray();
        var (flat, unlisted) = await ListAsync(types, [.. types.Select(t => new MetadataQuery(t.InFolder ? t.FolderType : t.Name))], cancellationToken);
        var foldered = types.Where(t => t.InFolder).ToDictionary(t => t.FolderType, StringComparer.Ordinal);
        var folders = flat.Where(f => foldered.ContainsKey(f.Query.Type)).Select(f => (foldered[f.Query.Type].Name, f.Component.FullName))
            .Concat(foldered.Values.Where(t => t.Name is "Report" or "EmailTemplate").Select(t => (t.Name, FullName: Unfiled))).Distinct();
        var (inside, unlistedFolders) = await ListAsync(types, [.. folders.Select(f => new MetadataQuery(f.Name, f.FullName))], cancellationToken);

        // A folder is a component of the type whose components stand in it: so a package.xml names it.
        var all = flat.Concat(inside).Select(l => l.Component with { Type = foldered.TryGetValue(l.Query.Type, out var type) ? type.Name : l.Query.Type })
            .Where(c => c.FullName.Length > 0).DistinctBy(c => (c.Type, c.FullName)).OrderBy(c => c.Type, StringComparer.Ordinal).ThenBy(c => c.FullName, StringComparer.Ordinal).ToList();
        var listed = all.Select(c => (c.Type, c.FullName)).ToHashSet();
        return new ListedMetadata(
            types,
            [.. all.Where(c => !IsHidden(c))],
            [.. types.Where(t => t.Name == "StandardValueSet").SelectMany(t => StandardValueSets.Names.Select(n => new MetadataComponent(t.Name, n, $"{t.Folder}/{n}.{t.Suffix}", "", "", false)))
                .Where(c => !listed.Contains((c.Type, c.FullName)))],
            [.. unlisted.Concat(unlistedFolders).Select(u => foldered.TryGetValue(u.Type, out var type) ? u with { Type = type.Name } : u).OrderBy(u => u.Type, StringComparer.Ordinal).ThenBy(u => u.Folder, StringComparer.Ordinal)],
            all.Where(IsHidden).GroupBy(c => c.Type, StringComparer.Ordinal).ToImmutableSortedDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal));
    }

    /// <summary>Which of the components the org lists still. Those of a type that cannot be listed now count as there.</summary>
    public async Task<HashSet<(string Type, string FullName)>> StillThereAsync(ImmutableArray<MetadataType> types, IReadOnlyCollection<PlannedComponent> wanted, CancellationToken cancellationToken)
    {
        var known = types.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var queries = wanted.SelectMany(c => (MetadataQuery[])(!known[c.Type].InFolder ? [new(c.Type)]
            : c.FullName.LastIndexOf('/') is > 0 and var cut ? [new(c.Type, c.FullName[..cut]), new(known[c.Type].FolderType)] : [new(known[c.Type].FolderType)])).Distinct().ToList();
        var (listed, unlisted) = await ListAsync(types, queries, cancellationToken);
        var there = listed.Select(l => l.Component.FullName).ToHashSet(StringComparer.Ordinal);
        var unknown = unlisted.Select(u => u.Type).ToHashSet(StringComparer.Ordinal);
        return [.. wanted.Where(c => there.Contains(c.FullName) || unknown.Contains(c.Type) || unknown.Contains(known[c.Type].FolderType)).Select(c => c.Key)];
    }

    /// <summary>Such a failure concerns what was asked for; others (quota, session, network) concern the run.</summary>
    public static bool IsOfThePart(SalesforceException failure) =>
        !failure.OutOfQuota && !failure.NeedsReconnect && (failure.Kind != FailureKind.Transient || failure.ErrorCode is not null);

    private static bool IsHidden(MetadataComponent component) => component.Installed && s_hidden.Contains(component.Type);

    private async Task<(List<(MetadataQuery Query, MetadataComponent Component)> Listed, List<UnlistedMetadata> Unlisted)> ListAsync(
        ImmutableArray<MetadataType> types, IReadOnlyList<MetadataQuery> queries, CancellationToken cancellationToken)
    {
        var (listed, unlisted) = (new ConcurrentBag<(MetadataQuery, MetadataComponent)>(), new ConcurrentBag<UnlistedMetadata>());
        await Parallel.ForEachAsync(queries.Chunk(Org.MetadataQueriesPerCall), new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken }, async (three, token) =>
        {
            // One type that is refused spoils the call for the two others: then each is asked for alone.
            if (await TryAsync(types, three, listed, unlisted: null, token)) return;
            foreach (var query in three) await TryAsync(types, [query], listed, unlisted, token);
        });
        return ([.. listed], [.. unlisted]);
    }

    private async Task<bool> TryAsync(
        ImmutableArray<MetadataType> types, MetadataQuery[] queries, ConcurrentBag<(MetadataQuery, MetadataComponent)> listed, ConcurrentBag<UnlistedMetadata>? unlisted, CancellationToken cancellationToken)
    {
        try
        {
            var found = (await org.ListMetadataAsync(queries, cancellationToken)).Select(c => (Query: Answered(types, queries, c), Component: c)).ToList();
            if (found.Exists(f => f.Query is null)) return false;
            foreach (var (query, component) in found) listed.Add((query!, component.FullName.Length > 0 ? component : component with { FullName = NameInFile(component.FileName) }));
            return true;
        }
        catch (SalesforceException e) when (IsOfThePart(e))
        {
            if (unlisted is not null) unlisted.Add(new UnlistedMetadata(queries[0].Type, queries[0].Folder, $"{e.Message} {e.Remedy}"));
            return false;
        }
    }

    /// <summary>Some types are listed without names; their files have them: settings/Account.settings-meta.xml, settings/Account.settings.</summary>
    private static string NameInFile(string fileName)
    {
        var name = fileName[(fileName.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (name.EndsWith("-meta.xml", StringComparison.Ordinal)) name = name[..^"-meta.xml".Length];
        return name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : name;
    }

    /// <summary>The answers to several queries come as one list; null when it cannot be told whose one is.</summary>
    private static MetadataQuery? Answered(ImmutableArray<MetadataType> types, MetadataQuery[] queries, MetadataComponent component)
    {
        if (queries.Length == 1) return queries[0];
        var fitting = queries.Where(q => q.Type == component.Type).ToList();
        if (fitting.Count > 1) fitting.RemoveAll(q => q.Folder is { } folder && !component.FullName.StartsWith(folder + "/", StringComparison.Ordinal));
        if (fitting.Count > 0) return fitting.MaxBy(q => q.Folder?.Length ?? 0);
        var byFolder = queries.Where(q => types.Any(t => t.Name == q.Type && component.FileName.StartsWith(t.Folder + "/", StringComparison.Ordinal))).ToList();
        return byFolder.Count == 1 ? byFolder[0] : null;
    }
}
