using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>Why one record was not saved, in Salesforce's words.</summary>
public sealed record SaveError(string Code, string Message, params IReadOnlyList<string> Fields)
{
    public static SaveError RolledBack { get; } = new("ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header");
}

public sealed record SaveResult(string? Id, bool Created, SaveError? Error)
{
    public bool Success => Error is null;
    public static SaveResult Failed(SaveError error, string? id = null) => new(id, false, error);
}

/// <summary>A record as a client sent it: field names as written, values as text, null to clear a field.</summary>
public sealed class RecordInput
{
    public string? Id { get; set; }
    public List<KeyValuePair<string, string?>> Fields { get; } = [];

    /// <summary>Bytes of a blob field that came beside the record.</summary>
    public byte[]? Blob { get; set; }
    public string? BlobField { get; set; }

    /// <summary>Stamps that an insert brings by "Set Audit Fields upon Record Creation".</summary>
    public Dictionary<FieldSource, string> Audit { get; } = [];

    public void Set(string field, string? value) => Fields.Add(new(field, value));
}
