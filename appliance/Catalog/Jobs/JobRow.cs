namespace Appliance.Catalog;

public enum JobKind { Backup, RestorePlan, Restore, Prune, Verify }

public enum JobState { Queued, InProgress, Paused, Completed, CompletedWithWarnings, Failed, Aborted }

/// <summary>A job as everybody may see it. The JSON texts belong to the engine; the catalog only keeps them.</summary>
public sealed record JobRow
{
    public required Guid Id { get; init; }
    public required Guid OrgId { get; init; }
    public required JobKind Kind { get; init; }
    public required JobState State { get; init; }
    public required string Parameters { get; init; }
    public string? Progress { get; init; }
    public string? Result { get; init; }
    public string? Cause { get; init; }
    public string? Remedy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public bool AbortAsked { get; init; }
    /// <summary>Set while the job is paused; cause and remedy then tell the pause.</summary>
    public PauseReason? PauseReason { get; init; }
    public DateTimeOffset? PausedSince { get; init; }
    /// <summary>When a paused job tries again by itself (the database's clock); null: it waits for somebody.</summary>
    public DateTimeOffset? LooksAt { get; init; }
    /// <summary>The running job pauses at its next durable step.</summary>
    public bool PauseAsked { get; init; }
    public string? Worker { get; init; }
    public int Attempts { get; init; }
    /// <summary>Grows with every visible change; cheap to compare when watching.</summary>
    public long Version { get; init; }

    /// <summary>True when nothing will happen to it any more.</summary>
    public bool Ended => State is JobState.Completed or JobState.CompletedWithWarnings or JobState.Failed or JobState.Aborted;
}

/// <summary>A job that this worker may run until the lease ends. <paramref name="Fencing"/> is what every write is guarded by.</summary>
/// <param name="Attempts">1 on the first run; more when a worker died or gave the job back; a pause counts them anew.</param>
/// <param name="Lease">How long each heartbeat keeps it.</param>
public sealed record LeasedJob(Guid Id, Guid OrgId, JobKind Kind, string Parameters, long Fencing, int Attempts, string Worker, TimeSpan Lease)
{
    /// <summary>How often it has paused in a row.</summary>
    public int Pauses { get; init; }

    /// <summary>API calls that its run spent before it got on, when it paused last.</summary>
    public long CallsToBegin { get; init; }
}

public sealed record JobLogLine
{
    public required long Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Level { get; init; }
    public required string Text { get; init; }
}

/// <summary>What a heartbeat found.</summary>
public enum LeaseState { Ours, AbortAsked, PauseAsked, Lost }
