namespace Pulumi;

/// <summary>What the serialiser sees of any input: the output that stands behind it, with each element's own state where it is a list or a map.</summary>
internal interface IInput
{
    IOutput Behind { get; }
}

/// <summary>A value that a resource takes: known now, or the output of another resource.</summary>
public class Input<T> : IInput
{
    private readonly Output<T>? _output;

    internal Input(Output<T>? output) => _output = output;

    internal virtual IOutput Behind => _output!;

    IOutput IInput.Behind => Behind;

    internal virtual Output<T> AsOutput() => _output!;

    public static implicit operator Input<T>(T value) => new(Output.Create(value));

    public static implicit operator Input<T>(Output<T> value) => new(value ?? throw new ArgumentNullException(nameof(value)));

    public static implicit operator Output<T>(Input<T> input) => input is null ? null! : input.AsOutput();
}

public static class InputExtensions
{
    public static Output<T> ToOutput<T>(this Input<T>? input) => input is null ? Output.Create(default(T)!) : input.AsOutput();

    public static Output<U> Apply<T, U>(this Input<T>? input, Func<T, U> func) => input.ToOutput().Apply(func);

    public static Output<U> Apply<T, U>(this Input<T>? input, Func<T, Task<U>> func) => input.ToOutput().Apply(func);

    public static Output<U> Apply<T, U>(this Input<T>? input, Func<T, Input<U>?> func) => input.ToOutput().Apply(func);

    public static Output<U> Apply<T, U>(this Input<T>? input, Func<T, Output<U>?> func) => input.ToOutput().Apply(func);
}
