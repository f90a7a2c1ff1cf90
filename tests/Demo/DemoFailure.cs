namespace Demo;

/// <summary>The demo cannot go on. The message is the cause in plain words; the remedy says what to do.</summary>
internal sealed class DemoFailure(string cause, string remedy, Exception? inner = null) : Exception(cause, inner)
{
    public string Remedy { get; } = remedy;
}
