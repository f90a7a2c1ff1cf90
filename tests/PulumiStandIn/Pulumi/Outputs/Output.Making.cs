using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Pulumi;

/// <summary>Makes outputs: of plain values, of several outputs together, of text with outputs in it.</summary>
public static partial class Output
{
    private static readonly ImmutableHashSet<Resource> NoResources = [];

    public static Output<T> Create<T>(T value) => new(Task.FromResult(new OutputData<T>(NoResources, value, true, false)));

    public static Output<T> Create<T>(Task<T> value) => Of(value, secret: false);

    public static Output<T> CreateSecret<T>(T value) => new(Task.FromResult(new OutputData<T>(NoResources, value, true, true)));

    public static Output<T> CreateSecret<T>(Task<T> value) => Of(value, secret: true);

    public static Output<T> CreateSecret<T>(Output<T> value) => value.With(secret: true);

    public static Output<T> Unsecret<T>(Output<T> output) => output.With(secret: false);

    public static async Task<bool> IsSecretAsync<T>(Output<T> output) => (await output.Data.ConfigureAwait(false)).IsSecret;

    internal static Output<T> Unknown<T>(ImmutableHashSet<Resource>? resources = null, bool secret = false) =>
        new(Task.FromResult(new OutputData<T>(resources ?? NoResources, default!, false, secret)));

    private static Output<T> Of<T>(Task<T> value, bool secret)
    {
        return new(DataAsync());

        async Task<OutputData<T>> DataAsync() => new(NoResources, await value.ConfigureAwait(false), true, secret);
    }

    public static Output<ImmutableArray<T>> All<T>(params Input<T>[] inputs) => All(inputs.AsEnumerable());

    public static Output<ImmutableArray<T>> All<T>(params Output<T>[] outputs) => All(outputs.AsEnumerable());

    public static Output<ImmutableArray<T>> All<T>(IEnumerable<Input<T>> inputs) => All(inputs.Select(i => i.ToOutput()));

    public static Output<ImmutableArray<T>> All<T>(IEnumerable<Output<T>> outputs)
    {
        var all = outputs.ToArray();
        return new(TogetherAsync());

        async Task<OutputData<ImmutableArray<T>>> TogetherAsync()
        {
            var data = await Task.WhenAll(all.Select(o => o.Data)).ConfigureAwait(false);
            var known = data.All(d => d.IsKnown);
            return new(Resources(data.Select(d => d.Resources)), known ? [.. data.Select(d => d.Value)] : default, known, data.Any(d => d.IsSecret));
        }
    }

    /// <summary>Text with outputs in it: <c>Output.Format($"https://{host.Name}")</c>.</summary>
    public static Output<string> Format(FormattableString formattableString)
    {
        var parts = formattableString.GetArguments().Select(a => a switch
        {
            IInput input => Untyped(input),
            IOutput output => new Output<object?>(output.UntypedData),
            _ => Create(a),
        });
        return All(parts).Apply(values => string.Format(CultureInfo.InvariantCulture, formattableString.Format, [.. values]));
    }

    public static Output<string> JsonSerialize<T>(Output<T> output, JsonSerializerOptions? options = null) => output.Apply(v => JsonSerializer.Serialize(v, options));

    public static Output<T> JsonDeserialize<T>(Output<string> output, JsonSerializerOptions? options = null) =>
        output.Apply(v => JsonSerializer.Deserialize<T>(v, options)!);

    private static Output<object?> Untyped(IInput input) => new(input.Behind.UntypedData);

    private static ImmutableHashSet<Resource> Resources(IEnumerable<ImmutableHashSet<Resource>> sets) => sets.Aggregate(NoResources, (all, set) => all.Union(set));
}
