using Google.Protobuf.WellKnownTypes;
using PulumiEngine.Simulation;
using PulumiEngine.Values;

namespace PulumiEngine.Providers;

/// <summary>How the provider of a package is run when it is a folder of the project.</summary>
/// <param name="Command">Program and arguments.</param>
public sealed record PluginCommand(IReadOnlyList<string> Command, string WorkingFolder);

/// <summary>The providers of one run: real processes for the packages that have one, the simulation for all others.</summary>
internal sealed class ProviderTable(IReadOnlyDictionary<string, PluginCommand> plugins, Simulated simulated, string engineAddress, string root, string programFolder) : IAsyncDisposable
{
    private readonly Dictionary<string, IResourceProvider> _running = [];
    private readonly SimulatedProvider _simulation = new(simulated);

    public bool IsReal(string package) => plugins.ContainsKey(package);

    /// <param name="reference">URN::ID of the provider resource.</param>
    /// <exception cref="ProviderException">Its process does not come up, or refuses its configuration.</exception>
    public async Task<IResourceProvider> GetAsync(string reference, Struct config, CancellationToken cancellationToken)
    {
        var at = reference.LastIndexOf("::", StringComparison.Ordinal);
        var (urn, id) = (reference[..at], reference[(at + 2)..]);
        if (!plugins.TryGetValue(Urn.PackageOf(Urn.TypeOf(urn)), out var plugin)) return _simulation;
        if (_running.TryGetValue(reference, out var running)) return running;
        var process = await PluginProcess.StartAsync(plugin.Command, plugin.WorkingFolder, engineAddress, cancellationToken);
        return _running[reference] = await PluginProvider.StartAsync(process, engineAddress, urn, id, root, programFolder, config, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _running.Values) await provider.DisposeAsync();
    }
}
