using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace OrgSimulator.Generating;

/// <summary>
/// Bytes of a generated file, made again whenever they are read: every other one text that compresses well, the rest noise; one in fifty has the same
/// content as the others of its kind. Most have some kilobytes, a few some megabytes.
/// </summary>
public sealed class GeneratedContent
{
    private const string Mark = "made:";
    private readonly Dice _dice;
    private readonly string _kind;
    private readonly long _place;

    public GeneratedContent(int seed, string kind, long place) => (_dice, _kind, _place) = (Dice.For(seed, "content of " + kind), kind, place);

    /// <summary>What stands in the blob field; it never leaves the simulator.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Mark}{_kind}:{_place}");

    public bool IsText => _place % 2 == 0;

    public int Size
    {
        get
        {
            if (IsSame) return Same.Length;
            var (low, high) = _dice.Roll(1, _place, 1000) switch { < 800 => (200, 8_000), < 950 => (8_000, 60_000), < 999 => (60_000, 500_000), _ => (2_000_000, 8_000_000) };
            return low + _dice.Roll(2, _place, high - low);
        }
    }

    private static ReadOnlySpan<byte> Same => "The same text in many files.\n"u8;
    private bool IsSame => _place % 50 == 49;

    public static GeneratedContent? Parse(int seed, string name) =>
        name.StartsWith(Mark, StringComparison.Ordinal) && name.LastIndexOf(':') is var colon && long.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? new GeneratedContent(seed, name[Mark.Length..colon], place) : null;

    public byte[] Bytes()
    {
        if (IsSame) return Same.ToArray();
        var bytes = new byte[Size];
        if (IsText) FillText(bytes);
        else
            for (var i = 0; i < bytes.Length; i += 8)
            {
                var noise = _dice.Roll(3, _place + ((long)(i + 8) << 32));
                if (bytes.Length - i >= 8) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i), noise);
                else
                    for (var rest = i; rest < bytes.Length; rest++, noise >>= 8) bytes[rest] = (byte)noise;
            }
        return bytes;
    }

    /// <summary>Lines that differ by their number only; cut between characters, so that it stays text.</summary>
    private void FillText(Span<byte> bytes)
    {
        Span<byte> line = stackalloc byte[200];
        for (var number = 0; !bytes.IsEmpty; number++)
        {
            var length = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Line {number} of file {_place}: naïve café, \"quoted\".\n"), line);
            if (length > bytes.Length)
            {
                bytes.Fill((byte)'.');
                return;
            }
            line[..length].CopyTo(bytes);
            bytes = bytes[length..];
        }
    }
}
