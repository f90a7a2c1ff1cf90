using System.Text.Json.Serialization;
using Appliance.Vault;

namespace Appliance.Engine.Jobs;

/// <summary>Parameters of a backup job, as JSON in the catalog.</summary>
public sealed record BackupParameters([property: JsonConverter(typeof(JsonStringEnumConverter<SnapshotKind>))] SnapshotKind Kind);

/// <summary>Parameters of a restore job. Those of a restore plan are a <see cref="Restores.RestoreScope"/>.</summary>
public sealed record RestoreParameters(Guid PlanId);
