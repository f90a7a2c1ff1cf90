using OrgSimulator.Rules;
using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>
/// The one door through which records change: REST, Bulk, SOAP and the admin endpoints all come here.
/// Each method takes the store's lock for one call; results stand in the order of the input.
/// </summary>
public sealed class Dml(OrgStore store)
{
    private readonly FieldWriter _writer = new(store);
    private readonly Deletion _deletion = new(store);
    private readonly RollUps _rollUps = new(store);
    private readonly PersonAccounts _people = new(store);

    /// <summary>Steps of the transaction that is open, which only the holder of the store's lock sees.</summary>
    private Journal? _transaction;

    public OrgStore Store => store;

    /// <summary>Lookups that deletes have set to null so far.</summary>
    public int NulledLookups => _deletion.NulledLookups;

    public IReadOnlyList<SaveResult> Insert(ObjectType type, IReadOnlyList<RecordInput> records, bool allOrNone = false) =>
        Run(records, allOrNone, (record, journal, touched) => InsertOne(type, record, journal, touched));

    public IReadOnlyList<SaveResult> Update(ObjectType type, IReadOnlyList<RecordInput> records, bool allOrNone = false) =>
        Run(records, allOrNone, (record, journal, touched) => UpdateOne(type, record, journal, touched));

    /// <summary>Inserts or updates by the value of a field; <c>Id</c> is allowed and then only updates.</summary>
    public IReadOnlyList<SaveResult> Upsert(ObjectType type, Field key, IReadOnlyList<RecordInput> records, bool allOrNone = false) =>
        Run(records, allOrNone, (record, journal, touched) => UpsertOne(type, key, record, journal, touched));

    /// <summary>Mixed objects, as composite/sobjects takes them.</summary>
    public IReadOnlyList<SaveResult> Save(IReadOnlyList<(ObjectType Type, RecordInput Record)> records, bool insert, bool allOrNone) =>
        Run(records, allOrNone, (item, journal, touched) => insert
            ? InsertOne(item.Type, item.Record, journal, touched)
            : UpdateOne(item.Type, item.Record, journal, touched));

    /// <param name="ids">Ids of any objects.</param>
    /// <param name="allOrNone">Whether one failure undoes all.</param>
    /// <param name="hard">Skips the recycle bin.</param>
    /// <param name="of">The object whose records alone may go; null for any.</param>
    public IReadOnlyList<SaveResult> Delete(IReadOnlyList<string> ids, bool allOrNone = false, bool hard = false, ObjectType? of = null)
    {
        lock (store.WriteLock)
        {
            var journal = new Journal();
            var touched = new TouchedParents();
            var results = _deletion.Delete(ids, journal, touched, hard, of);
            return Close(results, allOrNone, journal, touched);
        }
    }

    public IReadOnlyList<SaveResult> Undelete(IReadOnlyList<string> ids)
    {
        lock (store.WriteLock)
        {
            var journal = new Journal();
            var touched = new TouchedParents();
            return Close(_deletion.Undelete(ids, journal, touched), false, journal, touched);
        }
    }

    /// <summary>Takes deleted records, and what their cascades took along, out of the recycle bin for good.</summary>
    public IReadOnlyList<SaveResult> EmptyRecycleBin(IReadOnlyList<string> ids)
    {
        lock (store.WriteLock) return _deletion.Purge(ids, new Journal());
    }

    /// <summary>Several calls as one: all of them stand, or, when the work says false, none.</summary>
    public bool Transaction(Func<bool> work)
    {
        lock (store.WriteLock)
        {
            var outer = _transaction;
            _transaction = new Journal();
            try
            {
                var stands = work();
                if (!stands) _transaction.Undo();
                else outer?.Absorb(_transaction);
                return stands;
            }
            finally
            {
                _transaction = outer;
            }
        }
    }

    private List<SaveResult> Run<T>(IReadOnlyList<T> records, bool allOrNone, Func<T, Journal, TouchedParents, SaveResult> save)
    {
        lock (store.WriteLock)
        {
            var journal = new Journal();
            var touched = new TouchedParents();
            var results = new List<SaveResult>(records.Count);
            foreach (var record in records) results.Add(save(record, journal, touched));
            return Close(results, allOrNone, journal, touched);
        }
    }

    private List<SaveResult> Close(List<SaveResult> results, bool allOrNone, Journal journal, TouchedParents touched)
    {
        if (allOrNone && results.Exists(result => !result.Success))
        {
            journal.Undo();
            return results.ConvertAll(result => result.Success ? SaveResult.Failed(SaveError.RolledBack, result.Created ? null : result.Id) : result);
        }
        _rollUps.Recalculate(touched, journal);
        _transaction?.Absorb(journal);
        return results;
    }

    private SaveResult InsertOne(ObjectType type, RecordInput record, Journal journal, TouchedParents touched)
    {
        if (store.Interference.Row(type) is { } locked) return SaveResult.Failed(locked);
        if (!type.Createable)
            return SaveResult.Failed(new("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", $"entity type cannot be inserted: {type.Label}"));
        if (record.Id is not null)
            return SaveResult.Failed(new("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id"));
        var values = new string?[type.SlotCount];
        if (_writer.Write(type, record, values, null) is { } error) return SaveResult.Failed(error);
        FieldWriter.Default(type, values, store);
        _rollUps.Begin(type, values);
        if (StandardRules.BeforeInsert(store, type, values, record, out var rowsBefore) is { } refused) return SaveResult.Failed(refused);
        if (_people.Prepare(type, record, values, null) is { } impersonal) return SaveResult.Failed(impersonal);
        var candidate = Candidate(values, record);
        if (Judge(type, TriggerEvent.Insert, candidate, null) is { } unfit) return SaveResult.Failed(unfit);

        var table = store.Table(type);
        foreach (var (otherType, otherValues) in rowsBefore)
        {
            var created = NewRow(store.Table(otherType), otherValues);
            journal.Append(store.Table(otherType), created);
            values[type["ContentDocumentId"].Slot] = created.Id;
        }
        FieldWriter.Number(table, values, DateOnly.FromDateTime(store.Time.GetUtcNow().UtcDateTime));
        var shadow = _people.NewShadow(type, values, NewRow);
        var row = Stamped(NewRow(table, values), candidate, record);
        journal.Append(table, row);
        _people.AddShadow(row, shadow, journal);
        StandardRules.AfterInsert(store, type, row, journal, NewRow);
        touched.Note(type, row);
        return new SaveResult(row.Id, true, null);
    }

    private SaveResult UpdateOne(ObjectType type, RecordInput record, Journal journal, TouchedParents touched)
    {
        if (record.Id is null) return SaveResult.Failed(new("MISSING_ARGUMENT", "Id not specified in an update call", "Id"));
        if (SalesforceId.Complete(record.Id) is not { } id)
            return SaveResult.Failed(new("MALFORMED_ID", $"{type["Id"].Label}: id value of incorrect type: {record.Id}", "Id"));
        var table = store.Table(type);
        if (table.Find(id) is not { } old)
            return SaveResult.Failed(store.Schema.OfId(id) == type
                ? new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
                : new("MALFORMED_ID", $"{type["Id"].Label}: id value of incorrect type: {record.Id}", "Id"), id);
        if (store.Interference.Row(type) is { } locked) return SaveResult.Failed(locked, id);
        if (old.IsDeleted) return SaveResult.Failed(new("ENTITY_IS_DELETED", "entity is deleted"), id);
        if (!type.Updateable)
            return SaveResult.Failed(new("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", $"entity type cannot be updated: {type.Label}"), id);
        var values = new string?[type.SlotCount];
        old.Values.CopyTo(values, 0);
        if (_writer.Write(type, record, values, old) is { } error) return SaveResult.Failed(error, id);
        if (_people.Prepare(type, record, values, old) is { } impersonal) return SaveResult.Failed(impersonal, id);
        StandardRules.Derive(type, values, store);
        var row = old with { Values = values, Modified = store.Now, Modstamp = store.Now, ModifiedBy = store.AdminId };
        if (Judge(type, TriggerEvent.Update, row, old) is { } unfit) return SaveResult.Failed(unfit, id);
        touched.Note(type, old);
        journal.Replace(table, old, row);
        _people.UpdateShadow(type, row, journal);
        touched.Note(type, row);
        return new SaveResult(id, false, null);
    }

    private SaveResult UpsertOne(ObjectType type, Field key, RecordInput record, Journal journal, TouchedParents touched)
    {
        var at = record.Fields.FindIndex(pair => pair.Key.Equals(key.Name, StringComparison.OrdinalIgnoreCase));
        var value = key.Source == FieldSource.Id ? record.Id : at < 0 ? null : record.Fields[at].Value;
        if (string.IsNullOrEmpty(value))
            return SaveResult.Failed(new("MISSING_ARGUMENT", $"{key.Name} not specified"));
        if (key.Source == FieldSource.Id) return UpdateOne(type, record, journal, touched);
        if (!Coercion.TryStore(key, value, out var stored, out var error)) return SaveResult.Failed(error!);
        var found = store.FindBy(store.Table(type), key, stored ?? "");
        if (found.Count > 1)
            return SaveResult.Failed(new("DUPLICATE_EXTERNAL_ID", $"{key.Name}: more than one record found for external id field: [{string.Join(", ", found.Select(r => r.Id))}]"));
        if (found.Count == 0)
        {
            record.Id = null;
            return InsertOne(type, record, journal, touched);
        }
        record.Id = found[0].Id;
        if (!key.Updateable) record.Fields.RemoveAt(at);
        return UpdateOne(type, record, journal, touched);
    }

    /// <summary>What a save must pass, in the platform's order: triggers, required and unique fields, validation rules, duplicate rules.</summary>
    private SaveError? Judge(ObjectType type, TriggerEvent moment, Row row, Row? old) =>
        store.Rules.RunTriggers(type, moment, row) ?? _writer.Check(type, row.Values, old) ?? store.Rules.Validate(type, row) ?? store.Rules.FindDuplicate(type, row, old is null);

    /// <summary>A new record before it has an Id.</summary>
    private Row Candidate(string?[] values, RecordInput record) => Stamped(new Row
    {
        Id = "", Number = 0, Values = values, Created = store.Now, Modified = store.Now, Modstamp = store.Now, CreatedBy = store.AdminId, ModifiedBy = store.AdminId,
    }, null, record);

    private static Row Stamped(Row row, Row? candidate, RecordInput record) => candidate is not null
        ? record.Audit.Count == 0 ? row : row with { Created = candidate.Created, Modified = candidate.Modified, CreatedBy = candidate.CreatedBy, ModifiedBy = candidate.ModifiedBy }
        : row with
        {
            Created = Seconds(record, FieldSource.CreatedDate) ?? row.Created, Modified = Seconds(record, FieldSource.LastModifiedDate) ?? row.Modified,
            CreatedBy = record.Audit.GetValueOrDefault(FieldSource.CreatedById, row.CreatedBy), ModifiedBy = record.Audit.GetValueOrDefault(FieldSource.LastModifiedById, row.ModifiedBy),
        };

    private static uint? Seconds(RecordInput record, FieldSource stamp) =>
        record.Audit.TryGetValue(stamp, out var text) && Coercion.Instant(text) is { } at ? (uint)new DateTimeOffset(at, TimeSpan.Zero).ToUnixTimeSeconds() : null;

    private Row NewRow(Table table, string?[] values)
    {
        var id = store.NewId(table);
        var now = store.Now;
        if (table.Type is { Custom: true, NameField: { Source: FieldSource.Slot } name }) values[name.Slot] ??= id;
        return new Row
        {
            Id = id, Number = SalesforceId.Number(id), Values = values, Created = now, Modified = now, Modstamp = now,
            CreatedBy = store.AdminId, ModifiedBy = store.AdminId,
        };
    }
}
