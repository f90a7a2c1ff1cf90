using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>Where planned faults reach into the org itself.</summary>
public sealed record Interference
{
    public static Interference None { get; } = new();

    /// <summary>Asked for each row that is inserted or updated: the error with which it fails, or null.</summary>
    public Func<ObjectType, SaveError?> Row { get; init; } = _ => null;

    /// <summary>Asked for each new Bulk job.</summary>
    public Func<ObjectType, JobFate> Job { get; init; } = _ => JobFate.Usual;
}

/// <summary>What awaits a Bulk job.</summary>
/// <param name="Polls">How often it says InProgress beyond the usual.</param>
/// <param name="Failure">Why it fails; null when it does not.</param>
/// <param name="Slowed">Called when somebody was told InProgress because of this.</param>
/// <param name="Failed">Called when it has failed because of this.</param>
public sealed record JobFate(int Polls, string? Failure, Action Slowed, Action Failed)
{
    public static JobFate Usual { get; } = new(0, null, () => { }, () => { });
}
