namespace OrgSimulator.Metadata;

/// <summary>What became of one component of a deployment; a problem without success is a failure, with it a warning.</summary>
public sealed record DeployMessage(string Type, string FullName, string FileName)
{
    public string? Id { get; init; }
    public bool Created { get; init; }
    public bool Changed { get; init; } = true;
    public bool Deleted { get; init; }
    public string? Problem { get; init; }
    public bool Success { get; init; } = true;
    public int? Line { get; init; }
    public int? Column { get; init; }

    public DeployMessage Failed(string problem, int? line = null, int? column = null) =>
        this with { Problem = problem, Success = false, Changed = false, Line = line, Column = column };
}
