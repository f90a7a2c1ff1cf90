namespace PulumiEngine;

/// <summary>The engine refuses: what is wrong, and what to do about it.</summary>
public sealed class EngineException(string cause, string remedy, Exception? inner = null) : Exception($"{cause} {remedy}", inner)
{
    public string Cause { get; } = cause;

    public string Remedy { get; } = remedy;
}
