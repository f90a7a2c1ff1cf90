using System.Buffers.Binary;

namespace Appliance.Vault;

/// <summary>The frames behind the blocks, parsed but not yet trusted: what can be known of a container without any key.</summary>
internal sealed record ContainerTail(
    ContainerKind Kind, bool Encrypted, byte[] Sha256, long Length, long BlockBytes, byte[] Tail, byte[] Index, byte[]? Filter, byte[]? Keys, byte[]? Signature)
{
    private const int FirstRead = 16 * 1024;

    public static async Task<ContainerTail> ReadAsync(IBlobStore store, string name, CancellationToken cancellationToken)
    {
        var length = await store.LengthAsync(name, cancellationToken) ?? throw VaultException.Missing(name);
        if (length < ContainerFormat.TrailerBytes + ContainerFormat.FrameHeader) throw VaultException.Damaged(name, "the file is cut off");
        var end = new byte[Math.Min(length, FirstRead)];
        await FillAsync(store, name, length - end.Length, end, cancellationToken);
        var trailer = end.AsMemory(^ContainerFormat.TrailerBytes..);
        var (kind, encrypted, tailLength) = ParseTrailer(name, length, trailer.Span);
        var whole = tailLength + ContainerFormat.TrailerBytes;
        if (whole > end.Length)
        {
            end = new byte[whole];
            await FillAsync(store, name, length - whole, end, cancellationToken);
        }
        var tail = end[^whole..];
        try
        {
            return ParseFrames(kind, encrypted, length, tail);
        }
        catch (FormatException failure)
        {
            throw VaultException.Damaged(name, $"the tail is damaged ({failure.Message})", failure);
        }
    }

    public static async Task FillAsync(IBlobStore store, string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(name, offset, buffer, cancellationToken) != buffer.Length)
            throw VaultException.Damaged(name, "the file became shorter while it was read");
    }

    private static (ContainerKind Kind, bool Encrypted, int TailLength) ParseTrailer(string name, long length, ReadOnlySpan<byte> trailer)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != ContainerFormat.TrailerMagic
            || BinaryPrimitives.ReadInt32LittleEndian(trailer[4..]) != ContainerFormat.TrailerBytes - ContainerFormat.FrameHeader)
            throw VaultException.Damaged(name, "the file does not end with a trailer: it is cut off, damaged or no container");
        var (version, kind, flags, zero) = (trailer[8], (ContainerKind)trailer[9], trailer[10], trailer[11]);
        if (version > ContainerFormat.Version)
            throw new VaultException(FailureKind.Operator, $"{name}: written in format version {version}, which this release does not know, or its trailer is damaged",
                "Use a newer release of the appliance; if this vault was never written by one, treat the file as damaged.", name);
        if (version == 0 || !Enum.IsDefined(kind) || (flags & ~ContainerFormat.EncryptedFlag) != 0 || zero != 0)
            throw VaultException.Damaged(name, "the trailer is damaged");
        var tailLength = BinaryPrimitives.ReadUInt32LittleEndian(trailer[12..]);
        if (tailLength < ContainerFormat.FrameHeader || tailLength > ContainerFormat.LargestTail || tailLength + ContainerFormat.TrailerBytes > length)
            throw VaultException.Damaged(name, "the trailer is damaged or the file is cut off");
        return (kind, flags != 0, (int)tailLength);
    }

    private static ContainerTail ParseFrames(ContainerKind kind, bool encrypted, long length, byte[] tail)
    {
        var reader = new ByteReader(tail.AsSpan(..^ContainerFormat.TrailerBytes));
        var parts = new byte[]?[4];
        var next = 0;
        while (reader.Remaining > 0)
        {
            var header = reader.Take(ContainerFormat.FrameHeader);
            var slot = (long)BinaryPrimitives.ReadUInt32LittleEndian(header) - ContainerFormat.IndexMagic;
            if (slot < next || slot >= parts.Length) throw new FormatException("an unknown frame");
            parts[slot] = reader.Take(BinaryPrimitives.ReadInt32LittleEndian(header[4..])).ToArray();
            next = (int)slot + 1;
        }
        var inside = ContainerFormat.KeysInside(kind);
        if (parts[0] is null || (parts[1] is not null && !ContainerFormat.IsSegment(kind))
            || (parts[2] is not null) != (inside && encrypted) || (parts[3] is not null) != inside)
            throw new FormatException("a frame is missing or does not belong here");
        return new ContainerTail(kind, encrypted, tail[^ContainerFormat.HashBytes..], length, length - tail.Length, tail, parts[0]!, parts[1], parts[2], parts[3]);
    }
}
