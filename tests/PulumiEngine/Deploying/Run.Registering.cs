using Google.Protobuf.WellKnownTypes;
using Pulumirpc;
using PulumiEngine.Providers;
using PulumiEngine.Simulation;
using PulumiEngine.States;
using PulumiEngine.Values;

namespace PulumiEngine.Deploying;

internal sealed partial class Run
{
    public Task<RegisterResourceResponse> RegisterAsync(RegisterResourceRequest request, Simulated simulated, CancellationToken cancellationToken)
    {
        var urn = Urn.Of(settings.Stack, settings.Project, request.Parent, request.Type, request.Name);
        return InTurnAsync(urn, () =>
        {
            if (_made.ContainsKey(urn)) throw Fail($"Duplicate resource URN '{urn}'; try giving it a unique name");
            if (simulated.IsSkipped(request.Name)) return Task.FromResult(new RegisterResourceResponse { Urn = urn, Object = new Struct(), Result = Result.Skip });
            return request.Custom ? CustomAsync(urn, request, cancellationToken) : Task.FromResult(Component(urn, request, simulated));
        }, cancellationToken);
    }

    public Task RegisterOutputsAsync(string urn, Struct outputs, CancellationToken cancellationToken) => InTurnAsync(urn, () =>
    {
        if (!_made.TryGetValue(urn, out var state)) throw Fail($"cannot complete a resource '{urn}' that was never registered");
        _made[urn] = state with { Outputs = outputs };
        if (state.Type == Urn.StackType) Outputs = outputs;
        Save();
        return Task.FromResult(true);
    }, cancellationToken);

    private RegisterResourceResponse Component(string urn, RegisterResourceRequest request, Simulated simulated)
    {
        var old = Old(urn, request);
        var response = new RegisterResourceResponse { Urn = urn, Object = new Struct() };
        if (request.Remote && simulated.Find(request.Type)?.Outputs is { } compute)
        {
            response.Object = Simulated.Members(compute(new SimulatedResource(urn, request.Type, request.Name, "", PropertyValues.Bare(request.Object))));
            foreach (var name in response.Object.Fields.Keys) response.PropertyDependencies[name] = new() { Urns = { urn } };
        }
        var state = new ResourceState
        {
            Urn = urn, Type = request.Type, Parent = request.Parent, Protect = Protects(request), RetainOnDelete = Retains(request), DeletedWith = DeletedWith(request), Dependencies = [.. request.Dependencies],
            Inputs = request.Object, Outputs = old?.Outputs ?? response.Object,
        };
        var changed = old is null ? [] : PropertyPath.Differences(old.Inputs, state.Inputs);
        Remember(state, new Step(urn, old is null ? Operation.Create : changed.Count == 0 ? Operation.Same : Operation.Update) { Parent = request.Parent, Changed = changed, Inputs = state.Inputs });
        return response;
    }

    private async Task<RegisterResourceResponse> CustomAsync(string urn, RegisterResourceRequest request, CancellationToken cancellationToken)
    {
        var old = Old(urn, request);
        var isProvider = request.Type.StartsWith("pulumi:providers:", StringComparison.Ordinal);
        var reference = isProvider ? "" : request.Provider.Length > 0 ? request.Provider : DefaultProvider(Urn.PackageOf(request.Type), request.Version);
        var news = old is null ? request.Object : request.IgnoreChanges.Aggregate(request.Object, (now, path) => PropertyPath.Keep(now, old.Inputs, path));
        var state = new ResourceState
        {
            Urn = urn, Type = request.Type, Custom = true, Id = old?.Id ?? "", Parent = request.Parent, Protect = Protects(request),
            RetainOnDelete = Retains(request), Provider = reference, DeletedWith = DeletedWith(request),
            Dependencies = [.. request.Dependencies], AdditionalSecretOutputs = [.. request.AdditionalSecretOutputs], Inputs = news, Outputs = old?.Outputs ?? new Struct(),
        };
        if (isProvider) return Registered(ProviderResource(state, old));

        var provider = await ProviderAsync(reference, cancellationToken);
        var call = new ResourceCall(urn, request.Type, request.Name);
        var judged = await provider.CheckAsync(call, old?.Inputs ?? new Struct(), news, cancellationToken);
        if (judged.Failures.Count > 0)
            throw Fail($"{urn}: {request.Type} resource '{request.Name}' has a problem: {string.Join("; ", judged.Failures.Select(f => f.Property.Length > 0 ? $"{f.Property}: {f.Reason}" : f.Reason))}");
        state = state with { Inputs = judged.Inputs };

        if (old is null || old.External) return Registered(await CreateAsync(provider, call, state, request.ImportId, cancellationToken));
        var difference = await provider.DiffAsync(call, old.Id, old.Inputs, old.Outputs, state.Inputs, request.IgnoreChanges, cancellationToken);
        IReadOnlyList<string> replacing = [.. difference.Replacing.Union(difference.Changed.Where(c => request.ReplaceOnChanges.Any(r => PropertyPath.Touches(r, c))))];
        if (replacing.Count > 0)
        {
            difference = difference with { Replacing = replacing, DeleteBeforeReplace = request.DeleteBeforeReplaceDefined ? request.DeleteBeforeReplace : difference.DeleteBeforeReplace };
            return Registered(await ReplaceAsync(provider, call with { Replaces = old.Id }, state, old, difference, cancellationToken));
        }
        IReadOnlyList<string> changed = difference.Changed.Count > 0 ? difference.Changed : old.InitErrors.Count > 0 ? ["(unfinished)"] : [];
        if (changed.Count > 0) return Registered(await UpdateAsync(provider, call, state, old, changed, request.IgnoreChanges, cancellationToken));
        return Registered(Done(state, Operation.Same, state.Outputs, [], []));
    }

    private ResourceState ProviderResource(ResourceState state, ResourceState? old)
    {
        var changed = old is null ? [] : PropertyPath.Differences(PropertyValues.Unpacked(old.Inputs), PropertyValues.Unpacked(state.Inputs));
        state = state with { Id = old?.Id ?? ProviderId(state.Urn) };
        return Done(state, old is null ? Operation.Create : changed.Count == 0 ? Operation.Same : Operation.Update, state.Inputs, changed, []);
    }

    private async Task<ResourceState> CreateAsync(IResourceProvider provider, ResourceCall call, ResourceState state, string importId, CancellationToken cancellationToken)
    {
        var import = importId.Length > 0;
        var made = await TryAsync(state, import ? Operation.Import : Operation.Create, async () => import
            ? await provider.ReadAsync(call, importId, state.Inputs, new Struct(), cancellationToken) ?? throw new ProviderException($"there is no {call.Type} with the id '{importId}'")
            : await provider.CreateAsync(call, state.Inputs, settings.DryRun, cancellationToken));
        // A preview of an import says no id, as the official engine does.
        return Done(state with { Id = settings.DryRun ? "" : made.Id, InitErrors = made.InitErrors }, import ? Operation.Import : Operation.Create, made.Outputs, [], []);
    }

    private async Task<ResourceState> UpdateAsync(IResourceProvider provider, ResourceCall call, ResourceState state, ResourceState old, IReadOnlyList<string> changed,
        IReadOnlyList<string> ignoreChanges, CancellationToken cancellationToken)
    {
        var made = await TryAsync(old, Operation.Update, () => provider.UpdateAsync(call, old.Id, old.Inputs, old.Outputs, state.Inputs, ignoreChanges, settings.DryRun, cancellationToken), changed);
        return Done(state with { InitErrors = made.InitErrors }, Operation.Update, made.Outputs, changed, []);
    }

    private async Task<ResourceState> ReplaceAsync(IResourceProvider provider, ResourceCall call, ResourceState state, ResourceState old, Difference difference, CancellationToken cancellationToken)
    {
        if (old.Protect)
            throw Fail($"unable to replace resource \"{state.Urn}\" as it is currently marked for protection (changed: {string.Join(", ", difference.Replacing)}). " +
                       "To unprotect the resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`");
        if (difference.DeleteBeforeReplace)
        {
            await TryAsync(old, Operation.Delete, () => DeleteOneAsync(old, ofReplaced: true, cancellationToken));
            state = state with { Outputs = new Struct() };
        }
        var made = await TryAsync(state, Operation.Replace, () => provider.CreateAsync(call, state.Inputs, settings.DryRun, cancellationToken), difference.Changed, difference.Replacing);
        if (!difference.DeleteBeforeReplace) _doomed.Add(old with { Doomed = true });
        return Done(state with { Id = made.Id, InitErrors = made.InitErrors }, Operation.Replace, made.Outputs, difference.Changed, difference.Replacing);
    }

    /// <summary>A deed that fails is a step too, and the state keeps what was there before.</summary>
    private async Task<T> TryAsync<T>(ResourceState state, Operation operation, Func<Task<T>> deed, IReadOnlyList<string>? changed = null, IReadOnlyList<string>? replacing = null)
    {
        try
        {
            InjectFailure(state.Urn, operation);
            return await deed();
        }
        catch (ProviderException exception)
        {
            _steps.Add(new Step(state.Urn, operation) { Parent = state.Parent, Id = state.Id, Changed = changed ?? [], Replacing = replacing ?? [], Protect = state.Protect, Error = hidden(exception.Message) });
            throw new ProviderException($"{operation.ToString().ToLowerInvariant()} failed: {exception.Message}", exception);
        }
    }

    private ResourceState Done(ResourceState state, Operation operation, Struct outputs, IReadOnlyList<string> changed, IReadOnlyList<string> replacing)
    {
        outputs = outputs.Clone();
        var secrets = state.AdditionalSecretOutputs.Concat(state.Inputs.Fields.Where(f => PropertyValues.IsSecret(f.Value)).Select(f => f.Key));
        foreach (var name in secrets)
            if (outputs.Fields.TryGetValue(name, out var value)) outputs.Fields[name] = PropertyValues.Secret(value);
        state = state with { Outputs = outputs };
        if (before.Resources.FirstOrDefault(r => r.Urn == (_renamed.GetValueOrDefault(state.Urn) ?? state.Urn) && !r.Doomed) is { } old) _settled.Add(old);
        Remember(state, new Step(state.Urn, operation)
        {
            Parent = state.Parent, Id = state.Id, Changed = changed, Replacing = replacing, Protect = state.Protect, Inputs = state.Inputs, Outputs = outputs, Error = hidden(string.Join("; ", state.InitErrors)),
        });
        if (state.InitErrors.Count > 0) throw Fail($"{state.Urn}: {operation.ToString().ToLowerInvariant()} failed: {string.Join("; ", state.InitErrors)}");
        return state;
    }

    // Where the program says nothing, what holds for the parent holds for the child.

    private bool Protects(RegisterResourceRequest request) => request.HasProtect ? request.Protect : _made.GetValueOrDefault(request.Parent)?.Protect ?? false;

    private bool Retains(RegisterResourceRequest request) => request.HasRetainOnDelete ? request.RetainOnDelete : _made.GetValueOrDefault(request.Parent)?.RetainOnDelete ?? false;

    private string DeletedWith(RegisterResourceRequest request) => request.DeletedWith.Length > 0 ? request.DeletedWith : _made.GetValueOrDefault(request.Parent)?.DeletedWith ?? "";

    private static RegisterResourceResponse Registered(ResourceState state) => new() { Urn = state.Urn, Id = state.Id, Object = PropertyValues.Known(state.Outputs) };

    /// <summary>The old state's resource of this URN, or of one that an alias names. A parent's new name is an alias for its children.</summary>
    private ResourceState? Old(string urn, RegisterResourceRequest request)
    {
        var candidates = new List<string> { urn };
        foreach (var alias in request.Aliases)
        {
            if (alias.AliasCase is Alias.AliasOneofCase.Urn) candidates.Add(alias.Urn);
            if (alias.AliasCase is not Alias.AliasOneofCase.Spec) continue;
            var spec = alias.Spec;
            var parent = spec.ParentCase is Alias.Types.Spec.ParentOneofCase.ParentUrn ? spec.ParentUrn : spec is { ParentCase: Alias.Types.Spec.ParentOneofCase.NoParent, NoParent: true } ? "" : request.Parent;
            candidates.Add(Urn.Of(Given(spec.Stack, settings.Stack), Given(spec.Project, settings.Project), parent, Given(spec.Type, request.Type), Given(spec.Name, request.Name)));
        }
        if (_renamed.TryGetValue(request.Parent, out var oldParent))
        {
            candidates.Add(Urn.Of(settings.Stack, settings.Project, oldParent, request.Type, request.Name));
            var (newName, oldName) = (Urn.NameOf(request.Parent), Urn.NameOf(oldParent));
            if (request.Name.StartsWith(newName, StringComparison.Ordinal)) candidates.Add(Urn.Of(settings.Stack, settings.Project, oldParent, request.Type, oldName + request.Name[newName.Length..]));
        }
        foreach (var candidate in candidates)
        {
            if (before.Resources.FirstOrDefault(r => r.Urn == candidate && !r.Doomed && !_settled.Contains(r)) is not { } found) continue;
            if (candidate != urn) _renamed[urn] = candidate;
            if (!found.Custom) _settled.Add(found);
            return found;
        }
        return null;

        static string Given(string value, string otherwise) => value.Length > 0 ? value : otherwise;
    }
}
