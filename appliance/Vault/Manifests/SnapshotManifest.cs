using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Appliance.Vault;

/// <summary>Templated: a full of what a template chose; nothing is built on it.</summary>
public enum SnapshotKind { Full, Incremental, Templated }

/// <summary>A restore point: which segments make up each object, and the certificate of completeness.</summary>
public sealed record SnapshotManifest
{
    public required Guid SnapshotId { get; init; }

    public required Guid VaultId { get; init; }

    public required string OrgId { get; init; }

    /// <summary>The snapshot this one was built on; null for a full.</summary>
    public Guid? ParentId { get; init; }

    public required SnapshotKind Kind { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset CompletedAt { get; init; }

    public ImmutableArray<ObjectEntry> Objects { get; init => field = value.IsDefault ? [] : value; } = [];

    public ImmutableArray<SkippedObject> Skipped { get; init => field = value.IsDefault ? [] : value; } = [];

    public ImmutableArray<string> Warnings { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Null when the snapshot holds none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MetadataEntry? Metadata { get; init; }

    /// <summary>SHA-256 of the certificate of completeness (FORMAT.md §10); null for snapshots of releases that wrote none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CertificateSha256 { get; init; }

    /// <summary>All that names segments: the objects, and the metadata as one more.</summary>
    internal IEnumerable<ObjectEntry> Entries => Metadata is null ? Objects : Objects.Append(Metadata.AsObject());

    /// <summary>Segments that this snapshot's run wrote.</summary>
    [JsonIgnore]
    public IEnumerable<SegmentRef> NewSegments => Entries.SelectMany(o => o.Segments).Where(s => s.SnapshotId == SnapshotId);
}

/// <summary>One object in a snapshot.</summary>
public sealed record ObjectEntry
{
    /// <summary>How <see cref="Explanation"/> begins of an object that Salesforce did not let be read: what is held is older than the snapshot.</summary>
    public const string NotRead = "not read in this run: ";

    public required string Name { get; init; }

    public string Label { get; init; } = "";

    /// <summary>Hash that names the document schemas/&lt;hash&gt;.json; empty when no schema was kept.</summary>
    public string SchemaHash { get; init; } = "";

    /// <summary>Oldest first; later ones win.</summary>
    public ImmutableArray<SegmentRef> Segments { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Where the next incremental run goes on.</summary>
    public DateTimeOffset? Watermark { get; init; }

    public long LiveRecords { get; init; }

    public long DeletedRecords { get; init; }

    /// <summary>Records read from the org by this run.</summary>
    public long ReadRecords { get; init; }

    /// <summary>What the org said it has.</summary>
    public long? OrgCount { get; init; }

    /// <summary>Why the counts differ, where they do.</summary>
    public string? Explanation { get; init; }

    /// <summary>Records whose file content is held.</summary>
    public long Files { get; init; }
}

/// <summary>An object that was left out, and why.</summary>
public sealed record SkippedObject(string Name, string Reason);
