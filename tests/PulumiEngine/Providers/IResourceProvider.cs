using Google.Protobuf.WellKnownTypes;

namespace PulumiEngine.Providers;

/// <summary>Which resource a provider is asked about.</summary>
/// <param name="Replaces">The id of the one that it takes the place of; empty when there is none.</param>
public sealed record ResourceCall(string Urn, string Type, string Name, string Replaces = "");

/// <param name="Failures">What is wrong, by property; empty when the inputs may be used.</param>
public sealed record Checked(Struct Inputs, IReadOnlyList<(string Property, string Reason)> Failures);

/// <param name="Changed">The paths that differ; empty: nothing is to be done.</param>
/// <param name="Replacing">Those of them that cannot be changed in place.</param>
public sealed record Difference(IReadOnlyList<string> Changed, IReadOnlyList<string> Replacing, bool DeleteBeforeReplace);

/// <param name="Id">Empty in a preview.</param>
/// <param name="InitErrors">The resource exists but did not become what it should: the run fails, the state keeps it.</param>
public sealed record Made(string Id, Struct Outputs, IReadOnlyList<string> InitErrors)
{
    public Made(string id, Struct outputs) : this(id, outputs, []) { }
}

/// <summary>
/// What makes, changes and removes resources of one package. Two real things meet it: a process that speaks the provider protocol, and a simulation.
/// Secrets arrive marked; a provider that does not know them gets them bare. Failures come as <see cref="ProviderException"/> and leave the resource as it was.
/// </summary>
public interface IResourceProvider : IAsyncDisposable
{
    Task<Checked> CheckAsync(ResourceCall call, Struct olds, Struct news, CancellationToken cancellationToken);

    Task<Difference> DiffAsync(ResourceCall call, string id, Struct oldInputs, Struct oldOutputs, Struct news, IReadOnlyList<string> ignoreChanges, CancellationToken cancellationToken);

    /// <param name="preview">Nothing may be done; what would be computed is left out or unknown.</param>
    Task<Made> CreateAsync(ResourceCall call, Struct inputs, bool preview, CancellationToken cancellationToken);

    Task<Made> UpdateAsync(ResourceCall call, string id, Struct oldInputs, Struct oldOutputs, Struct news, IReadOnlyList<string> ignoreChanges, bool preview, CancellationToken cancellationToken);

    /// <returns>What really is there; null when it is gone.</returns>
    Task<Made?> ReadAsync(ResourceCall call, string id, Struct inputs, Struct outputs, CancellationToken cancellationToken);

    Task DeleteAsync(ResourceCall call, string id, Struct inputs, Struct outputs, CancellationToken cancellationToken);

    /// <exception cref="ProviderException">The provider has no such function, or it failed.</exception>
    Task<Struct> InvokeAsync(string token, Struct args, CancellationToken cancellationToken);
}

/// <summary>A provider could not do it, in its own words.</summary>
public sealed class ProviderException(string message, Exception? inner = null) : Exception(message, inner);
