namespace Appliance.Engine.Backups;

/// <summary>
/// A Salesforce Id in 16 bytes: its first 15 characters as a number of base 62 (90 bits). Order of the numbers is the order of the Ids.
/// </summary>
public static class PackedId
{
    private const int Characters = 15;
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static UInt128 Of(ReadOnlySpan<byte> id)
    {
        UInt128 packed = 0;
        foreach (var c in id[..Math.Min(Characters, id.Length)])
            packed = packed * 62 + (uint)(c switch { <= (byte)'9' => c - '0', <= (byte)'Z' => c - 'A' + 10, _ => c - 'a' + 36 });
        return packed;
    }

    public static UInt128 Of(string id)
    {
        Span<byte> ascii = stackalloc byte[Characters];
        return Of(ascii[..System.Text.Encoding.ASCII.GetBytes(id.AsSpan(0, Math.Min(Characters, id.Length)), ascii)]);
    }

    /// <summary>The 15 characters.</summary>
    public static string Text(UInt128 packed) => string.Create(Characters, packed, static (target, rest) =>
    {
        for (var at = Characters - 1; at >= 0; at--)
        {
            (rest, var digit) = UInt128.DivRem(rest, 62);
            target[at] = Digits[(int)digit];
        }
    });
}
