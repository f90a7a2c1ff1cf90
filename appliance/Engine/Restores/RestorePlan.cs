using System.Collections.Immutable;

namespace Appliance.Engine.Restores;

/// <summary>What a step does with its records. The order of the members is the order of a run.</summary>
public enum RestoreAction
{
    /// <summary>Take back from the recycle bin: keeps the Id, brings cascade-deleted children along.</summary>
    Undelete = 0,

    /// <summary>Create again under a new Id, parents first, lookups that would form a cycle left empty.</summary>
    Insert = 1,

    /// <summary>Create again with the file's bytes, one record a call.</summary>
    InsertFile = 2,

    /// <summary>Write the fields that differ, among them the lookups that an insert had to leave empty.</summary>
    Update = 3,
}

/// <summary>What to restore: everything, some objects, or some records with the family they need.</summary>
public sealed record RestoreScope
{
    public required Guid SnapshotId { get; init; }

    /// <summary>Object names; empty means every object that can be written.</summary>
    public ImmutableArray<string> Objects { get; init; } = [];

    public ImmutableArray<RecordKey> Records { get; init; } = [];
}

public readonly record struct RecordKey(string Object, string Id);

/// <summary>
/// A restore, decided to the last record before anything is touched. The ids of each step stand in documents beside the plan; the rows come from
/// the snapshot when the step runs.
/// </summary>
public sealed record RestorePlan
{
    public required Guid Id { get; init; }
    public required Guid OrgId { get; init; }
    public required Guid SnapshotId { get; init; }

    /// <summary>The backup taken right before planning: what the org looked like, and the way back.</summary>
    public required Guid SafetySnapshotId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public ImmutableArray<ObjectPlan> Objects { get; init; } = [];
    public ImmutableArray<PlanStep> Steps { get; init; } = [];
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Lookups by object that inserts leave empty and a later update fills.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> DeferredFields { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>API requests the run is expected to cost.</summary>
    public long ApiCalls { get; init; }

    /// <summary>Whether exactly the lookups wait that waited when the plan was made; its steps are right only then.</summary>
    public bool Defers(ReferenceGraph graph) => graph.Deferred.SetEquals(DeferredFields.SelectMany(o => o.Value.Select(field => (o.Key, field))));

    public long Unchanged => Objects.Sum(o => o.Unchanged);
}

/// <param name="Blocked">Records that differ or are gone and cannot be put back through the API; a warning says why.</param>
public sealed record ObjectPlan(string Name, long Undeletes, long Inserts, long Updates, long Unchanged, long Blocked);

public sealed record PlanStep(int Number, RestoreAction Action, string Object, int Records)
{
    public string Text => Action switch
    {
        RestoreAction.Undelete => $"Take {Counted} back from the recycle bin",
        RestoreAction.Insert => $"Create {Counted}",
        RestoreAction.InsertFile => $"Create {Counted} with {(Records == 1 ? "its file" : "their files")}",
        RestoreAction.Update => $"Write the differing fields of {Counted}",
    };

    private string Counted => $"{Records} {Object} record{(Records == 1 ? "" : "s")}";
}

/// <summary>One record of a step; <see cref="Fields"/> names what an update writes.</summary>
public sealed record StepRow(string Id, ImmutableArray<string> Fields);
