using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>The rows a step sends: from the snapshot, with every lookup translated to the Ids of today.</summary>
public sealed class RestoreRows(SnapshotReader wanted, Restorability org, IdMap map, IReadOnlySet<string> recreated)
{
    /// <summary>Null in an update's CSV; an empty cell would leave the field as it is.</summary>
    public const string SetNull = "#N/A";

    public async Task<Dictionary<string, StoredRecord>> RecordsAsync(string objectName, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, StoredRecord>(StringComparer.Ordinal);
        await foreach (var record in wanted.LookupAsync(objectName, [.. ids], cancellationToken)) found[record.Id] = record;
        return found;
    }

    /// <summary>The Id under which the record lives today.</summary>
    public string Today(string id) => map.Resolve(id);

    /// <summary>The record was to be created again and that failed.</summary>
    public bool WasNotCreated(string id) => recreated.Contains(id) && !map.Contains(id);

    /// <summary>In words, which lookups of the record must be left empty because their records do not stand; null when none.</summary>
    public string? LeftEmpty(IEnumerable<FieldDescribe> fields, StoredRecord record)
    {
        var empty = fields.Where(f => f.Type == "reference" && record[f.Name] is { Length: > 0 } target && WasNotCreated(target)).Select(f => f.Name).ToList();
        return empty.Count == 0 ? null : $"written, but {string.Join(", ", empty)} had to be left empty: the record it points to could not be created";
    }

    /// <summary>A value as JSON writes it; null is null.</summary>
    public static JsonNode? Typed(FieldDescribe field, string? value) => value is null ? null : field.Type switch
    {
        "boolean" => JsonValue.Create(value == "true"),
        "int" or "long" or "double" or "currency" or "percent" => JsonNode.Parse(value),   // keeps every digit
        _ => JsonValue.Create(value),
    };

    /// <summary>The value to send, or null to leave the field empty: a lookup whose target could not be created again must not break the row.</summary>
    public string? Value(FieldDescribe field, StoredRecord record)
    {
        var value = record[field.Name];
        if (string.IsNullOrEmpty(value) || field.Type != "reference") return string.IsNullOrEmpty(value) ? null : value;
        return WasNotCreated(value) ? null : map.Resolve(value);
    }

    /// <summary>Columns of an insert, without those that are empty in all its rows.</summary>
    public ImmutableArray<FieldDescribe> InsertColumns(string objectName, IReadOnlyCollection<StoredRecord> records) =>
        [.. org.InsertFields(objectName, records.SelectMany(r => r.Columns).ToHashSet(StringComparer.Ordinal))
            .Where(f => records.Any(r => !string.IsNullOrEmpty(r[f.Name])))];
}
