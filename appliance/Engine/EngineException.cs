namespace Appliance.Engine;

/// <summary>A job cannot go on. The message is the cause in plain words; <see cref="Remedy"/> says what a person should do.</summary>
public sealed class EngineException(string cause, string remedy, Exception? inner = null) : Exception(cause, inner)
{
    public string Remedy { get; } = remedy;
}
