using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>What every part of one run works with.</summary>
/// <param name="Held">The parent snapshot, read as a full; null for the first backup.</param>
internal sealed record RunContext(
    Org Org, OrgVault Vault, SnapshotReader? Held, BackupCheckpoints Checkpoints, Guid SnapshotId, RunStart Start, JobProgress Progress,
    EngineOptions Options, TimeProvider Time);
