using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>
/// Turns a scope into the records of a plan. Chosen records bring along what they cannot live without (parents that are gone) and what was
/// deleted with them (children under a cascade), so that restoring one account brings its contacts back too.
/// </summary>
public sealed class RestoreFamily(Restorability org, SnapshotReader wanted, SnapshotReader current)
{
    /// <summary>Records by object; null stands for all records of the object.</summary>
    /// <exception cref="EngineException">The scope names something the snapshot does not hold or the API cannot write.</exception>
    public async Task<IReadOnlyDictionary<string, IReadOnlySet<string>?>> ChooseAsync(RestoreScope scope, CancellationToken cancellationToken)
    {
        foreach (var name in scope.Objects.Concat(scope.Records.Select(r => r.Object)))
            if (!org.Contains(name))
                throw new EngineException(
                    $"{name} cannot be restored: the snapshot holds no records of it, or Salesforce does not let them be written.",
                    "Choose other objects; identity and set-up objects such as User are matched, never written.");
        if (scope.Records.IsEmpty)
        {
            var names = scope.Objects.IsEmpty ? org.Graph.Order : [.. scope.Objects];
            return names.ToDictionary(n => n, IReadOnlySet<string>? (_) => null, StringComparer.Ordinal);
        }

        var chosen = scope.Records.GroupBy(r => r.Object).ToDictionary(g => g.Key, g => g.Select(r => r.Id).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var fresh = chosen.ToDictionary(c => c.Key, c => c.Value.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        while (fresh.Count > 0)     // each round adds records that were not chosen before, so it ends
        {
            var found = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
            await AddParentsAsync(fresh, found, cancellationToken);
            await AddChildrenAsync(fresh, found, cancellationToken);
            fresh = [];
            foreach (var (name, ids) in found)
            {
                var known = chosen.TryGetValue(name, out var k) ? k : chosen[name] = new HashSet<string>(StringComparer.Ordinal);
                var added = ids.Where(known.Add).ToHashSet(StringComparer.Ordinal);
                if (added.Count > 0) fresh[name] = added;
            }
        }
        return chosen.ToDictionary(c => c.Key, IReadOnlySet<string>? (c) => c.Value, StringComparer.Ordinal);
    }

    private async Task AddParentsAsync(Dictionary<string, HashSet<string>> of, Dictionary<string, HashSet<string>> found, CancellationToken cancellationToken)
    {
        foreach (var (name, ids) in of)
        {
            var lookups = org[name].Fields.Where(f => f.Type == "reference" && (f.Createable || f.Updateable)).ToList();
            var targets = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
            await foreach (var record in wanted.LookupAsync(name, ids, cancellationToken))
                foreach (var lookup in lookups)
                    if (record[lookup.Name] is { Length: > 0 } parent)
                        foreach (var target in lookup.ReferenceTo.Where(org.Contains))
                            Set(targets, target).Add(parent);
            foreach (var (target, parents) in targets)
                Set(found, target).UnionWith(await LostAsync(target, parents, cancellationToken));
        }
    }

    private async Task AddChildrenAsync(Dictionary<string, HashSet<string>> of, Dictionary<string, HashSet<string>> found, CancellationToken cancellationToken)
    {
        var cascades =
            from parent in of.Keys
            from relation in org[parent].ChildRelationships
            where relation.CascadeDelete && org.Contains(relation.ChildSObject)
            group (relation.Field, Parents: of[parent]) by relation.ChildSObject;
        foreach (var cascade in cascades)
        {
            var children = new HashSet<string>(StringComparer.Ordinal);
            await foreach (var record in wanted.ReadAsync(cascade.Key, null, includeDeleted: false, cancellationToken))
                if (cascade.Any(c => record[c.Field] is { } parent && c.Parents.Contains(parent)))
                    children.Add(record.Id);
            Set(found, cascade.Key).UnionWith(await LostAsync(cascade.Key, children, cancellationToken));
        }
    }

    /// <summary>Those that the snapshot holds and the org no longer has.</summary>
    private async Task<HashSet<string>> LostAsync(string name, HashSet<string> ids, CancellationToken cancellationToken)
    {
        var lost = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var record in wanted.LookupAsync(name, ids, cancellationToken))
            if (!record.Deleted) lost.Add(record.Id);
        await foreach (var record in current.LookupAsync(name, lost.ToList(), cancellationToken))
            if (!record.Deleted) lost.Remove(record.Id);
        return lost;
    }

    private static HashSet<string> Set(Dictionary<string, HashSet<string>> sets, string name) =>
        sets.TryGetValue(name, out var set) ? set : sets[name] = new HashSet<string>(StringComparer.Ordinal);
}
