using System.Globalization;
using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>Puts the fields of a record that a client sent into the slots of a row, checking each.</summary>
public sealed class FieldWriter(OrgStore store)
{
    /// <summary>Every object has this one; a record of it has no record type.</summary>
    private const string MasterRecordType = "012000000000000AAA";

    /// <returns>The first thing that is wrong, or null.</returns>
    public SaveError? Write(ObjectType type, RecordInput record, string?[] values, Row? old)
    {
        foreach (var (name, raw) in record.Fields)
        {
            if (name.Contains('.', StringComparison.Ordinal))
            {
                if (WriteByParentKey(type, name, raw, values, old) is { } failed) return failed;
                continue;
            }
            if (type.Find(name) is not { } field)
                return new SaveError("INVALID_FIELD", $"No such column '{name}' on sobject of type {type.Name}");
            if (field.Source == FieldSource.Id) continue;
            if (old is null && field is { Createable: true, Source: FieldSource.CreatedDate or FieldSource.CreatedById or FieldSource.LastModifiedDate or FieldSource.LastModifiedById })
            {
                if (WriteStamp(record, field, raw) is { } bad) return bad;
                continue;
            }
            if (field.Source != FieldSource.Slot || !(old is null ? field.Createable : field.Updateable))
                return new SaveError("INVALID_FIELD_FOR_INSERT_UPDATE", $"Unable to create/update fields: {field.Name}. Please check the security settings of this field "
                    + "and verify that it is read/write for your profile or permission set.", field.Name);
            if (WriteOne(type, field, raw, values, old) is { } error) return error;
        }
        if (record.Blob is { } content && type.Find(record.BlobField!) is { Type: FieldType.Base64 } blob) values[blob.Slot] = store.KeepBlob(content);
        return null;
    }

    /// <summary>What must hold for the whole record: required fields, unique values.</summary>
    public SaveError? Check(ObjectType type, string?[] values, Row? old)
    {
        var missing = type.AllFields.Where(field => field.Source == FieldSource.Slot && values[field.Slot] is null
            && (old is null ? field.Required : !field.Nillable && field.Updateable)).Select(field => field.Name).ToArray();
        if (missing.Length > 0)
            return new SaveError("REQUIRED_FIELD_MISSING", $"Required fields are missing: [{string.Join(", ", missing)}]", missing);
        foreach (var field in type.AllFields)
        {
            if (!field.Unique || field.Source != FieldSource.Slot || values[field.Slot] is not { } value) continue;
            foreach (var other in store.FindBy(store.Table(type), field, value))
                if (other.Number != old?.Number)
                    return new SaveError("DUPLICATE_VALUE", $"duplicate value found: {field.Name} duplicates value on record with id: {other.Id}", field.Name);
        }
        return null;
    }

    /// <summary>Fills what the platform fills by itself on insert.</summary>
    public static void Default(ObjectType type, string?[] values, OrgStore store)
    {
        Row? blank = null;
        foreach (var field in type.AllFields)
        {
            if (field.Source != FieldSource.Slot || values[field.Slot] is not null) continue;
            if (field.Type == FieldType.Boolean) values[field.Slot] = field.DefaultValue ?? "false";
            else if (field.DefaultValue is { } given) values[field.Slot] = given;
            else if (field.ComputeDefault is { } compute && compute(blank ??= Blank(values, store)) is { } worked) values[field.Slot] = worked;
            else if (field.Name == "OwnerId") values[field.Slot] = store.AdminId;
            else if (field.Name == "SetupOwnerId") values[field.Slot] = store.OrganizationId;
        }
    }

    private static Row Blank(string?[] values, OrgStore store) => new()
    {
        Id = "", Number = 0, Values = values, Created = store.Now, Modified = store.Now, Modstamp = store.Now, CreatedBy = store.AdminId, ModifiedBy = store.AdminId,
    };

    /// <summary>Gives the next number to the fields that number themselves, and to an empty name of a custom object its Id's stand-in.</summary>
    public static void Number(Table table, string?[] values, DateOnly today = default)
    {
        foreach (var field in table.Type.AllFields)
            if (field.AutoNumberFormat is { } format && values[field.Slot] is null)
                values[field.Slot] = Format(format, field.StartingNumber - 1 + table.NextAutoNumber(field), today);
    }

    /// <summary>Zeros in braces stand for the number, letters for the day: {YYYY}, {YY}, {MM}, {DD}.</summary>
    public static string Format(string format, long number, DateOnly today)
    {
        var text = new System.Text.StringBuilder();
        var numbered = false;
        for (var at = 0; at < format.Length; at++)
        {
            var close = format[at] == '{' ? format.IndexOf('}', at) : -1;
            if (close < 0)
            {
                text.Append(format[at]);
                continue;
            }
            var inner = format[(at + 1)..close];
            var day = inner.ToUpperInvariant() is var word && word is "YYYY" or "YY" or "MM" or "DD" ? word.Replace('Y', 'y').Replace('D', 'd') : null;
            numbered |= day is null;
            text.Append(day is null ? number.ToString("D" + inner.Length, CultureInfo.InvariantCulture) : today.ToString(day, CultureInfo.InvariantCulture));
            at = close;
        }
        return numbered ? text.ToString() : text.Append(number).ToString();
    }

    private SaveError? WriteStamp(RecordInput record, Field field, string? raw)
    {
        if (string.IsNullOrEmpty(raw)) return null;
        if (!Coercion.TryStore(field, raw, out var stored, out var error)) return error;
        if (field.Type == FieldType.Reference && Resolve(field, stored!, out stored) is { } bad) return bad;
        if (field.Type == FieldType.DateTime && Coercion.Instant(stored!) is var at && (at < DateTime.UnixEpoch || at > store.Time.GetUtcNow().UtcDateTime))
            return new SaveError("FIELD_INTEGRITY_EXCEPTION", $"{field.Label}: value must lie between 1970 and now: {raw}", field.Name);
        record.Audit[field.Source] = stored!;
        return null;
    }

    private SaveError? WriteOne(ObjectType type, Field field, string? raw, string?[] values, Row? old)
    {
        if (raw is null || raw.Length == 0)
        {
            if (field.Type == FieldType.Boolean)
                return new SaveError("INVALID_TYPE_ON_FIELD_IN_RECORD", $"{field.Label}: value not of required type: ", field.Name);
            values[field.Slot] = null;
            return null;
        }
        if (field.Type == FieldType.Base64)
        {
            try
            {
                values[field.Slot] = store.KeepBlob(Convert.FromBase64String(raw));
            }
            catch (FormatException)
            {
                return new SaveError("INVALID_BASE64", $"{field.Label}: value not of required type", field.Name);
            }
            return null;
        }
        if (!Coercion.TryStore(field, raw, out var stored, out var error)) return error;
        if (field.Type == FieldType.Reference && stored is not null)
        {
            if (old is not null && old[field.Slot] == stored) return null;   // an unchanged lookup is never judged again
            var recordType = field.Name == "RecordTypeId" && field.ReferenceTo.Contains("RecordType");
            if (recordType && stored == MasterRecordType)
            {
                values[field.Slot] = null;
                return null;
            }
            if (Resolve(field, stored, out var target) is { } bad) return bad;
            stored = target;
            if (recordType && !IsRecordTypeOf(type, stored!))
                return new SaveError("INVALID_CROSS_REFERENCE_KEY", $"Record Type ID: this ID value isn't valid for the user: {stored}", field.Name);
            if (field.Name == "OwnerId" && !store.Rules.Rules.UpdateInactiveOwners && IsInactiveUser(stored!))
                return new SaveError("INACTIVE_OWNER_OR_USER", "operation performed with inactive user", field.Name);
        }
        values[field.Slot] = stored;
        return null;
    }

    private bool IsRecordTypeOf(ObjectType type, string id)
    {
        var recordTypes = store.Table("RecordType");
        return recordTypes.Find(id) is { } row && type.Name.Equals(row[recordTypes.Type["SobjectType"].Slot], StringComparison.OrdinalIgnoreCase)
            && row[recordTypes.Type["IsActive"].Slot] == "true";
    }

    private bool IsInactiveUser(string id) => store.Schema.OfId(id) is { Name: "User" } users && users.FindAny("IsActive") is { Source: FieldSource.Slot } active
        && store.Table(users).Find(id)?[active.Slot] == "false";

    private SaveError? Resolve(Field field, string id, out string? found)
    {
        found = null;
        var type = store.Schema.OfId(id);
        if (type is not null && !field.ReferenceTo.Contains(type.Name))
            return new SaveError("FIELD_INTEGRITY_EXCEPTION", $"{field.Label}: id value of incorrect type: {id}", field.Name);
        if (type is null || store.Table(type).Find(id) is not { } row)
            return new SaveError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", field.Name);
        if (row.IsDeleted) return new SaveError("ENTITY_IS_DELETED", "entity is deleted", field.Name);
        found = row.Id;   // the row's own string: equal Ids share one instance
        return null;
    }

    /// <summary>A column such as <c>Parent__r.Key__c</c> or <c>Lead:Who.Email</c> names the parent by one of its values.</summary>
    private SaveError? WriteByParentKey(ObjectType type, string path, string? raw, string?[] values, Row? old)
    {
        var (relation, keyName) = (path[..path.IndexOf('.', StringComparison.Ordinal)], path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..]);
        string? only = null;
        if (relation.IndexOf(':', StringComparison.Ordinal) is var colon and > 0) (only, relation) = (relation[..colon], relation[(colon + 1)..]);
        var lookup = type.Fields.FirstOrDefault(field => relation.Equals(field.RelationshipName, StringComparison.OrdinalIgnoreCase));
        var parent = lookup is null ? null : store.Schema.Find(only ?? lookup.ReferenceTo[0]);
        if (lookup is null || parent?.Find(keyName) is not { } key)
            return new SaveError("INVALID_FIELD", $"No such column '{path}' on sobject of type {type.Name}");
        if (!(old is null ? lookup.Createable : lookup.Updateable))
            return new SaveError("INVALID_FIELD_FOR_INSERT_UPDATE", $"Unable to create/update fields: {lookup.Name}. Please check the security settings of this field "
                + "and verify that it is read/write for your profile or permission set.", lookup.Name);
        if (string.IsNullOrEmpty(raw))
        {
            values[lookup.Slot] = null;
            return null;
        }
        if (key.Source == FieldSource.Id) return WriteOne(type, lookup, raw, values, old);
        if (!key.ExternalId && !key.IdLookup)
            return new SaveError("INVALID_FIELD", $"Field name provided, {keyName} is not an External ID or indexed field for {parent.Name}");
        var found = store.FindBy(store.Table(parent), key, Coercion.Text(raw));
        if (found.Count != 1)
            return new SaveError("INVALID_FIELD", found.Count == 0
                ? $"Foreign key external ID: {raw} not found for field {key.Name} in entity {parent.Name}"
                : $"More than one record found for external id field: {key.Name}", lookup.Name);
        values[lookup.Slot] = found[0].Id;
        return null;
    }
}
