namespace Appliance.Engine;

/// <summary>What the engine is told by its host.</summary>
public sealed record EngineOptions
{
    /// <summary>Folder, or s3://bucket/prefix, that holds one vault per org.</summary>
    public required string StorageRoot { get; init; }

    /// <summary>New vaults are not encrypted when set; existing ones keep what they were made with.</summary>
    public bool Plain { get; init; }

    /// <summary>Objects of one org read at the same time, 1–16. Each holds up to <see cref="SegmentFlushBytes"/> of rows in memory.</summary>
    public int ParallelObjects { get; init; } = 3;

    /// <summary>Rows are sorted and sealed into a segment when so many bytes have gathered.</summary>
    public int SegmentFlushBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How far an incremental run looks back before the moment its predecessor started: rows are stamped when their transaction begins and
    /// become visible when it commits, so a long transaction appears behind the watermark.
    /// </summary>
    public TimeSpan WatermarkOverlap { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Up to so many rows an object is read by REST (one call for 2,000 rows); above, Bulk API 2.0 is cheaper and faster.</summary>
    public int RestRows { get; init; } = 2_000;

    /// <summary>Rows in one bulk ingest job of a restore.</summary>
    public int IngestRows { get; init; } = 10_000;
}
