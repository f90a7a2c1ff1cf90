using System.Collections.Immutable;

namespace Pulumi;

/// <summary>A value that will be there later, or not before the deployment is really run (unknown, in a preview). It carries the resources that it comes from.</summary>
public sealed class Output<T> : IOutput
{
    internal Output(Task<OutputData<T>> data)
    {
        Data = data;
        Deployment.Current?.Runner.Register(data);
    }

    internal Task<OutputData<T>> Data { get; }

    Task<OutputData<object?>> IOutput.UntypedData => Untyped();

    private async Task<OutputData<object?>> Untyped() => (await Data.ConfigureAwait(false)) is var data ? data.With<object?>(data.Value) : default;

    public static Output<T> Create(Task<T> value) => Output.Create(value);

    /// <summary>Another value made of this one. The function runs when the value is known: in a preview perhaps never. It must do no deeds.</summary>
    public Output<U> Apply<U>(Func<T, U> func) => Apply(value => Output.Create(func(value)));

    public Output<U> Apply<U>(Func<T, Task<U>> func) => Apply(value => Output.Create(func(value)));

    public Output<U> Apply<U>(Func<T, Input<U>?> func) => Apply(value => func(value).ToOutput());

    public Output<U> Apply<U>(Func<T, Output<U>?> func)
    {
        return new(ThenAsync());

        async Task<OutputData<U>> ThenAsync()
        {
            var data = await Data.ConfigureAwait(false);
            if (!data.IsKnown) return data.With(default(U)!);
            if (func(data.Value) is not { } next) return data.With(default(U)!);
            var then = await next.Data.ConfigureAwait(false);
            return new(data.Resources.Union(then.Resources), then.Value, then.IsKnown, data.IsSecret || then.IsSecret);
        }
    }

    public override string ToString() =>
        $"An Output<{typeof(T).Name}> has no text before it is known. Use Output.Format($\"…{{output}}…\") or output.Apply(value => $\"…{{value}}…\").";

    internal Output<T> With(bool? secret = null, ImmutableHashSet<Resource>? alsoFrom = null)
    {
        return new(ChangedAsync());

        async Task<OutputData<T>> ChangedAsync()
        {
            var data = await Data.ConfigureAwait(false);
            return data with { IsSecret = secret ?? data.IsSecret, Resources = alsoFrom is null ? data.Resources : data.Resources.Union(alsoFrom) };
        }
    }
}
