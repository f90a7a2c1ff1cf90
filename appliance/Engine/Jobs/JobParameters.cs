using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Appliance.Engine.Jobs;

/// <summary>
/// Full reads everything. Incremental reads the records and files that changed and is joined with the snapshot before to a whole; Composite reads the org's metadata as well,
/// and CompositeSync also compares all Ids. Templated reads only what a template chooses.
/// </summary>
public enum BackupKind { Full, Incremental, Composite, CompositeSync, Templated }

/// <summary>Parameters of a backup job, as JSON in the catalog.</summary>
/// <param name="Sync">All Ids are compared, whatever the kind.</param>
/// <param name="Metadata">Whether the org's metadata is read; null as the kind has it: full, composite and compositeSync do.</param>
/// <param name="Formulas">Formula fields are read again in all objects, whatever the rule says.</param>
/// <param name="TemplateIds">Templated: what to read. Composite: what to refresh, everything else is carried over.</param>
public sealed record BackupParameters(
    [property: JsonConverter(typeof(JsonStringEnumConverter<BackupKind>))] BackupKind Kind, bool Sync = false, ImmutableArray<Guid> TemplateIds = default, bool Formulas = false, bool? Metadata = null)
{
    /// <param name="first">There is no snapshot before: an incremental becomes a full, metadata included.</param>
    public bool ReadsMetadata(bool first) => Metadata ?? Kind switch
    {
        BackupKind.Full or BackupKind.Composite or BackupKind.CompositeSync => true,
        BackupKind.Incremental => first,
        BackupKind.Templated => false,
    };

    public ImmutableArray<Guid> Templates => TemplateIds.IsDefault ? [] : TemplateIds;

    /// <summary>The kinds as the API and schedules spell them.</summary>
    public static readonly ImmutableArray<string> Kinds = ["full", "incremental", "composite", "compositeSync", "templated"];
}

/// <summary>Parameters of a verification job. <paramref name="Whole"/>: on to the end of the vault, not only today's part.</summary>
public sealed record VerifyParameters(bool Whole);

/// <summary>Parameters of a restore job. Those of a restore plan are a <see cref="Restores.RestoreScope"/>.</summary>
public sealed record RestoreParameters(Guid PlanId);
