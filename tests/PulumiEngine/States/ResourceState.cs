using Google.Protobuf.WellKnownTypes;

namespace PulumiEngine.States;

/// <summary>What the engine remembers of one resource.</summary>
public sealed record ResourceState
{
    public required string Urn { get; init; }

    public required string Type { get; init; }

    public bool Custom { get; init; }

    /// <summary>What the provider calls it; empty for components and before it exists.</summary>
    public string Id { get; init; } = "";

    public string Parent { get; init; } = "";

    public bool Protect { get; init; }

    public bool RetainOnDelete { get; init; }

    /// <summary>Read, not made by this stack: never deleted.</summary>
    public bool External { get; init; }

    /// <summary>Replaced already, and still to be deleted.</summary>
    public bool Doomed { get; init; }

    /// <summary>"URN::ID" of its provider; empty for components and providers.</summary>
    public string Provider { get; init; } = "";

    public string DeletedWith { get; init; } = "";

    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>Why it exists but is not yet what it should be; the next run goes on with it.</summary>
    public IReadOnlyList<string> InitErrors { get; init; } = [];

    public IReadOnlyList<string> AdditionalSecretOutputs { get; init; } = [];

    public Struct Inputs { get; init; } = new();

    public Struct Outputs { get; init; } = new();
}
