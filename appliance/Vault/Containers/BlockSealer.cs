using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using ZstdNet;

namespace Appliance.Vault;

/// <summary>Turns plain bytes into one stored block: compress, fingerprint, encrypt. One per thread; buffers are its own.</summary>
internal sealed class BlockSealer(byte[] containerId, bool encrypted) : IDisposable
{
    // Measured on the CSV of a nonprofit org, cut into blocks: 1 MiB: level 1 leaves 35.6 %, 2: 31.7, 3: 31.0, 4: 30.7, 6: 29.2 at half the
    // speed. Small blocks are few, so every byte matters more there: 256 KiB: level 3 leaves 36.2 %, 9: 33.0 in 15 ms, 19: 30.7 in a quarter of a second;
    // 16 KiB: 41.6, 39.7, 38.8 in 8 ms. With 9 and 19 a fifth of the CPU time of an incremental run went there, for 1.5 % of its bytes.
    private const int Level = 3, LevelOfSmall = 6, LevelOfTiny = 9, Small = 256 * 1024, Tiny = 32 * 1024;

    // RFC 8878 §3.1.1: content size in four bytes, single segment; raw blocks of at most 128 KiB.
    private const uint ZstdMagic = 0xFD2FB528;
    private const byte RawFrameDescriptor = 0xA0;
    private const int RawFrameHeader = 9, RawBlockHeader = 3, RawBlock = 128 * 1024;

    private Compressor? _compressor;
    private int _level;
    private byte[] _stored = [];

    /// <summary>The stored bytes of the last block sealed, valid until the next.</summary>
    public ReadOnlyMemory<byte> Stored { get; private set; }

    /// <summary>The key of the last block sealed; empty in a plain vault.</summary>
    public byte[] Key { get; private set; } = [];

    public BlockEntry Seal(int number, ReadOnlySpan<byte> plain, bool compress, int rows = 0, byte[]? firstId = null, byte[]? lastId = null)
    {
        if (plain.Length > ContainerFormat.LargestBlock)
            throw new VaultException(FailureKind.Permanent, "One record is larger than 64 MiB.", "Leave the object's largest text fields out of the backup.");
        Key = encrypted ? RandomNumberGenerator.GetBytes(VaultKeys.KeyBytes) : [];
        var room = Math.Max(ContainerFormat.LargestStored(plain.Length), Compressor.GetCompressBound(plain.Length)) + VaultKeys.TagBytes;
        if (_stored.Length < room)
        {
            Return();
            _stored = ArrayPool<byte>.Shared.Rent(room);
        }
        var length = compress ? Compress(plain) : Raw(plain);
        if (encrypted) length = Encrypt(number, length);
        Stored = _stored.AsMemory(0, length);
        return new BlockEntry(rows, length, plain.Length, Fingerprint(Key, plain), firstId ?? [], lastId ?? []);
    }

    /// <summary>SHA-256/16 of block key ‖ plain bytes; the key is empty in a plain vault.</summary>
    public static byte[] Fingerprint(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(key);
        hash.AppendData(plain);
        Span<byte> full = stackalloc byte[ContainerFormat.HashBytes];
        hash.GetHashAndReset(full);
        return full[..ContainerFormat.FingerprintBytes].ToArray();
    }

    public static void WriteAssociated(Span<byte> target, ReadOnlySpan<byte> containerId, int number)
    {
        containerId.CopyTo(target);
        BinaryPrimitives.WriteInt32LittleEndian(target[ContainerFormat.IdBytes..], number);
    }

    public void Dispose()
    {
        _compressor?.Dispose();
        Return();
    }

    private int Compress(ReadOnlySpan<byte> plain)
    {
        var level = plain.Length <= Tiny ? LevelOfTiny : plain.Length <= Small ? LevelOfSmall : Level;
        if (level != _level)
        {
            _compressor?.Dispose();
            (_compressor, _level) = (new Compressor(new CompressionOptions(level)), level);
        }
        return _compressor!.Wrap(plain, _stored);
    }

    private int Raw(ReadOnlySpan<byte> plain)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_stored, ZstdMagic);
        _stored[4] = RawFrameDescriptor;
        BinaryPrimitives.WriteInt32LittleEndian(_stored.AsSpan(5), plain.Length);
        var at = RawFrameHeader;
        do
        {
            var part = plain[..Math.Min(RawBlock, plain.Length)];
            plain = plain[part.Length..];
            var header = (part.Length << 3) | (plain.IsEmpty ? 1 : 0);      // size, type raw = 0, last block
            _stored[at] = (byte)header;
            _stored[at + 1] = (byte)(header >> 8);
            _stored[at + 2] = (byte)(header >> 16);
            part.CopyTo(_stored.AsSpan(at + RawBlockHeader));
            at += RawBlockHeader + part.Length;
        }
        while (!plain.IsEmpty);
        return at;
    }

    private int Encrypt(int number, int length)
    {
        Span<byte> associated = stackalloc byte[ContainerFormat.IdBytes + 4];
        WriteAssociated(associated, containerId, number);
        Span<byte> nonce = stackalloc byte[VaultKeys.NonceBytes];
        nonce.Clear();
        using var aes = new AesGcm(Key, VaultKeys.TagBytes);
        var frame = _stored.AsSpan(0, length);
        aes.Encrypt(nonce, frame, frame, _stored.AsSpan(length, VaultKeys.TagBytes), associated);
        return length + VaultKeys.TagBytes;
    }

    private void Return()
    {
        if (_stored.Length > 0) ArrayPool<byte>.Shared.Return(_stored);
        _stored = [];
    }
}
