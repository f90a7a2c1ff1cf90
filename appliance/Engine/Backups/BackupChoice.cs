using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>One object as templates chose it.</summary>
/// <param name="Where">SOQL condition; null for all rows.</param>
/// <param name="Fields">Empty for all fields; those that the backup itself needs come along.</param>
public sealed record ChosenObject(string Name, string? Where, ImmutableArray<string> Fields);

/// <summary>Which objects, rows and fields a run reads, resolved from templates when the job began.</summary>
/// <param name="Objects">Null for everything but the default skip list.</param>
public sealed record BackupChoice(ImmutableArray<ChosenObject>? Objects)
{
    private static readonly HashSet<string> AlwaysRead = new(StringComparer.OrdinalIgnoreCase) { "Id", "IsDeleted", "SystemModstamp", "LastModifiedDate", "CreatedDate" };

    public static BackupChoice Everything { get; } = new(default(ImmutableArray<ChosenObject>?));

    /// <summary>Choosing an object takes it from the skip list, where it can be read at all.</summary>
    public string? ReasonToSkip(ObjectSummary summary) => Objects is not { } chosen ? SkipList.ReasonToSkip(summary)
        : !chosen.Any(o => o.Name == summary.Name) ? "no template of this run chooses it"
        : summary.Queryable ? null : SkipList.ReasonToSkip(summary);

    internal ObjectScope ScopeOf(ObjectDescribe describe)
    {
        if (Objects?.FirstOrDefault(o => o.Name == describe.Name) is not { } chosen) return ObjectScope.For(describe);
        if (chosen.Fields.IsDefaultOrEmpty) return ObjectScope.For(describe) with { Where = chosen.Where };
        // The schema that is kept beside the snapshot knows only the chosen fields: a restore must not take the others for empty.
        var fields = chosen.Fields.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var left = describe.Fields.Where(f => !fields.Contains(f.Name) && !AlwaysRead.Contains(f.Name)).Select(f => f.Name).ToList();
        var schema = JsonNode.Parse(describe.Json)!;
        var kept = schema["fields"]!.AsArray().Where(f => !left.Contains((string)f!["name"]!)).Select(f => f!.DeepClone()).ToArray();
        schema["fields"] = new JsonArray(kept);
        var scope = ObjectScope.For(ObjectDescribe.Parse(System.Text.Encoding.UTF8.GetBytes(schema.ToJsonString())));
        return scope with { Where = chosen.Where, LeftOut = [.. scope.LeftOut, .. left.Select(name => new SkippedField(name, "the template does not choose it"))] };
    }
}
