using System.Globalization;

namespace OrgSimulator.Rest;

/// <summary>A request target taken apart before anything decodes it, so that an escaped slash stays part of its segment.</summary>
public sealed record RequestTarget(IReadOnlyList<string> Segments, IReadOnlyDictionary<string, string> Query)
{
    /// <summary>Two digits of /services/data/vXX.0; null elsewhere.</summary>
    public int? Version => Segments.Count > 2 && Is(0, "services") && Is(1, "data") && Segments[2].StartsWith("v", StringComparison.OrdinalIgnoreCase) && Segments[2].EndsWith(".0", StringComparison.Ordinal)
        && int.TryParse(Segments[2].AsSpan(1, Segments[2].Length - 3), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    public IReadOnlyList<string> Rest => [.. Segments.Skip(3)];

    public bool Is(int at, string segment) => Segments.Count > at && Segments[at].Equals(segment, StringComparison.OrdinalIgnoreCase);

    /// <summary>Double and trailing slashes do not count: real clients send them.</summary>
    public static RequestTarget Parse(string raw)
    {
        var mark = raw.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? raw : raw[..mark];
        var query = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (mark >= 0)
            foreach (var pair in raw[(mark + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                query[Decode(equals < 0 ? pair : pair[..equals])] = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            }
        return new RequestTarget([.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)], query);
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
