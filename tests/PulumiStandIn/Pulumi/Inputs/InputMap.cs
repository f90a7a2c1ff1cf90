using System.Collections;
using System.Collections.Immutable;

namespace Pulumi;

/// <summary>A map of inputs. Each value keeps its own state.</summary>
public sealed class InputMap<V> : Input<ImmutableDictionary<string, V>>, IEnumerable, IAsyncEnumerable<Input<KeyValuePair<string, V>>>
{
    private static readonly ImmutableDictionary<string, Input<V>> Nothing = ImmutableDictionary<string, Input<V>>.Empty;

    private Output<ImmutableDictionary<string, Input<V>>> _entries;

    public InputMap() : this(Output.Create(Nothing)) { }

    private InputMap(Output<ImmutableDictionary<string, Input<V>>> entries) : base(null) => _entries = entries;

    internal override IOutput Behind => _entries;

    internal override Output<ImmutableDictionary<string, V>> AsOutput() => _entries.Apply(entries =>
    {
        var keys = entries.Keys.ToArray();
        return Output.All(keys.Select(k => entries[k])).Apply(values => keys.Zip(values).ToImmutableDictionary(p => p.First, p => p.Second));
    });

    public Input<V> this[string key] { set => Add(key, value); }

    public void Add(string key, Input<V> value) => _entries = _entries.Apply(e => e.SetItem(key, value));

    public void Add(InputMap<V> values) => AddRange(values);

    public void AddRange(InputMap<V> values) => _entries = Merge(this, values)._entries;

    /// <summary>Both maps; where a key is in both, the second's value.</summary>
    public static InputMap<V> Merge(InputMap<V> first, InputMap<V> second) =>
        new(Output.Tuple(first._entries, second._entries).Apply(t => t.Item1.SetItems(t.Item2)));

    public async IAsyncEnumerator<Input<KeyValuePair<string, V>>> GetAsyncEnumerator(CancellationToken cancellationToken)
    {
        var data = await _entries.Data.ConfigureAwait(false);
        foreach (var (key, value) in data.Value) yield return value.Apply(v => KeyValuePair.Create(key, v));
    }

    /// <summary>Only collection initialisers need it; the entries may not be there yet.</summary>
    IEnumerator IEnumerable.GetEnumerator() => throw new NotSupportedException("An InputMap is read with `await foreach`.");

    private static ImmutableDictionary<string, Input<V>> Entries(IEnumerable<KeyValuePair<string, V>>? values) =>
        values is null ? Nothing : values.ToImmutableDictionary(p => p.Key, p => (Input<V>)p.Value);

    public static implicit operator InputMap<V>(Dictionary<string, V> values) => new(Output.Create(Entries(values)));

    public static implicit operator InputMap<V>(ImmutableDictionary<string, V> values) => new(Output.Create(Entries(values)));

    public static implicit operator InputMap<V>(Output<Dictionary<string, V>> values) => new(values.Apply(v => Entries(v)));

    public static implicit operator InputMap<V>(Output<IDictionary<string, V>> values) => new(values.Apply(v => Entries(v)));

    public static implicit operator InputMap<V>(Output<ImmutableDictionary<string, V>> values) => new(values.Apply(v => Entries(v)));
}

public static class InputMapExtensions
{
    public static void Add<T, U>(this InputMap<Union<T, U>> map, string key, Input<T> value) => map.Add(key, (Input<Union<T, U>>)value.Apply(Union<T, U>.FromT0));

    public static void Add<T, U>(this InputMap<Union<T, U>> map, string key, Input<U> value) => map.Add(key, (Input<Union<T, U>>)value.Apply(Union<T, U>.FromT1));
}
