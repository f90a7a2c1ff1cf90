using System.Buffers;

namespace Appliance.Vault;

/// <summary>Unsigned LEB128 below 2³¹, and a reader over bytes that never reads past their end.</summary>
internal static class Varint
{
    public static void Write(ArrayBufferWriter<byte> target, int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        var rest = (uint)value;
        while (rest >= 0x80)
        {
            target.Write([(byte)(rest | 0x80)]);
            rest >>= 7;
        }
        target.Write([(byte)rest]);
    }

    public static void WriteBytes(ArrayBufferWriter<byte> target, ReadOnlySpan<byte> bytes)
    {
        Write(target, bytes.Length);
        target.Write(bytes);
    }
}

/// <summary>Reads what <see cref="Varint"/> wrote. Bad input throws <see cref="FormatException"/>, never anything else.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Remaining => _rest.Length;

    public int Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value <= int.MaxValue ? (int)value : throw new FormatException("a number is too large");
        }
        throw new FormatException("a number is too long");
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length) throw new FormatException("it ends too early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
