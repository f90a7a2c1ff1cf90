using System.Collections.Immutable;

namespace Appliance.Engine.Restores;

/// <summary>A lookup from one object to another. Deferrable: may be left empty at insert and filled by an update.</summary>
public sealed record Reference(string Child, string Field, string Parent, bool Deferrable);

/// <summary>
/// The order in which objects can be created: parents first. Cycles (an Account's parent is an Account; two objects that point at each
/// other) are broken by deferring as few lookups as possible, custom ones first; a master-detail or required lookup is never deferred.
/// Pure and deterministic.
/// </summary>
public sealed record ReferenceGraph(ImmutableArray<string> Order, ImmutableHashSet<(string Object, string Field)> Deferred, ImmutableArray<string> Unbreakable)
{
    public static ReferenceGraph For(IEnumerable<string> objects, IEnumerable<Reference> references)
    {
        var nodes = objects.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var known = nodes.ToHashSet(StringComparer.Ordinal);
        var edges = references.Where(r => known.Contains(r.Child) && known.Contains(r.Parent)).ToList();
        var deferred = edges.Where(e => e.Child == e.Parent && e.Deferrable).ToList();
        var unbreakable = edges.Where(e => e.Child == e.Parent && !e.Deferrable).Select(e => $"{e.Child}.{e.Field}").ToList();
        edges.RemoveAll(e => e.Child == e.Parent);

        while (Cycle(nodes, edges) is { Count: > 0 } cycle)
        {
            var inside = edges.Where(e => cycle.Contains(e.Child) && cycle.Contains(e.Parent)).ToList();
            var chosen = Breakable(inside) ?? [.. inside.OrderBy(e => e.Child, StringComparer.Ordinal).Take(1)];
            (chosen[0].Deferrable ? deferred : []).AddRange(chosen);
            if (!chosen[0].Deferrable) unbreakable.Add($"{chosen[0].Child}.{chosen[0].Field}");
            edges.RemoveAll(chosen.Contains);
        }
        return new ReferenceGraph(
            [.. ParentsFirst(nodes, edges)],
            [.. deferred.Select(e => (e.Child, e.Field))],
            [.. unbreakable.Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>All lookups between one pair of objects, provided that every one of them may wait: leaving one behind breaks nothing.</summary>
    private static List<Reference>? Breakable(List<Reference> inside) => inside
        .GroupBy(e => (e.Child, e.Parent))
        .Where(pair => pair.All(e => e.Deferrable))
        .OrderByDescending(pair => pair.All(e => e.Field.EndsWith("__c", StringComparison.Ordinal)))
        .ThenBy(pair => pair.Count()).ThenBy(pair => pair.Key.Child, StringComparer.Ordinal).ThenBy(pair => pair.Key.Parent, StringComparer.Ordinal)
        .FirstOrDefault()?.ToList();

    /// <summary>The objects that stand on some cycle: what is left when objects without parents, then without children, are peeled off.</summary>
    private static HashSet<string> Cycle(List<string> nodes, List<Reference> edges)
    {
        var left = nodes.ToHashSet(StringComparer.Ordinal);
        bool peeled;
        do
        {
            var parents = edges.Where(e => left.Contains(e.Child) && left.Contains(e.Parent)).Select(e => e.Parent).ToHashSet(StringComparer.Ordinal);
            var children = edges.Where(e => left.Contains(e.Child) && left.Contains(e.Parent)).Select(e => e.Child).ToHashSet(StringComparer.Ordinal);
            peeled = left.RemoveWhere(n => !parents.Contains(n) || !children.Contains(n)) > 0;
        }
        while (peeled);
        return left;
    }

    private static IEnumerable<string> ParentsFirst(List<string> nodes, List<Reference> edges)
    {
        var waiting = nodes.ToDictionary(n => n, n => edges.Where(e => e.Child == n).Select(e => e.Parent).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        while (waiting.Count > 0)
        {
            var ready = waiting.Where(w => w.Value.Count == 0).Select(w => w.Key).Order(StringComparer.Ordinal).ToList();
            foreach (var name in ready)
            {
                waiting.Remove(name);
                yield return name;
            }
            foreach (var parents in waiting.Values) parents.ExceptWith(ready);
        }
    }
}
