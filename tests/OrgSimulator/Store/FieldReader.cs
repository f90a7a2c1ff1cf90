using System.Globalization;
using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>Reads a field of a record as text, in the form Bulk CSV writes it. Null is no value.</summary>
public static class FieldReader
{
    public static string? Text(ObjectType type, Field field, Row row) => field.Source switch
    {
        FieldSource.Slot => field.Masked && row[field.Slot] is { } secret ? Mask(secret, field.MaskType)
            // A checkbox has a value even in records that are older than the field.
            : row[field.Slot] ?? (field is { Type: FieldType.Boolean, Calculated: false } ? field.DefaultValue ?? "false" : null),
        FieldSource.Id => row.Id,
        FieldSource.IsDeleted => row.IsDeleted ? "true" : "false",
        FieldSource.CreatedDate => Stamp(row.Created),
        FieldSource.LastModifiedDate => Stamp(row.Modified),
        FieldSource.SystemModstamp => Stamp(row.Modstamp),
        FieldSource.CreatedById => row.CreatedBy,
        FieldSource.LastModifiedById => row.ModifiedBy,
        FieldSource.PersonName => PersonName(type, row),
        FieldSource.Compound => null,
        FieldSource.Formula => field.Compute?.Invoke(row),
        _ => throw new InvalidOperationException($"{type.Name}.{field.Name} has no source"),
    };

    public static string Stamp(uint seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture);

    /// <summary>A stored datetime as REST JSON writes it.</summary>
    public static string RestDateTime(string stored) => stored.EndsWith('Z') ? string.Concat(stored.AsSpan(0, stored.Length - 1), "+0000") : stored;

    /// <summary>Every kind but "all" shows the last four signs.</summary>
    private static string Mask(string secret, string? kind)
    {
        var shown = kind is null or "all" ? 0 : Math.Min(4, secret.Length);
        return new string('*', secret.Length - shown) + secret[^shown..];
    }

    private static string? PersonName(ObjectType type, Row row)
    {
        var first = row[type["FirstName"].Slot];
        var last = row[type["LastName"].Slot];
        return first is null ? last : last is null ? first : first + " " + last;
    }
}
