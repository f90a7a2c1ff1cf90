using System.Text.Json;

namespace Pulumi;

/// <summary>An input that may be of either of two types, such as a plain string or a typed enum.</summary>
public sealed class InputUnion<T0, T1> : Input<Union<T0, T1>>
{
    public InputUnion() : base(Output.Create(default(Union<T0, T1>))) { }

    private InputUnion(Output<Union<T0, T1>> value) : base(value) { }

    public static implicit operator InputUnion<T0, T1>(T0 value) => new(Output.Create(Union<T0, T1>.FromT0(value)));

    public static implicit operator InputUnion<T0, T1>(T1 value) => new(Output.Create(Union<T0, T1>.FromT1(value)));

    public static implicit operator InputUnion<T0, T1>(Union<T0, T1> value) => new(Output.Create(value));

    public static implicit operator InputUnion<T0, T1>(Output<T0> value) => new(value.Apply(Union<T0, T1>.FromT0));

    public static implicit operator InputUnion<T0, T1>(Output<T1> value) => new(value.Apply(Union<T0, T1>.FromT1));

    public static implicit operator InputUnion<T0, T1>(Output<Union<T0, T1>> value) => new(value);
}

/// <summary>An input that takes any JSON.</summary>
public sealed class InputJson : Input<JsonElement>
{
    public InputJson() : base(Output.Create(default(JsonElement))) { }

    private InputJson(Output<JsonElement> value) : base(value) { }

    private static JsonElement Parse(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    public static implicit operator InputJson(JsonElement element) => new(Output.Create(element));

    public static implicit operator InputJson(JsonDocument document) => new(Output.Create(document.RootElement));

    public static implicit operator InputJson(string json) => new(Output.Create(Parse(json)));

    public static implicit operator InputJson(Output<JsonElement> element) => new(element);

    public static implicit operator InputJson(Output<JsonDocument> document) => new(document.Apply(d => d.RootElement));

    public static implicit operator InputJson(Output<string> json) => new(json.Apply(Parse));
}

internal interface IUnion
{
    object? Value { get; }
}

/// <summary>A value of one type or the other.</summary>
public readonly struct Union<T0, T1> : IEquatable<Union<T0, T1>>, IUnion
{
    private readonly T0 _value0;
    private readonly T1 _value1;
    private readonly bool _second;

    private Union(T0 value0, T1 value1, bool second) => (_value0, _value1, _second) = (value0, value1, second);

    public object? Value => _second ? _value1 : _value0;

    public bool IsT0 => !_second;

    public bool IsT1 => _second;

    public T0 AsT0 => IsT0 ? _value0 : throw new InvalidOperationException($"The union holds a {typeof(T1).Name}, not a {typeof(T0).Name}.");

    public T1 AsT1 => IsT1 ? _value1 : throw new InvalidOperationException($"The union holds a {typeof(T0).Name}, not a {typeof(T1).Name}.");

    public static Union<T0, T1> FromT0(T0 input) => new(input, default!, second: false);

    public static Union<T0, T1> FromT1(T1 input) => new(default!, input, second: true);

    public TResult Match<TResult>(Func<T0, TResult> f0, Func<T1, TResult> f1) => IsT0 ? f0(_value0) : f1(_value1);

    public void Switch(Action<T0> f0, Action<T1> f1)
    {
        if (IsT0) f0(_value0);
        else f1(_value1);
    }

    public bool Equals(Union<T0, T1> other) => _second == other._second && Equals(Value, other.Value);

    public override bool Equals(object? obj) => obj is Union<T0, T1> other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_second, Value);

    public override string? ToString() => Value?.ToString();

    public static bool operator ==(Union<T0, T1> left, Union<T0, T1> right) => left.Equals(right);

    public static bool operator !=(Union<T0, T1> left, Union<T0, T1> right) => !left.Equals(right);

    public static implicit operator Union<T0, T1>(T0 t) => FromT0(t);

    public static implicit operator Union<T0, T1>(T1 t) => FromT1(t);
}
