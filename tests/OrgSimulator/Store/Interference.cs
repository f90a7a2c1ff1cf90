using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>Where planned faults reach into the org itself.</summary>
public sealed record Interference
{
    public static Interference None { get; } = new();

    /// <summary>Asked for each row that is inserted or updated: the error with which it fails, or null.</summary>
    public Func<ObjectType, SaveError?> Row { get; init; } = _ => null;

    /// <summary>Asked for each new Bulk job: polls that say InProgress beyond the usual, and why it fails, or null.</summary>
    public Func<ObjectType, (int Polls, string? Failure)> Job { get; init; } = _ => (0, null);
}
