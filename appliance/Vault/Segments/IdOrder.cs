using System.Buffers.Binary;

namespace Appliance.Vault;

/// <summary>The first sixteen bytes of an Id as two numbers in the same order as the bytes: most comparisons need no more.</summary>
internal readonly record struct IdOrder(ulong High, ulong Low)
{
    public static IdOrder Of(ReadOnlySpan<byte> id)
    {
        if (id.Length >= 16) return new IdOrder(BinaryPrimitives.ReadUInt64BigEndian(id), BinaryPrimitives.ReadUInt64BigEndian(id[8..]));
        Span<byte> padded = stackalloc byte[16];
        padded.Clear();
        id.CopyTo(padded);
        return new IdOrder(BinaryPrimitives.ReadUInt64BigEndian(padded), BinaryPrimitives.ReadUInt64BigEndian(padded[8..]));
    }

    public static bool operator <(IdOrder a, IdOrder b) => a.High < b.High || (a.High == b.High && a.Low < b.Low);

    public static bool operator >(IdOrder a, IdOrder b) => b < a;
}
