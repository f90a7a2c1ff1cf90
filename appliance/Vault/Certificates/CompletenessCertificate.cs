using System.Collections.Immutable;

namespace Appliance.Vault;

/// <summary>How an object was held against the org. FORMAT.md §10.</summary>
public enum ProofMethod { None, Counts, Ids, Carried }

/// <summary>NotRead: what is held is older than the snapshot. Rows, Files: these are missing. NotProven: it may be whole. NotVisible: the org no longer shows the object.</summary>
public enum GapKind { NotRead, Rows, Files, NotProven, NotVisible }

/// <summary>
/// What Salesforce had and what a snapshot holds, object by object, and what is missing. Signed as every document is; its hash stands in the
/// snapshot's manifest.
/// </summary>
public sealed record CompletenessCertificate
{
    public const string FormatName = "appliance-certificate";

    public string Format { get; init; } = FormatName;

    public int Version { get; init; } = 1;

    public required Guid SnapshotId { get; init; }

    public required Guid VaultId { get; init; }

    public required string OrgId { get; init; }

    public Guid? ParentId { get; init; }

    /// <summary>Hash of the parent's certificate, when it had one.</summary>
    public string? ParentSha256 { get; init; }

    /// <summary>By the org's clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>By our clock.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The org's clock minus ours when the run began. When it leaps, stamps cannot be trusted and all Ids are compared.</summary>
    public double ClockOffsetSeconds { get; init; }

    public bool Complete { get; init; }

    public ImmutableArray<ObjectCertificate> Objects { get; init => field = value.IsDefault ? [] : value; } = [];

    public ImmutableArray<SkippedObject> Skipped { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Null when the snapshot holds no metadata.</summary>
    public MetadataCertificate? Metadata { get; init; }

    /// <summary>Gaps of no object of this snapshot, such as one that can no longer be seen.</summary>
    public ImmutableArray<CompletenessGap> Gaps { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>One object's part of the certificate.</summary>
public sealed record ObjectCertificate
{
    public required string Name { get; init; }

    public bool Complete { get; init; }

    public ProofMethod Method { get; init; }

    public long HeldLive { get; init; }

    /// <summary>In the recycle bin, with their values.</summary>
    public long HeldDeleted { get; init; }

    /// <summary>Gone from the org without a trace; known by a tombstone.</summary>
    public long Buried { get; init; }

    /// <summary>Live rows that Salesforce has; null when it tells neither their number nor their Ids.</summary>
    public long? Org { get; init; }

    public ImmutableArray<IdRange> Ranges { get; init => field = value.IsDefault ? [] : value; } = [];

    public WatermarkUse? Watermark { get; init; }

    /// <summary>Up to when the org's log of deletions was read; the next run goes on there.</summary>
    public DateTimeOffset? DeletedUpTo { get; init; }

    /// <summary>When all Ids were compared last, by the org's clock. A full read counts as such.</summary>
    public DateTimeOffset? SyncedAt { get; init; }

    /// <summary>The run that read the object's formula fields last; null when it has none, and in certificates of older releases.</summary>
    public FormulaReading? Formulas { get; init; }

    public long Read { get; init; }

    /// <summary>Rows that appeared behind the watermark and were found by their Ids.</summary>
    public long LateRows { get; init; }

    /// <summary>Rows whose newest version appeared behind the watermark.</summary>
    public long LateChanges { get; init; }

    /// <summary>Records that this run found deleted.</summary>
    public long Deletions { get; init; }

    /// <summary>Those among them that no query shows.</summary>
    public long HardDeletes { get; init; }

    public long FilesHeld { get; init; }

    public long FilesMissing { get; init; }

    public ImmutableArray<SkippedField> SkippedFields { get; init => field = value.IsDefault ? [] : value; } = [];

    public ImmutableArray<CompletenessGap> Gaps { get; init => field = value.IsDefault ? [] : value; } = [];

    public ImmutableArray<string> Notes { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>The org's metadata in the certificate.</summary>
public sealed record MetadataCertificate
{
    public bool Complete { get; init; }

    /// <summary>This run did not read it: it is that of the snapshot before.</summary>
    public bool Carried { get; init; }

    /// <summary>By the org's clock.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>The run that read it.</summary>
    public required Guid SnapshotId { get; init; }

    public ImmutableArray<MetadataTypeCount> Types { get; init => field = value.IsDefault ? [] : value; } = [];

    public ImmutableArray<SkippedObject> Skipped { get; init => field = value.IsDefault ? [] : value; } = [];

    public ImmutableArray<CompletenessGap> Gaps { get; init => field = value.IsDefault ? [] : value; } = [];

    public ImmutableArray<string> Notes { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>One type of metadata.</summary>
/// <param name="Listed">Components that the org lists; null when it did not tell.</param>
/// <param name="Held">Components as of the snapshot.</param>
/// <param name="Files">Files of those.</param>
public sealed record MetadataTypeCount(string Name, long? Listed, long Held, long Files);

/// <summary>Ids greater than <paramref name="After"/> and not greater than <paramref name="UpTo"/>; null is without an end.</summary>
public sealed record IdRange(string? After, string? UpTo, long Held, long? Org);

/// <summary>Which rows were asked for: those whose field is at or after <paramref name="From"/> (all when null). The next run asks from <paramref name="Next"/> on.</summary>
public sealed record WatermarkUse(string Field, DateTimeOffset? From, DateTimeOffset Next, double OverlapSeconds);

/// <summary>Formula fields change without a stamp, so they are as of the run that read all rows of their object last.</summary>
/// <param name="ReadAt">By the org's clock.</param>
public sealed record FormulaReading(DateTimeOffset ReadAt, Guid SnapshotId);

/// <summary>A field that is not stored, and why.</summary>
public sealed record SkippedField(string Name, string Reason);

/// <summary>Something that is missing, as exactly as it is known.</summary>
public sealed record CompletenessGap(GapKind Kind, string Text)
{
    /// <summary>Most Ids that a gap lists; <see cref="Count"/> tells how many there are.</summary>
    public const int MostIds = 1000;

    public long? Count { get; init; }

    public string? After { get; init; }

    public string? UpTo { get; init; }

    public ImmutableArray<string> Ids { get; init => field = value.IsDefault ? [] : value; } = [];
}
