using System.Numerics;

namespace Appliance.Vault;

/// <summary>
/// A Bloom filter over Ids (FORMAT.md §3.4): ten bits an Id and seven hashes let about one wrong Id in a hundred through.
/// </summary>
internal sealed class IdFilter
{
    private const int BitsPerId = 10;
    private const byte Hashes = 7;

    private readonly byte[] _bits;
    private readonly byte _hashes;

    private IdFilter(byte[] bits, byte hashes) => (_bits, _hashes) = (bits, hashes);

    public static IdFilter ForCount(int ids) => new(new byte[Math.Max(8, (int)(((long)ids * BitsPerId + 7) / 8))], Hashes);

    public static IdFilter Parse(ReadOnlySpan<byte> body) =>
        body.Length >= 2 && body[0] is > 0 and <= 32 ? new IdFilter(body[1..].ToArray(), body[0]) : throw new FormatException("no filter");

    public byte[] Write() => [_hashes, .. _bits];

    public void Add(ReadOnlySpan<byte> id)
    {
        var (a, b, m) = Start(id);
        for (var i = 0; i < _hashes; i++, a += b)
        {
            var bit = a % m;
            _bits[bit >> 3] |= (byte)(1 << (int)(bit & 7));
        }
    }

    public bool MayHold(ReadOnlySpan<byte> id)
    {
        var (a, b, m) = Start(id);
        for (var i = 0; i < _hashes; i++, a += b)
        {
            var bit = a % m;
            if ((_bits[bit >> 3] & (1 << (int)(bit & 7))) == 0) return false;
        }
        return true;
    }

    private (uint A, uint B, uint M) Start(ReadOnlySpan<byte> id)
    {
        var h = 0xCBF29CE484222325UL;
        foreach (var b in id) h = (h ^ b) * 0x100000001B3UL;
        h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCDUL;
        h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53UL;
        h ^= h >> 33;
        return ((uint)h, (uint)BitOperations.RotateRight(h, 32) | 1, (uint)_bits.Length * 8);
    }
}
