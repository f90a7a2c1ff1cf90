using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Appliance.Vault;

/// <summary>
/// Names a file's content, as records do: "sha256:&lt;64 hex&gt;;&lt;length&gt;". <paramref name="Md5"/> is known only right after
/// storing (Salesforce tells one to compare with).
/// </summary>
public sealed record ContentReference(string Sha256, long Length, string? Md5 = null)
{
    private const string Prefix = "sha256:";
    private const int HexDigits = 64;

    private static readonly SearchValues<byte> s_hex = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>Bytes of the shortest and the longest text.</summary>
    internal const int Shortest = 7 + HexDigits + 2, Longest = 7 + HexDigits + 1 + 19;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Sha256};{Length}");

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ContentReference? reference)
    {
        reference = null;
        Span<byte> utf8 = stackalloc byte[Longest];
        return text.Length is >= Shortest and <= Longest && Encoding.UTF8.TryGetBytes(text, utf8, out var length) && TryParse(utf8[..length], out reference);
    }

    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out ContentReference? reference)
    {
        reference = null;
        if (text.Length is < Shortest or > Longest || !text.StartsWith("sha256:"u8) || text[Prefix.Length + HexDigits] != (byte)';') return false;
        var hex = text.Slice(Prefix.Length, HexDigits);
        if (hex.ContainsAnyExcept(s_hex)) return false;
        var digits = text[(Prefix.Length + HexDigits + 1)..];
        if (!Utf8Parser.TryParse(digits, out long length, out var read) || read != digits.Length || length < 0) return false;
        reference = new ContentReference(Encoding.ASCII.GetString(hex), length);
        return true;
    }
}
