using Google.Protobuf.WellKnownTypes;
using PulumiEngine.Simulation;
using PulumiEngine.Values;

namespace PulumiEngine.Providers;

/// <summary>Makes nothing anywhere: it answers from its table, the same answers for the same resources in every run.</summary>
internal sealed class SimulatedProvider(Simulated table) : IResourceProvider
{
    public Task<Checked> CheckAsync(ResourceCall call, Struct olds, Struct news, CancellationToken cancellationToken) =>
        Task.FromResult(new Checked(news, [.. table.Find(call.Type)?.Judge?.Invoke(PropertyValues.Bare(news)) ?? []]));

    public Task<Difference> DiffAsync(ResourceCall call, string id, Struct oldInputs, Struct oldOutputs, Struct news, IReadOnlyList<string> ignoreChanges, CancellationToken cancellationToken)
    {
        var type = table.Find(call.Type);
        var changed = PropertyPath.Differences(oldInputs, news);
        IReadOnlyList<string> replacing = [.. changed.Where(c => type?.IsReplacing(c, PropertyValues.Bare(news)) ?? false)];
        return Task.FromResult(new Difference(changed, replacing, type?.DeletesBeforeReplace ?? false));
    }

    public Task<Made> CreateAsync(ResourceCall call, Struct inputs, bool preview, CancellationToken cancellationToken)
    {
        if (preview) return Task.FromResult(new Made("", Foreseen(call, inputs)));
        var type = table.Find(call.Type);
        var word = call.Type.Split(':')[^1].ToLowerInvariant();
        var id = $"{word}-{Simulated.Hash(call.Urn + call.Replaces)}";
        id = type?.Id?.Invoke(new SimulatedResource(call.Urn, call.Type, call.Name, id, PropertyValues.Bare(inputs))) ?? id;
        return Task.FromResult(new Made(id, Outputs(call, id, inputs)));
    }

    public Task<Made> UpdateAsync(ResourceCall call, string id, Struct oldInputs, Struct oldOutputs, Struct news, IReadOnlyList<string> ignoreChanges, bool preview, CancellationToken cancellationToken)
    {
        var outputs = oldOutputs.Clone();
        foreach (var gone in oldInputs.Fields.Keys.Except(news.Fields.Keys)) outputs.Fields.Remove(gone);
        // What the provider has added to an input that stays (the id of a machine's identity, say) is foreseen to stay as well.
        var foreseen = news.Fields.Where(n => !oldInputs.Fields.TryGetValue(n.Key, out var old) || !PropertyValues.Same(old, n.Value));
        foreach (var (name, value) in preview ? foreseen : Outputs(call, id, news).Fields) outputs.Fields[name] = value;
        return Task.FromResult(new Made(id, outputs));
    }

    public Task<Made?> ReadAsync(ResourceCall call, string id, Struct inputs, Struct outputs, CancellationToken cancellationToken)
    {
        var read = table.FindExisting(call.Type, id);
        if (read is null) return Task.FromResult<Made?>(new Made(id, outputs.Fields.Count > 0 ? outputs : Outputs(call, id, inputs)));
        return Task.FromResult<Made?>(new Made(id, read));
    }

    public Task DeleteAsync(ResourceCall call, string id, Struct inputs, Struct outputs, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<Struct> InvokeAsync(string token, Struct args, CancellationToken cancellationToken) => table.FindFunction(token) is { } function
        ? Task.FromResult(Simulated.Members(function(PropertyValues.Bare(args))))
        : throw new ProviderException($"The simulated providers know no function {token}. Enter it in tests/PulumiEngine/Simulation.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The inputs, without those to which the provider will add something: of them a preview knows nothing yet.</summary>
    private Struct Foreseen(ResourceCall call, Struct inputs)
    {
        var known = inputs.Clone();
        var later = Outputs(call, "", inputs);
        foreach (var (name, value) in inputs.Fields)
            if (!PropertyValues.Same(value, later.Fields[name])) known.Fields.Remove(name);
        return known;
    }

    private Struct Outputs(ResourceCall call, string id, Struct inputs)
    {
        var outputs = inputs.Clone();
        var type = table.Find(call.Type);
        if (type?.Outputs is { } compute)
            foreach (var (name, value) in Simulated.Members(compute(new SimulatedResource(call.Urn, call.Type, call.Name, id, PropertyValues.Bare(inputs)))).Fields)
                if (!outputs.Fields.TryGetValue(name, out var given) || !PropertyValues.Same(given, value)) outputs.Fields[name] = value;
        foreach (var name in type?.Secrets ?? [])
            if (outputs.Fields.TryGetValue(name, out var value)) outputs.Fields[name] = PropertyValues.Secret(value);
        return outputs;
    }
}
