using System.Collections;
using System.Collections.Immutable;

namespace Pulumi;

/// <summary>A list of inputs. Each element keeps its own state: one unknown does not make the list unknown.</summary>
public sealed class InputList<T> : Input<ImmutableArray<T>>, IEnumerable, IAsyncEnumerable<Input<T>>
{
    private Output<ImmutableArray<Input<T>>> _elements;

    public InputList() : this(ImmutableArray<Input<T>>.Empty) { }

    private InputList(ImmutableArray<Input<T>> elements) : this(Output.Create(elements)) { }

    private InputList(Output<ImmutableArray<Input<T>>> elements) : base(null) => _elements = elements;

    internal override IOutput Behind => _elements;

    internal override Output<ImmutableArray<T>> AsOutput() => _elements.Apply(e => Output.All(e.AsEnumerable()));

    public void Add(params Input<T>[] inputs) => AddRange(inputs);

    public void Add(InputList<T> inputs) => AddRange(inputs);

    public void AddRange(InputList<T> inputs) => _elements = Concat(inputs)._elements;

    public InputList<T> Concat(InputList<T> other) => new(Output.Tuple(_elements, other._elements).Apply(t => t.Item1.AddRange(t.Item2)));

    internal InputList<T> Clone() => new(_elements);

    public async IAsyncEnumerator<Input<T>> GetAsyncEnumerator(CancellationToken cancellationToken)
    {
        var data = await _elements.Data.ConfigureAwait(false);
        foreach (var element in data.Value) yield return element;
    }

    /// <summary>Only collection initialisers need it; the elements may not be there yet.</summary>
    IEnumerator IEnumerable.GetEnumerator() => throw new NotSupportedException("An InputList is read with `await foreach`.");

    private static InputList<T> Of(IEnumerable<Input<T>> values) => new([.. values]);

    private static InputList<T> Of<TList>(Output<TList> values) where TList : IEnumerable<T> =>
        new(values.Apply(v => v is null ? [] : v.Select(x => (Input<T>)x).ToImmutableArray()));

    public static implicit operator InputList<T>(T value) => Of([value]);

    public static implicit operator InputList<T>(Output<T> value) => Of([value]);

    public static implicit operator InputList<T>(Input<T> value) => Of([value]);

    public static implicit operator InputList<T>(T[] values) => Of(values.Select(v => (Input<T>)v));

    public static implicit operator InputList<T>(Output<T>[] values) => Of(values.Select(v => (Input<T>)v));

    public static implicit operator InputList<T>(Input<T>[] values) => Of(values);

    public static implicit operator InputList<T>(List<T> values) => Of(values.Select(v => (Input<T>)v));

    public static implicit operator InputList<T>(List<Output<T>> values) => Of(values.Select(v => (Input<T>)v));

    public static implicit operator InputList<T>(List<Input<T>> values) => Of(values);

    public static implicit operator InputList<T>(ImmutableArray<T> values) => Of(values.Select(v => (Input<T>)v));

    public static implicit operator InputList<T>(ImmutableArray<Output<T>> values) => Of(values.Select(v => (Input<T>)v));

    public static implicit operator InputList<T>(ImmutableArray<Input<T>> values) => new(values);

    public static implicit operator InputList<T>(Output<ImmutableArray<T>> values) =>
        new(values.Apply(v => v.IsDefault ? [] : v.Select(x => (Input<T>)x).ToImmutableArray()));

    public static implicit operator InputList<T>(Output<T[]> values) => Of(values);

    public static implicit operator InputList<T>(Output<List<T>> values) => Of(values);

    public static implicit operator InputList<T>(Output<IEnumerable<T>> values) => Of(values);
}

public static class InputListExtensions
{
    public static void Add<T, U>(this InputList<Union<T, U>> list, Input<T> value) => list.Add((Input<Union<T, U>>)value.Apply(Union<T, U>.FromT0));

    public static void Add<T, U>(this InputList<Union<T, U>> list, Input<U> value) => list.Add((Input<Union<T, U>>)value.Apply(Union<T, U>.FromT1));
}
