using System.Collections.Immutable;
using Appliance.Engine.Backups;
using Appliance.Salesforce;

namespace Appliance.Engine.Templates;

/// <summary>What a template comes to in an org of today.</summary>
/// <param name="Rows">Live rows that Salesforce counts for it; null when it refuses the count.</param>
public sealed record ResolvedObject(string Name, string? Where, ImmutableArray<string> Fields, long? Rows);

/// <param name="Mistakes">Empty when it can be run.</param>
public sealed record ResolvedTemplate(ImmutableArray<ResolvedObject> Objects, ImmutableArray<string> Mistakes);

/// <summary>
/// Turns templates into objects, conditions and fields, by the org's describe, and lets Salesforce count each: a condition that it does not
/// understand shows before the run, not in it. Reads only.
/// </summary>
public sealed class TemplateResolution(Org org)
{
    // Salesforce follows five parents up from a row, and nests no semi-join in another.
    private const int Deepest = 5;
    private readonly Dictionary<string, ObjectDescribe?> _describes = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _mistakes = [];
    private readonly List<(string Name, string? Where, ImmutableArray<string> Fields)> _nodes = [];

    /// <summary>A parent of the object that is being written: how to reach it, and what must hold there.</summary>
    private sealed record Parent(ObjectDescribe Describe, TemplateObject Node, Parent? Above);

    public async Task<ResolvedTemplate> ResolveAsync(IEnumerable<BackupTemplate> templates, CancellationToken cancellationToken)
    {
        foreach (var node in templates.SelectMany(t => t.Objects)) await WalkAsync(node, null, 0, cancellationToken);
        if (_nodes.Count == 0 && _mistakes.Count == 0) _mistakes.Add("The template names no object.");
        if (_nodes.Count > BackupTemplate.MostObjects) _mistakes.Add($"The template has {_nodes.Count} objects; {BackupTemplate.MostObjects} are the most.");
        var resolved = new List<ResolvedObject>();
        if (_mistakes.Count == 0)
            foreach (var chosen in _nodes.GroupBy(n => n.Name).Select(Merged)) resolved.Add(await CountedAsync(chosen, cancellationToken));
        return new ResolvedTemplate([.. resolved.OrderBy(r => r.Name, StringComparer.Ordinal)], [.. _mistakes.Distinct()]);
    }

    /// <exception cref="EngineException">Something is wrong with the templates; all of it is named.</exception>
    public async Task<BackupChoice> ChooseAsync(IEnumerable<BackupTemplate> templates, bool wholeObjects, CancellationToken cancellationToken)
    {
        var resolved = await ResolveAsync(templates, cancellationToken);
        if (!resolved.Mistakes.IsEmpty) throw new EngineException($"The template does not fit this org: {string.Join(" ", resolved.Mistakes)}", "Correct the template, look at it again, then run the backup.");
        return new BackupChoice((ImmutableArray<ChosenObject>?)[.. resolved.Objects.Select(o => wholeObjects ? new ChosenObject(o.Name, null, []) : new ChosenObject(o.Name, o.Where, o.Fields))]);
    }

    private async Task WalkAsync(TemplateObject node, Parent? parent, int depth, CancellationToken cancellationToken)
    {
        if (await DescribeAsync(node.Object, cancellationToken) is not { } describe)
        {
            _mistakes.Add($"{node.Object}: there is no such object, or the connected user does not see it.");
            return;
        }
        if (!describe.Queryable) _mistakes.Add($"{node.Object}: {SkipList.ReasonToSkip(describe) ?? "it cannot be queried"}.");
        if (depth > Deepest) _mistakes.Add($"{node.Object}: Salesforce follows {Deepest} levels of parents at most.");
        foreach (var name in node.Fields.Where(f => describe.Field(f) is null)) _mistakes.Add($"{node.Object}.{name}: there is no such field, or the connected user does not see it.");
        var here = new Parent(describe, node, parent);
        var conditions = new List<string>();
        if (Own(here, "") is { } own) conditions.Add(own);
        if (parent is not null && UpTo(here) is { } above) conditions.Add(above);
        var fields = node.Fields.IsEmpty ? node.Fields : [.. node.Fields, .. node.ParentField is { } link ? (string[])[link] : []];
        _nodes.Add((describe.Name, conditions.Count == 0 ? null : string.Join(" AND ", conditions.Select(c => $"({c})")), fields));
        foreach (var child in node.Children) await WalkAsync(child, here, depth + 1, cancellationToken);
    }

    /// <summary>The node's own filters and SOQL; with a path only filters, because SOQL cannot be moved up a path.</summary>
    private string? Own(Parent at, string path)
    {
        var (describe, node) = (at.Describe, at.Node);
        var filters = new List<string>();
        foreach (var (soql, mistake) in node.Filters.Select(f => FilterText.Write(f, describe, path)))
        {
            if (mistake is not null) _mistakes.Add(mistake);
            filters.Add(soql ?? "");
        }
        if (filters.Count == 0 && !string.IsNullOrWhiteSpace(node.Logic)) _mistakes.Add($"{node.Object}: there is a logic and no filter.");
        var (joined, wrong) = filters.Count == 0 ? (null, null) : FilterLogic.Join(node.Logic, filters);
        if (wrong is not null) _mistakes.Add($"{node.Object}: {wrong}");
        if (path.Length > 0 || string.IsNullOrWhiteSpace(node.Soql)) return joined;
        foreach (var field in describe.Fields.Where(f => f.Encrypted && System.Text.RegularExpressions.Regex.IsMatch(node.Soql, $@"\b{f.Name}\b", System.Text.RegularExpressions.RegexOptions.IgnoreCase)))
            _mistakes.Add($"{node.Object}.{field.Name}: it is encrypted (Shield), so there is no filter by it.");
        if (Unclean(node.Soql)) _mistakes.Add($"{node.Object}: '{node.Soql}' is no plain condition; write only what would stand behind WHERE, without ORDER BY or LIMIT.");
        return joined is null ? node.Soql : $"({joined}) AND ({node.Soql})";
    }

    /// <summary>That the record hangs on one taken of its parent: over the path where filters say so, by a semi-join where SOQL does.</summary>
    private string? UpTo(Parent child)
    {
        var parent = child.Above!;
        if (child.Node.ParentField is not { } name || child.Describe.Field(name) is not { Type: "reference" } link || !link.ReferenceTo.Contains(parent.Describe.Name))
        {
            _mistakes.Add($"{child.Node.Object}: parentField must be its reference field to {parent.Describe.Name}{(child.Node.ParentField is { } told ? $", which {told} is not" : "")}.");
            return null;
        }
        var needsJoin = !string.IsNullOrWhiteSpace(parent.Node.Soql) || link.ReferenceTo.Length > 1 || link.RelationshipName is null;
        if (!needsJoin)
        {
            var conditions = new List<string> { $"{name} != null" };
            if (!Climb(conditions, child, "")) return null;
            return string.Join(" AND ", conditions.Distinct());
        }
        if (parent.Above is not null)
        {
            _mistakes.Add($"{child.Node.Object}: its parent {parent.Describe.Name} has SOQL or is one of several kinds and has a parent itself; Salesforce nests no semi-joins. Use filters there, or a flatter tree.");
            return null;
        }
        var own = Own(parent, "");
        return $"{name} IN (SELECT Id FROM {parent.Describe.Name}{(own is null ? "" : " WHERE " + own)})";
    }

    private bool Climb(List<string> conditions, Parent child, string path)
    {
        for (var at = child; at.Above is { } parent; at = parent)
        {
            var link = at.Describe.Field(at.Node.ParentField!)!;
            if (!string.IsNullOrWhiteSpace(parent.Node.Soql) || link.ReferenceTo.Length > 1 || link.RelationshipName is null)
            {
                _mistakes.Add($"{child.Node.Object}: {parent.Describe.Name}, above its parent, has SOQL or is one of several kinds; Salesforce nests no semi-joins. Use filters there, or a flatter tree.");
                return false;
            }
            path += link.RelationshipName + ".";
            if (Own(parent, path) is { } own) conditions.Add($"({own})");
            if (parent is { Above: not null, Node.ParentField: { } field }) conditions.Add($"{path}{field} != null");
        }
        return true;
    }

    // An object that stands in several places is taken by any of them; one that is taken whole anywhere, or with all fields, is so.
    private static (string Name, string? Where, ImmutableArray<string> Fields) Merged(IGrouping<string, (string Name, string? Where, ImmutableArray<string> Fields)> nodes) =>
        (nodes.Key, nodes.Any(n => n.Where is null) ? null : string.Join(" OR ", nodes.Select(n => $"({n.Where})").Distinct()),
            nodes.Any(n => n.Fields.IsEmpty) ? [] : [.. nodes.SelectMany(n => n.Fields).Distinct(StringComparer.OrdinalIgnoreCase)]);

    private async Task<ResolvedObject> CountedAsync((string Name, string? Where, ImmutableArray<string> Fields) chosen, CancellationToken cancellationToken)
    {
        long? rows = null;
        try
        {
            rows = await org.CountAsync(chosen.Name, chosen.Where, cancellationToken);
        }
        catch (SalesforceException e) when (e.Kind == FailureKind.Permanent)
        {
            // Without a condition it is only the count that this object does not know.
            if (chosen.Where is not null) _mistakes.Add($"{chosen.Name}: Salesforce refuses the condition {chosen.Where}: {e.Message}");
        }
        return new ResolvedObject(chosen.Name, chosen.Where, chosen.Fields, rows);
    }

    private async Task<ObjectDescribe?> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        if (_describes.TryGetValue(name, out var known)) return known;
        try
        {
            return _describes[name] = await org.DescribeAsync(name, cancellationToken);
        }
        catch (SalesforceException e) when (e.Kind == FailureKind.Permanent)
        {
            return _describes[name] = null;
        }
    }

    /// <summary>Parentheses that close more than they open would lead out of the place where the condition is put.</summary>
    private static bool Unclean(string soql)
    {
        var (depth, quoted) = (0, false);
        var bare = new System.Text.StringBuilder();
        for (var i = 0; i < soql.Length; i++)
        {
            var c = soql[i];
            if (quoted && c == '\\') i++;
            else if (c == '\'') quoted = !quoted;
            else if (!quoted)
            {
                bare.Append(c);
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                if (depth < 0) return true;
            }
        }
        var words = bare.ToString().Split([' ', '\t', '\n', '\r', '(', ')', ','], StringSplitOptions.RemoveEmptyEntries);
        return depth != 0 || quoted || words.Any(w => w.ToUpperInvariant() is "ORDER" or "LIMIT" or "OFFSET" or "GROUP" or "HAVING" or "USING" or "ALL" or "FOR");
    }
}
