using Google.Protobuf.WellKnownTypes;

namespace PulumiEngine.Values;

/// <summary>The secrets of a run, blanked out of everything that is shown or written in clear.</summary>
public sealed class SecretTexts(IEnumerable<string> known)
{
    public const string Blank = "[secret]";

    /// <summary>Shorter texts stand in too many innocent places.</summary>
    private const int Shortest = 4;

    private readonly HashSet<string> _texts = [.. known.Where(t => t.Length >= Shortest)];
    private readonly Lock _lock = new();

    public void Learn(params Struct?[] properties)
    {
        var texts = properties.Where(p => p is not null).SelectMany(p => PropertyValues.SecretTexts(Value.ForStruct(p!)))
            .Where(t => t.Length >= Shortest && t != PropertyValues.Unknown).ToArray();
        if (texts.Length == 0) return;
        lock (_lock) _texts.UnionWith(texts);
    }

    public string Hide(string text)
    {
        string[] texts;
        lock (_lock) texts = [.. _texts.OrderByDescending(t => t.Length)];
        return texts.Aggregate(text, (hidden, secret) => hidden.Replace(secret, Blank, StringComparison.Ordinal));
    }
}
