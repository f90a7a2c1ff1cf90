namespace OrgSimulator.Generating;

/// <summary>A shuffle of 0 … count-1 that needs no memory and can be asked both ways: x → (a·x + b) mod count.</summary>
public sealed class Permutation
{
    private readonly ulong _count;
    private readonly ulong _factor;
    private readonly ulong _inverse;
    private readonly ulong _shift;

    /// <param name="count">1 to 2^31: products must fit into 64 bits.</param>
    /// <param name="seed">Which shuffle.</param>
    public Permutation(long count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1L << 31);
        _count = (ulong)count;
        _shift = Dice.Mix(seed) % _count;
        // Near the golden section neighbours land far from each other.
        _factor = ((ulong)(count * 0.6180339887498949) + Dice.Mix(seed + 1) % (_count / 16 + 1)) % _count;
        while (Divisor(_factor, _count) != 1) _factor = (_factor + 1) % _count;
        _inverse = Inverse((long)_factor, count);
    }

    public long this[long index] => (long)(((ulong)index * _factor + _shift) % _count);

    public long Back(long place) => (long)(((ulong)place + _count - _shift) % _count * _inverse % _count);

    private static ulong Divisor(ulong a, ulong b) => b == 0 ? a : Divisor(b, a % b);

    private static ulong Inverse(long factor, long count)
    {
        var (old, now, oldPart, part) = (factor, count, 1L, 0L);
        while (now != 0)
        {
            var quotient = old / now;
            (old, now) = (now, old - quotient * now);
            (oldPart, part) = (part, oldPart - quotient * part);
        }
        return (ulong)((oldPart % count + count) % count);
    }
}
