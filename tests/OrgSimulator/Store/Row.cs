using System.Diagnostics.CodeAnalysis;
using OrgSimulator.Generating;

namespace OrgSimulator.Store;

/// <summary>
/// One version of a record. Never changed once it stands in a table: a write puts a new version in its place,
/// so that queries read without a lock and results of a job stay what they were.
/// </summary>
public sealed record Row
{
    private readonly GeneratedRows? _made;
    private string? _id;
    private string?[]? _values;

    public Row()
    {
    }

    /// <summary>A generated record: Id and values are worked out when somebody asks.</summary>
    [SetsRequiredMembers]
    public Row(GeneratedRows made, long number, uint created, uint modified, string user)
    {
        _made = made;
        (Id, Values) = (null!, null!);
        (Number, Created, Modified, Modstamp) = (number, created, modified, modified);
        CreatedBy = ModifiedBy = user;
    }

    public required string Id { get => _id ??= _made!.Id(Number); init => _id = value; }

    /// <summary>Number inside the Id; rows of a table stand in its order.</summary>
    public required long Number { get; init; }

    /// <summary>Values by slot, in the form Bulk CSV would write them; null is no value.</summary>
    public required string?[] Values { get => _values ??= _made!.Values(Number); init => _values = value; }

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

    /// <summary>Marks the place of a generated record that has left the recycle bin for good; no reader ever sees it.</summary>
    public bool IsPurged { get; init; }

    /// <summary>True while it is as generated, or was once: its Id is made of its number.</summary>
    public bool IsGenerated => _made is not null;

    public bool IsDeleted => DeletedAt != 0;

    public string? this[int slot] =>
        _values is null && _made!.TryValue(Number, slot, out var value) ? value : slot < Values.Length ? Values[slot] : null;

    /// <summary>Stands for a number in searches.</summary>
    public static Row Probe(long number) => new() { Id = "", Number = number, Values = [], Created = 0, Modified = 0, Modstamp = 0, CreatedBy = "", ModifiedBy = "" };
}
