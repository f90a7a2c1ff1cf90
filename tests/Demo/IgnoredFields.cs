using System.Collections.Frozen;

namespace Demo;

/// <summary>What no client can restore, because Salesforce writes it itself. The whole list; everything else must be equal.</summary>
internal static class IgnoredFields
{
    /// <summary>The record's own Id is matched over the restore's id map; the others are stamps of who touched or looked at it when.</summary>
    private static readonly FrozenSet<string> OfEveryRecord = FrozenSet.Create(StringComparer.Ordinal,
        "Id", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp",
        "LastViewedDate", "LastReferencedDate", "LastActivityDate");

    /// <summary>On a record that had to be made anew, Salesforce also gives out the next auto number.</summary>
    public static bool Contains(DumpedField field, bool madeAnew) => OfEveryRecord.Contains(field.Name) || (madeAnew && field.AutoNumber);
}
