using System.Collections.Immutable;

namespace Appliance.Vault;

/// <summary>The org's metadata in a snapshot: the segments that list its files (FORMAT.md §11).</summary>
public sealed record MetadataEntry
{
    /// <summary>Under which the list's segments lie; no object of Salesforce begins so.</summary>
    public const string Name = "_metadata";

    /// <summary>Oldest first; later ones win.</summary>
    public ImmutableArray<SegmentRef> Segments { get; init => field = value.IsDefault ? [] : value; } = [];

    public long Components { get; init; }

    public long Files { get; init; }

    /// <summary>Such as 66.0; a package.xml made of the files names it.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>When it was read, by the org's clock: a run that does not read metadata takes it over from its parent.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>The run that read it.</summary>
    public required Guid SnapshotId { get; init; }

    /// <summary>As an object, which is how its segments are read, verified, merged and removed.</summary>
    internal ObjectEntry AsObject() => new() { Name = Name, Segments = Segments, LiveRecords = Files };
}
