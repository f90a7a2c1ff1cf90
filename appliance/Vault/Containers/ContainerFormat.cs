using System.Buffers.Binary;

namespace Appliance.Vault;

/// <summary>What a container holds. Numbers are never reused.</summary>
internal enum ContainerKind : byte { Records = 1, Tombstones = 2, File = 3, Document = 4, Manifest = 5 }

/// <summary>The numbers of FORMAT.md §3.</summary>
internal static class ContainerFormat
{
    public const byte Version = 1;
    public const byte EncryptedFlag = 1;

    public const uint IndexMagic = 0x184D2A51, FilterMagic = 0x184D2A52, KeysMagic = 0x184D2A53, SignatureMagic = 0x184D2A54, TrailerMagic = 0x184D2A55;

    public const int FrameHeader = 8, IdBytes = 16, SealBytes = 16, FingerprintBytes = 16, HashBytes = 32;
    public const int TrailerBytes = FrameHeader + 8 + HashBytes;

    /// <summary>Plain bytes a block aims at.</summary>
    public const int BlockBytes = 1 << 20;

    /// <summary>Plain bytes no block may exceed, so that a reader never allocates more for one.</summary>
    public const int LargestBlock = 64 << 20;

    /// <summary>Bytes of all frames after the blocks, trailer excluded.</summary>
    public const int LargestTail = 64 << 20;

    /// <summary>zstd's own bound for incompressible input, and the tag.</summary>
    public static int LargestStored(int plainLength) => plainLength + (plainLength >> 8) + 128;

    public static bool IsSegment(ContainerKind kind) => kind is ContainerKind.Records or ContainerKind.Tombstones;

    /// <summary>Manifests and documents are one file that may be replaced: their keys stand inside and they are signed.</summary>
    public static bool KeysInside(ContainerKind kind) => kind is ContainerKind.Document or ContainerKind.Manifest;

    public static void WriteFrameHeader(Span<byte> target, uint magic, int payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, magic);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], payload);
    }
}
