using OrgSimulator.Rules;
using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>
/// Deleting to the recycle bin with its cascades, bringing back, and purging.
/// Parents are taken as a set, so that children are looked for once per level.
/// </summary>
public sealed class Deletion(OrgStore store)
{
    private readonly PersonAccounts _people = new(store);
    private (ObjectType, Field[])[] _unique = [];
    private int _seen;

    /// <summary>Lookups set to null by deletes so far.</summary>
    public int NulledLookups { get; private set; }

    public List<SaveResult> Delete(IReadOnlyList<string> ids, Journal journal, TouchedParents touched, bool hard, ObjectType? of = null)
    {
        var results = new List<SaveResult>(ids.Count);
        var roots = new List<(ObjectType Type, Row Row, int Result)>();
        foreach (var given in ids)
        {
            results.Add(Judge(given, hard, out var type, out var row));
            if (of is not null && type is not null && type != of)
            {
                results[^1] = SaveResult.Failed(new("MALFORMED_ID", $"{of["Id"].Label}: id value of incorrect type: {given}", "Id"), given);
                continue;
            }
            if (row is not null && roots.TrueForAll(root => root.Row.Number != row.Number || root.Type != type)) roots.Add((type!, row, results.Count - 1));
        }
        foreach (var group in roots.GroupBy(root => root.Type).ToArray())
        {
            var refused = Refusals(group.Key, [.. group.Select(root => root.Row.Id)]);
            foreach (var (_, row, result) in group.Where(root => refused.ContainsKey(root.Row.Id)))
                results[result] = SaveResult.Failed(refused[row.Id], row.Id);
            Remove(group.Key, [.. group.Where(root => !refused.ContainsKey(root.Row.Id)).Select(root => root.Row)], journal, touched, hard);
        }
        return results;
    }

    public List<SaveResult> Undelete(IReadOnlyList<string> ids, Journal journal, TouchedParents touched)
    {
        var now = store.Now;
        var results = new List<SaveResult>(ids.Count);
        var deeds = new HashSet<long>();
        var wanted = ids.Select(id => SalesforceId.Complete(id)).OfType<string>().Select(store.Find).OfType<Row>().Select(row => row.DeletedWith).ToHashSet();
        foreach (var given in ids)
        {
            var row = SalesforceId.Complete(given) is { } id ? store.Find(id) : null;
            if (row is null || !store.Schema.OfId(row.Id)!.Undeletable && row.DeletedItself)
                results.Add(SaveResult.Failed(new("INVALID_ID_FIELD", "Invalid Id"), given));
            else if (!row.IsDeleted)
                results.Add(deeds.Contains(row.DeletedWith) ? new SaveResult(row.Id, false, null)
                    : SaveResult.Failed(new("UNDELETE_FAILED", "Entity is not in the recycle bin"), row.Id));
            else if (!store.InBin(row, now) || !row.DeletedItself && !deeds.Contains(row.DeletedWith))
                results.Add(SaveResult.Failed(new("UNDELETE_FAILED", "Entity is not in the recycle bin"), row.Id));
            else if (DeletedMaster(row, wanted) is { } master)
                results.Add(SaveResult.Failed(new("UNDELETE_FAILED", $"The parent of this record is in the recycle bin: {master}"), row.Id));
            else if (Taken(row) is { } taken)
                results.Add(SaveResult.Failed(taken, row.Id));
            else
            {
                deeds.Add(row.DeletedWith);
                results.Add(new SaveResult(row.Id, false, null));
            }
        }
        if (deeds.Count == 0) return results;
        foreach (var type in store.Schema.Objects)
        {
            var table = store.Table(type);
            foreach (var row in table.Deleted().Where(row => deeds.Contains(row.DeletedWith)).ToArray())
            {
                var back = row with { DeletedAt = 0, DeletedWith = 0, DeletedItself = false, Modstamp = now, Modified = now, ModifiedBy = store.AdminId };
                journal.Replace(table, row, back);
                touched.Note(type, back);
                touched.NoteBack(store.Schema, type, back);
            }
        }
        return results;
    }

    /// <summary>A unique value that another record has taken since, of the record or of one that its delete took along.</summary>
    private SaveError? Taken(Row root)
    {
        if (_seen != store.Schema.Version)
            (_seen, _unique) = (store.Schema.Version, [.. store.Schema.Objects.Select(type => (type, type.AllFields.Where(field => field is { Unique: true, Source: FieldSource.Slot }).ToArray())).Where(pair => pair.Item2.Length > 0)]);
        foreach (var (type, unique) in _unique)
        {
            var table = store.Table(type);
            foreach (var row in table.Deleted().Where(row => row.DeletedWith == root.DeletedWith))
                foreach (var field in unique)
                    if (row[field.Slot] is { } value && store.FindBy(table, field, value) is [var other, ..])
                        return new SaveError("DUPLICATE_VALUE", $"duplicate value found: {field.Name} duplicates value on record with id: {other.Id}", field.Name);
        }
        return null;
    }

    /// <summary>A record cannot live without the parent that it requires; one that comes back in the same call will do.</summary>
    private string? DeletedMaster(Row row, HashSet<long> comingBack) => store.Schema.OfId(row.Id)!.AllFields
        .Where(field => field is { DeleteRule: DeleteRule.Cascade, Nillable: false, Source: FieldSource.Slot }).Select(field => row[field.Slot])
        .FirstOrDefault(id => id is not null && store.Find(id) is not { IsDeleted: false } && (store.Find(id) is not { } parent || !comingBack.Contains(parent.DeletedWith)));

    public List<SaveResult> Purge(IReadOnlyList<string> ids, Journal journal)
    {
        var results = new List<SaveResult>(ids.Count);
        var deeds = new HashSet<long>();
        foreach (var given in ids)
        {
            var row = SalesforceId.Complete(given) is { } id ? store.Find(id) : null;
            if (row is null) results.Add(SaveResult.Failed(new("INVALID_ID_FIELD", "Invalid Id"), given));
            else if (!row.IsDeleted) results.Add(SaveResult.Failed(new("ENTITY_IS_NOT_DELETED", "Entity is not in the recycle bin"), row.Id));
            else
            {
                deeds.Add(row.DeletedWith);
                results.Add(new SaveResult(row.Id, false, null));
            }
        }
        foreach (var type in store.Schema.Objects)
        {
            var table = store.Table(type);
            foreach (var row in table.Deleted().Where(row => deeds.Contains(row.DeletedWith)).ToArray()) journal.Replace(table, row, null);
        }
        return results;
    }

    private SaveResult Judge(string given, bool hard, out ObjectType? type, out Row? row)
    {
        row = null;
        type = null;
        if (SalesforceId.Complete(given) is not { } id)
            return SaveResult.Failed(new("MALFORMED_ID", $"bad id {given}"), given);
        type = store.Schema.OfId(id);
        if (type is null || store.Table(type).Find(id) is not { } found)
            return SaveResult.Failed(new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"), id);
        if (!type.Deletable) return SaveResult.Failed(new("INSUFFICIENT_ACCESS_OR_READONLY", $"entity type cannot be deleted: {type.Label}"), id);
        if (!found.IsDeleted && store.Rules.RunTriggers(type, TriggerEvent.Delete, found) is { } refused) return SaveResult.Failed(refused, id);
        if (!found.IsDeleted && _people.JudgeDelete(type, found) is { } tied) return SaveResult.Failed(tied, id);
        if (found.IsDeleted && !hard) return SaveResult.Failed(new("ENTITY_IS_DELETED", "entity is deleted"), id);
        row = found;
        return new SaveResult(id, false, null);
    }

    /// <summary>Parents that some child holds fast, with Salesforce's words for it.</summary>
    private Dictionary<string, SaveError> Refusals(ObjectType type, HashSet<string> ids)
    {
        var refused = new Dictionary<string, SaveError>(StringComparer.Ordinal);
        foreach (var (child, lookup) in store.Schema.ChildrenOf(type))
        {
            if (lookup.DeleteRule != DeleteRule.Restrict) continue;
            foreach (var row in store.Table(child).Children(lookup, ids))
                if (row[lookup.Slot] is { } parent)
                    refused.TryAdd(parent, new SaveError("DELETE_FAILED", $"Your attempt to delete {type.Label} could not be completed because it is associated with the following "
                        + $"{child.LabelPlural.ToLowerInvariant()}.: {(child.NameField is { } name ? FieldReader.Text(child, name, row) : row.Id)}\n"));
        }
        return refused;
    }

    private void Remove(ObjectType type, List<Row> rows, Journal journal, TouchedParents touched, bool hard)
    {
        if (rows.Count == 0) return;
        var now = store.Now;
        // Each root is a deed of its own: what it took along comes back with it and not with another.
        var deeds = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var row in rows) deeds[row.Id] = row.IsDeleted ? row.DeletedWith : store.NextDeed();
        Bury(type, rows, deeds, itself: true, now, journal, touched);
        if (hard) Purge([.. rows.Select(row => row.Id)], journal);
    }

    private void Bury(ObjectType type, List<Row> rows, Dictionary<string, long> deeds, bool itself, uint now, Journal journal, TouchedParents touched)
    {
        var table = store.Table(type);
        foreach (var row in rows)
        {
            if (table.FindLive(row.Id) is not { } live) continue;   // a cycle of cascades, or two roots that share a child
            touched.Note(type, live);
            journal.Replace(table, live, live with { DeletedAt = now, DeletedWith = deeds[row.Id], DeletedItself = itself, Modstamp = now, Modified = now, ModifiedBy = store.AdminId });
        }
        foreach (var (child, lookup) in store.Schema.ChildrenOf(type))
        {
            if (lookup.Source != FieldSource.Slot || lookup.DeleteRule == DeleteRule.Keep) continue;
            var taken = new List<Row>();
            var childDeeds = new Dictionary<string, long>(StringComparer.Ordinal);
            var childTable = store.Table(child);
            foreach (var row in childTable.Children(lookup, deeds.Keys))
            {
                if (row[lookup.Slot] is not { } parent || !deeds.TryGetValue(parent, out var deed)) continue;
                if (lookup.DeleteRule == DeleteRule.Cascade)
                {
                    taken.Add(row);
                    childDeeds[row.Id] = deed;
                }
                else if (lookup.DeleteRule == DeleteRule.SetNull)
                {
                    var values = (string?[])row.Values.Clone();
                    values[lookup.Slot] = null;
                    NulledLookups++;
                    journal.Replace(childTable, row, row with { Values = values, Modified = now, Modstamp = now, ModifiedBy = store.AdminId });
                }
            }
            if (taken.Count > 0) Bury(child, taken, childDeeds, itself: false, now, journal, touched);
        }
    }
}
