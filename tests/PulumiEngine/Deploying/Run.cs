using Google.Protobuf.WellKnownTypes;
using PulumiEngine.Providers;
using PulumiEngine.States;
using PulumiEngine.Values;

namespace PulumiEngine.Deploying;

/// <param name="Config">All settings as texts, by "namespace:key".</param>
internal sealed record RunSettings(string Organization, string Project, string Stack, bool DryRun, IReadOnlyDictionary<string, string> Config, IReadOnlySet<string> SecretKeys,
    IReadOnlyList<InjectedFailure> Failures, bool ExcludeProtected);

/// <summary>
/// One preview, update, refresh or destroy: takes what the program registers, compares it with the state, has the providers do it, and remembers.
/// Resources are handled one after another, in the order in which the program names them.
/// </summary>
internal sealed partial class Run(RunSettings settings, StackState before, ProviderTable providers, Func<string, string> hidden, Action<StackState> save) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, ResourceState> _made = [];          // by URN
    private readonly List<string> _order = [];
    private readonly HashSet<ResourceState> _settled = [];                  // of the old state: handled, whatever became of them
    private readonly List<ResourceState> _doomed = [.. before.Resources.Where(r => r.Doomed)];
    private readonly Dictionary<string, string> _renamed = [];              // new URN → the one in the old state
    private readonly List<Step> _steps = [];
    private readonly List<string> _errors = [];

    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>What the engine itself has to complain about, without secrets.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public bool Failed => _errors.Count > 0;

    /// <summary>What the stack gives out, as the program registered it.</summary>
    public Struct Outputs { get; private set; } = new();

    /// <summary>The resources in order, old ones that nobody has asked for yet after those that were.</summary>
    public StackState State => new()
    {
        Resources = [.. _order.Select(u => _made[u]), .. before.Resources.Where(r => !r.Doomed && !_settled.Contains(r)), .. _doomed],
    };

    public void Dispose() => _turn.Dispose();

    /// <summary>Lets one resource in at a time, and nobody after a failure.</summary>
    private async Task<T> InTurnAsync<T>(string what, Func<Task<T>> deed, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Failed) throw new RunFailure("the deployment was given up after an error");
            return await deed();
        }
        catch (ProviderException exception)
        {
            throw Fail($"{what}: {exception.Message}");
        }
        finally
        {
            _turn.Release();
        }
    }

    private RunFailure Fail(string message)
    {
        message = hidden(message);
        _errors.Add(message);
        return new RunFailure(message);
    }

    private void Remember(ResourceState state, Step step)
    {
        if (!_made.ContainsKey(state.Urn)) _order.Add(state.Urn);
        _made[state.Urn] = state;
        _steps.Add(step);
        Save();
    }

    private void Save()
    {
        if (!settings.DryRun) save(State);
    }

    private void InjectFailure(string urn, Operation operation)
    {
        if (!settings.DryRun && settings.Failures.FirstOrDefault(f => f.Hits(urn, operation)) is { } failure) throw new ProviderException(failure.Message);
    }

    private async Task<IResourceProvider> ProviderAsync(string reference, CancellationToken cancellationToken)
    {
        var urn = reference[..reference.LastIndexOf("::", StringComparison.Ordinal)];
        var state = _made.GetValueOrDefault(urn) ?? before.Resources.FirstOrDefault(r => r.Urn == urn)
            ?? throw new ProviderException($"the provider {urn} is unknown to the engine");
        return await providers.GetAsync(reference, state.Inputs, cancellationToken);
    }

    /// <summary>Makes sure that a package's default provider stands: its configuration is the package's namespace.</summary>
    private string DefaultProvider(string package, string version)
    {
        var name = version.Length == 0 ? "default" : $"default_{version.Replace('.', '_').Replace('-', '_').Replace('+', '_')}";
        var type = $"pulumi:providers:{package}";
        var urn = Urn.Of(settings.Stack, settings.Project, "", type, name);
        if (!_made.TryGetValue(urn, out var state))
        {
            var inputs = new Struct();
            foreach (var (key, value) in settings.Config)
                if (key.StartsWith(package + ":", StringComparison.Ordinal))
                    inputs.Fields[key[(package.Length + 1)..]] = settings.SecretKeys.Contains(key) ? PropertyValues.Secret(Value.ForString(value)) : Value.ForString(value);
            var old = before.Resources.FirstOrDefault(r => r.Urn == urn);
            if (old is not null) _settled.Add(old);
            var changed = old is null ? [] : PropertyPath.Differences(old.Inputs, inputs);
            state = new ResourceState { Urn = urn, Type = type, Custom = true, Id = old?.Id ?? ProviderId(urn), Inputs = inputs, Outputs = inputs };
            Remember(state, new Step(urn, old is null ? Operation.Create : changed.Count == 0 ? Operation.Same : Operation.Update) { Id = state.Id, Changed = changed, Inputs = inputs, Outputs = inputs });
        }
        return $"{urn}::{state.Id}";
    }

    /// <summary>Providers have their id at once, even in a preview.</summary>
    private static string ProviderId(string urn) => new Guid(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(urn)).AsSpan(0, 16)).ToString();
}

/// <summary>A registration cannot be carried out; the program hears it as an error of its call.</summary>
internal sealed class RunFailure(string message) : Exception(message);
