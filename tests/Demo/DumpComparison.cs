using System.Text.Json;

namespace Demo;

/// <summary>Compares two dumps of an org, record by record and field by field. References to records that came back under a new Id must
/// point to the new Id; nothing but <see cref="IgnoredFields"/> is left out.</summary>
internal sealed class DumpComparison
{
    private const int Named = 50;       // differences that are spelled out; all are counted

    private readonly IReadOnlyDictionary<string, string> _newIds;
    private readonly Dictionary<string, string> _oldIds = new(StringComparer.Ordinal);
    private readonly List<string> _first = [];

    private DumpComparison(IReadOnlyDictionary<string, string> newIds) => _newIds = newIds;

    public long Records { get; private set; }

    public long Fields { get; private set; }

    public long Differences { get; private set; }

    /// <summary>The first differences, in words.</summary>
    public IReadOnlyList<string> First => _first;

    /// <param name="newIds">New Ids of re-created records, by their old Id.</param>
    public static async Task<DumpComparison> RunAsync(
        OrgDump before, OrgDump after, IReadOnlyDictionary<string, string> newIds, CancellationToken cancellationToken)
    {
        var comparison = new DumpComparison(newIds);
        foreach (var (old, now) in newIds)
            if (!comparison._oldIds.TryAdd(now, old)) comparison.Differ($"the id map gives {now} to two records: {comparison._oldIds[now]} and {old}");
        foreach (var name in after.Schema.Keys.Except(before.Schema.Keys)) comparison.Differ($"{name}: the object was not there before");
        foreach (var (name, fields) in before.Schema)
        {
            if (!after.Schema.TryGetValue(name, out var now)) comparison.Differ($"{name}: the object is missing");
            else foreach (var field in fields.Keys.Except(now.Keys)) comparison.Differ($"{name}: the field {field} is missing");
            await comparison.CompareObjectAsync(name, fields, before, after, cancellationToken);
        }
        return comparison;
    }

    /// <summary>Both sides come in Id order and are merged; only records with a new Id must wait for their partner, and those are few.</summary>
    private async Task CompareObjectAsync(
        string name, Dictionary<string, DumpedField> fields, OrgDump before, OrgDump after, CancellationToken cancellationToken)
    {
        await using var left = before.ReadAsync(name, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var right = after.ReadAsync(name, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var waitingLeft = new Dictionary<string, DumpedRecord>(StringComparer.Ordinal);     // both by the new Id
        var waitingRight = new Dictionary<string, DumpedRecord>(StringComparer.Ordinal);
        bool hasLeft = await left.MoveNextAsync(), hasRight = await right.MoveNextAsync();
        while (hasLeft || hasRight)
        {
            if (hasLeft && _newIds.TryGetValue(left.Current.Id, out var newId))
            {
                if (waitingRight.Remove(newId, out var partner)) Compare(name, fields, left.Current, partner);
                else waitingLeft.Add(newId, left.Current);
                hasLeft = await left.MoveNextAsync();
                continue;
            }
            if (hasRight && _oldIds.ContainsKey(right.Current.Id))
            {
                if (waitingLeft.Remove(right.Current.Id, out var partner)) Compare(name, fields, partner, right.Current);
                else waitingRight.Add(right.Current.Id, right.Current);
                hasRight = await right.MoveNextAsync();
                continue;
            }
            var order = !hasLeft ? 1 : !hasRight ? -1 : string.CompareOrdinal(left.Current.Id, right.Current.Id);
            if (order == 0) Compare(name, fields, left.Current, right.Current);
            else if (order < 0) Missing(name, left.Current);
            else Extra(name, right.Current);
            if (order <= 0) hasLeft = await left.MoveNextAsync();
            if (order >= 0) hasRight = await right.MoveNextAsync();
        }
        foreach (var record in waitingLeft.Values) Missing(name, record);
        foreach (var record in waitingRight.Values) Extra(name, record);
    }

    private void Compare(string name, Dictionary<string, DumpedField> fields, DumpedRecord before, DumpedRecord after)
    {
        using var first = before;
        using var second = after;
        Records++;
        var madeAnew = before.Id != after.Id;
        JsonElement was = before.Fields, now = after.Fields;
        foreach (var field in fields.Values)
        {
            if (IgnoredFields.Contains(field, madeAnew)) continue;
            Fields++;
            var expected = Value(was, field.Name);
            var found = Value(now, field.Name);
            if (IsAsExpected(field, expected, found)) continue;
            var renamed = madeAnew ? $" (now {after.Id})" : "";
            Differ($"{name} {before.Id}{renamed}, field {field.Name}: was {Show(expected)}, is {Show(found)}");
        }
    }

    private bool IsAsExpected(DumpedField field, JsonElement expected, JsonElement found)
    {
        if (expected.ValueKind == JsonValueKind.String && _newIds.TryGetValue(expected.GetString()!, out var newId))
        {
            if (field.IsReference) return found.ValueKind == JsonValueKind.String && found.ValueEquals(newId);
            // A formula that shows an Id follows the record; a text that happens to hold one stays as it was.
            if (field.Calculated && found.ValueKind == JsonValueKind.String && found.ValueEquals(newId)) return true;
        }
        return JsonElement.DeepEquals(expected, found);
    }

    private static JsonElement Value(JsonElement fields, string name) => fields.TryGetProperty(name, out var value) ? value : NoValue;

    private static readonly JsonElement NoValue = JsonElement.Parse("null");

    private static string Show(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 80 ? text : text[..80] + "…";
    }

    private void Missing(string name, DumpedRecord record)
    {
        using (record) Differ(_newIds.TryGetValue(record.Id, out var newId) ? $"{name} {record.Id} (should be {newId} now) is missing" : $"{name} {record.Id} is missing");
    }

    private void Extra(string name, DumpedRecord record)
    {
        using (record) Differ($"{name} {record.Id} was not there before");
    }

    private void Differ(string text)
    {
        Differences++;
        if (_first.Count < Named) _first.Add(text);
    }
}
