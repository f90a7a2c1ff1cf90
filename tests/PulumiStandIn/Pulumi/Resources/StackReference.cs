using System.Collections.Immutable;

namespace Pulumi;

public sealed class StackReferenceArgs : ResourceArgs
{
    /// <summary>ORGANIZATION/PROJECT/STACK; the reference's own name where it is left out.</summary>
    [Input("name", required: true)]
    public Input<string>? Name { get; set; }
}

/// <summary>Reads what another stack gives out.</summary>
public sealed class StackReference : CustomResource
{
    public StackReference(string name, StackReferenceArgs? args = null, CustomResourceOptions? options = null)
        : base("pulumi:pulumi:StackReference", name, new StackReferenceArgs { Name = args?.Name ?? name },
            CustomResourceOptions.Merge(options, new CustomResourceOptions { Id = args?.Name ?? name })) { }

    [Output("name")]
    public Output<string> Name { get; private set; } = null!;

    [Output("outputs")]
    public Output<ImmutableDictionary<string, object>> Outputs { get; private set; } = null!;

    [Output("secretOutputNames")]
    public Output<ImmutableArray<string>> SecretOutputNames { get; private set; } = null!;

    public Output<object?> GetOutput(Input<string> name) => Read(name, (outputs, key) => outputs.GetValueOrDefault(key));

    /// <exception cref="KeyNotFoundException">The other stack has no such output.</exception>
    public Output<object> RequireOutput(Input<string> name) => Read(name, Require)!;

    public async Task<object?> GetValueAsync(Input<string> name) => await ValueAsync(GetOutput(name)).ConfigureAwait(false);

    public async Task<object> RequireValueAsync(Input<string> name) => (await ValueAsync(RequireOutput(name)!).ConfigureAwait(false))!;

    private object? Require(ImmutableDictionary<string, object> outputs, string key) => outputs.TryGetValue(key, out var value)
        ? value
        : throw new KeyNotFoundException($"Required output '{key}' does not exist on stack '{GetResourceName()}'.");

    private static async Task<object?> ValueAsync(Output<object?> output)
    {
        var data = await output.Data.ConfigureAwait(false);
        return data.IsSecret ? throw new InvalidOperationException("Cannot call '*ValueAsync' if the referenced stack output is a secret. Use '*Output' instead.") : data.Value;
    }

    /// <summary>Only the outputs that the other stack calls secret are secret here, not all of them because one is.</summary>
    private Output<object?> Read(Input<string> name, Func<ImmutableDictionary<string, object>, string, object?> read)
    {
        var value = Output.Tuple(name.ToOutput(), Outputs).Apply(t => read(t.Item2, t.Item1));
        return new(JudgedAsync());

        async Task<OutputData<object?>> JudgedAsync()
        {
            var data = await value.Data.ConfigureAwait(false);
            var key = await name.ToOutput().Data.ConfigureAwait(false);
            var secrets = await SecretOutputNames.Data.ConfigureAwait(false);
            var listed = secrets is { IsKnown: true, Value.IsDefault: false };
            return data with { IsSecret = key.IsSecret || (listed && key.IsKnown ? secrets.Value.Contains(key.Value) : data.IsSecret) };
        }
    }
}
