using Google.Protobuf.WellKnownTypes;
using PulumiEngine.Deploying;
using PulumiEngine.States;

namespace PulumiEngine;

public enum Severity
{
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>What the program, a provider or the engine tells the user. Secrets are blanked out.</summary>
public sealed record LogLine(Severity Severity, string Message, string Urn);

/// <summary>What a run did, or a preview would do.</summary>
/// <param name="ExitCode">The program's; 0 where none ran.</param>
/// <param name="Outputs">The stack's outputs, secrets under their markers.</param>
/// <param name="RecordingPath">Where the calls are written down; null without a recording folder.</param>
public sealed record EngineResult(string Kind, bool Succeeded, int ExitCode, IReadOnlyList<Step> Steps, Struct Outputs, IReadOnlyList<LogLine> Logs, StackState State, string? RecordingPath, string Output)
{
    /// <summary>The steps that change something; default providers do not count.</summary>
    public IReadOnlyList<Step> Changes => [.. Steps.Where(s => s.IsChange)];

    public bool HasChanges => Changes.Count > 0;

    public IReadOnlyList<string> Errors => [.. Logs.Where(l => l.Severity == Severity.Error).Select(l => l.Message)];

    /// <summary>The step of the resource with this name (and type, where a name is given twice). Deletions of what was replaced are left out.</summary>
    /// <exception cref="InvalidOperationException">There is none, or several.</exception>
    public Step Step(string name, string? type = null) => Steps.Where(s => s.Name == name && (type is null || s.Type == type) && !s.OfReplaced).ToList() switch
    {
        [var step] => step,
        [] => throw new InvalidOperationException($"No step '{name}' {type}. There are: {string.Join(", ", Steps.Select(s => s.Name))}. {string.Join(" ", Errors)}"),
        var many => throw new InvalidOperationException($"Several steps '{name}': {string.Join(", ", many.Select(s => s.Type))}."),
    };

    /// <summary>Fails with everything that went wrong.</summary>
    public EngineResult MustSucceed() => Succeeded ? this : throw new InvalidOperationException($"{Kind} failed (exit code {ExitCode}): {string.Join("\n", Errors)}\n{Output}");
}
