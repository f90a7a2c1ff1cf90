using Google.Protobuf.WellKnownTypes;

namespace PulumiEngine.Deploying;

public enum Operation
{
    Same,
    Create,
    Update,
    Replace,
    Delete,
    Read,
    Import,
    Refresh,
}

/// <summary>What a run does (or, in a preview, would do) to one resource.</summary>
public sealed record Step(string Urn, Operation Operation)
{
    public string Type => Values.Urn.TypeOf(Urn);

    public string Name => Values.Urn.NameOf(Urn);

    public string Parent { get; init; } = "";

    /// <summary>The provider's id, where it is known.</summary>
    public string Id { get; init; } = "";

    /// <summary>Paths of the properties that differ.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>Those of them because of which the resource is replaced.</summary>
    public IReadOnlyList<string> Replacing { get; init; } = [];

    public bool Protect { get; init; }

    /// <summary>A deletion that leaves the real thing where it is.</summary>
    public bool Retained { get; init; }

    /// <summary>The deletion of what has been replaced.</summary>
    public bool OfReplaced { get; init; }

    /// <summary>A provider that nobody asked for by name; shown nowhere.</summary>
    public bool IsDefaultProvider => Type.StartsWith("pulumi:providers:", StringComparison.Ordinal) && (Name == "default" || Name.StartsWith("default_", StringComparison.Ordinal));

    public Struct Inputs { get; init; } = new();

    public Struct Outputs { get; init; } = new();

    /// <summary>Why it failed; empty when it did not.</summary>
    public string Error { get; init; } = "";

    public bool IsChange => !IsDefaultProvider && Operation is not (Operation.Same or Operation.Read) && !(Operation is Operation.Refresh && Changed.Count == 0);
}

/// <summary>A deed that shall fail, so that tests see what a failure leaves behind.</summary>
/// <param name="Resource">A resource's name, type or whole URN.</param>
/// <param name="Message">What the provider says.</param>
public sealed record InjectedFailure(string Resource, Operation Operation, string Message)
{
    internal bool Hits(string urn, Operation operation) =>
        operation == Operation && (Resource == urn || Resource == Values.Urn.NameOf(urn) || Resource == Values.Urn.TypeOf(urn));
}
