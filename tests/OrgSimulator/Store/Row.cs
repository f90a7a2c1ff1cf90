namespace OrgSimulator.Store;

/// <summary>
/// One version of a record. Never changed once it stands in a table: a write puts a new version in its place,
/// so that queries read without a lock and results of a job stay what they were.
/// </summary>
public sealed record Row
{
    public required string Id { get; init; }

    /// <summary>Number inside the Id; rows of a table stand in its order.</summary>
    public required long Number { get; init; }

    /// <summary>Values by slot, in the form Bulk CSV would write them; null is no value.</summary>
    public required string?[] Values { get; init; }

    // Times are seconds since 1970: the org keeps no finer ones.
    public required uint Created { get; init; }
    public required uint Modified { get; init; }
    public required uint Modstamp { get; init; }
    public required string CreatedBy { get; init; }
    public required string ModifiedBy { get; init; }

    /// <summary>When the record went to the recycle bin; 0 while it lives.</summary>
    public uint DeletedAt { get; init; }

    /// <summary>Number of the deed that deleted it: rows deleted by one cascade come back together.</summary>
    public long DeletedWith { get; init; }

    /// <summary>True for the record that the deed named, false for those its cascade took along.</summary>
    public bool DeletedItself { get; init; }

    public bool IsDeleted => DeletedAt != 0;

    public string? this[int slot] => slot < Values.Length ? Values[slot] : null;
}
