namespace Appliance.Engine;

/// <summary>What the engine is told by its host.</summary>
public sealed record EngineOptions
{
    /// <summary>Folder, or s3://bucket/prefix, that holds one vault per org.</summary>
    public required string StorageRoot { get; init; }

    /// <summary>New vaults are not encrypted when set; existing ones keep what they were made with.</summary>
    public bool Plain { get; init; }

    /// <summary>
    /// Objects of one org read at the same time, 1–16. Each holds up to <see cref="SegmentFlushBytes"/> of rows in memory; one that waits for a Bulk job does not count.
    /// </summary>
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

    /// <summary>Rows that one count of the certificate covers: below what Salesforce counts within its two minutes, and few enough to compare in memory.</summary>
    public int CertificateRangeRows { get; init; } = 200_000;

    /// <summary>After so long all Ids of an object are compared again although its counts agree: equal numbers may hide a row lost and one gained.</summary>
    public TimeSpan SyncEvery { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Formula and roll-up fields change without a stamp. After so long an incremental run reads an object that has some from end to end and keeps the
    /// rows that differ; zero: in every run.
    /// </summary>
    public TimeSpan FormulasEvery { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Every stored byte is read again within so many days, 1–365.</summary>
    public int SweepDays { get; init; } = 30;

    /// <summary>How fast the sweep reads at most. 50 MB/s leaves most of a gp3 disk's 125 MB/s to backups.</summary>
    public long SweepBytesPerSecond { get; init; } = 50_000_000;

    /// <summary>When a job that paused for quota looks whether some is back: after so long, then twice as long each time …</summary>
    public TimeSpan QuotaLookFirst { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>… and at most after so long.</summary>
    public TimeSpan QuotaLookMost { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Backups neither begin nor go on while the disk of the vaults has less room than this; null: 3 % of the disk, at most 10 GiB. What is left is for the catalog, for
    /// restores (they take a safety backup) and for whoever makes room.
    /// </summary>
    public long? DiskReserveBytes { get; init; }

    /// <summary>How often a running backup looks at the room that is left.</summary>
    public TimeSpan DiskLookEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A backup that is paused for room looks again after so long.</summary>
    public TimeSpan DiskLookAgain { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A job that is paused because the storage refuses it, or does not answer, tries again after so long, then after twice as long each time, at most <see cref="QuotaLookMost"/>.</summary>
    public TimeSpan StorageLookAgain { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Files of metadata that one retrieve asks for, 1–10,000; Salesforce gives 10,000. Fewer mean more API calls (three a retrieve and more) and less to do again when one fails.</summary>
    public int MetadataPartFiles { get; init; } = 5_000;

    /// <summary>Bytes of metadata, unpacked, that one retrieve asks for: an eighth of them in the zip, of which Salesforce gives 39 MB.</summary>
    public long MetadataPartBytes { get; init; } = 160_000_000;

    /// <summary>Rows in one bulk ingest job of a restore.</summary>
    public int IngestRows { get; init; } = 10_000;
}
