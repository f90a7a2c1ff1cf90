using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>What every part of one run works with.</summary>
/// <param name="Held">The parent snapshot, read as a full; null for the first backup.</param>
/// <param name="HeldUpTo">By the org's clock: no version with a later stamp can be held. Null when that is not known.</param>
/// <param name="Turns">Taken by every object while it works.</param>
/// <param name="CompareAll">Why every object's Ids are compared in this run; null when objects decide for themselves.</param>
internal sealed record RunContext(
    Org Org, OrgVault Vault, SnapshotReader? Held, DateTimeOffset? HeldUpTo, string? CompareAll, BackupCheckpoints Checkpoints, Guid SnapshotId, RunStart Start, JobProgress Progress,
    EngineOptions Options, TimeProvider Time, Turns Turns)
{
    /// <summary>Reads one object as it stands while the run goes on.</summary>
    public SnapshotReader ReaderOf(string objectName, IEnumerable<SegmentRef> segments) => Vault.Open(new SnapshotManifest
    {
        SnapshotId = SnapshotId, VaultId = Vault.VaultId, OrgId = Vault.OrgId, Kind = SnapshotKind.Full, StartedAt = Start.OrgTime, CompletedAt = Start.OrgTime,
        Objects = [new ObjectEntry { Name = objectName, Segments = [.. segments] }],
    });
}
