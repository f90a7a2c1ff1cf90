using System.Collections.Immutable;

namespace Pulumi;

/// <summary>What is known of a value: which resources it comes from, whether it is known yet, and whether it is secret.</summary>
internal readonly record struct OutputData<T>(ImmutableHashSet<Resource> Resources, T Value, bool IsKnown, bool IsSecret)
{
    public OutputData<U> With<U>(U value) => new(Resources, value, IsKnown, IsSecret);
}

/// <summary>An output whose type is not known at compile time.</summary>
internal interface IOutput
{
    Task<OutputData<object?>> UntypedData { get; }
}
