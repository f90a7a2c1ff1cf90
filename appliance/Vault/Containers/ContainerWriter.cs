using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>What stands after a container has been written.</summary>
internal sealed record SealedContainer(byte[] Sha256, long StoredBytes, long PlainBytes, byte[]? Sidecar);

/// <summary>Writes one container to a stream, blocks first, then the tail. Only a signed one needs its name from the start.</summary>
internal sealed class ContainerWriter(Stream output, ContainerKind kind, byte[] containerId, VaultKeys? keys, bool encrypted, string? signedName = null) : IDisposable
{
    private readonly IncrementalHash? _signature = ContainerFormat.KeysInside(kind) ? keys!.NewSignature(signedName!) : null;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<BlockEntry> _blocks = [];
    private readonly ArrayBufferWriter<byte> _blockKeys = new();
    private long _written;
    private long _plain;

    public int Blocks => _blocks.Count;

    public BlockSealer NewSealer() => new(containerId, encrypted);

    /// <summary>Appends a block that a sealer made for the number <see cref="Blocks"/>.</summary>
    public async Task WriteBlockAsync(BlockEntry entry, BlockSealer from, CancellationToken cancellationToken)
    {
        _blocks.Add(entry);
        _blockKeys.Write(from.Key);
        _plain += entry.PlainLength;
        await WriteAsync(from.Stored, cancellationToken);
    }

    /// <summary>
    /// Writes the tail. Of an encrypted segment or file the caller must make <see cref="SealedContainer.Sidecar"/> durable
    /// before the container gets its name.
    /// </summary>
    public async Task<SealedContainer> FinishAsync(string name, IReadOnlyList<string>? columns, byte[]? filter, CancellationToken cancellationToken)
    {
        var tailStart = _written;
        var segment = ContainerFormat.IsSegment(kind);
        var frameKeys = encrypted ? keys : null;
        var index = FrameSeal.Write(frameKeys, containerId, name, FrameSeal.Index, segment ? [] : containerId, ContainerIndex.Write(_blocks, columns, segment));
        await WriteFrameAsync(ContainerFormat.IndexMagic, index, cancellationToken);
        if (filter is not null)
            await WriteFrameAsync(ContainerFormat.FilterMagic, FrameSeal.Write(frameKeys, containerId, name, FrameSeal.Filter, [], filter), cancellationToken);
        if (_signature is not null)
        {
            if (encrypted)
                await WriteFrameAsync(ContainerFormat.KeysMagic, keys!.Wrap(_blockKeys.WrittenSpan, FrameSeal.Label(name, "keys")), cancellationToken);
            await WriteFrameAsync(ContainerFormat.SignatureMagic, _signature.GetCurrentHash(), cancellationToken);
        }
        var sha256 = await WriteTrailerAsync((int)(_written - tailStart), cancellationToken);
        var sidecar = encrypted && !ContainerFormat.KeysInside(kind)
            ? KeySidecar.Write(keys!, VaultNames.Sidecar(name, sha256), _blockKeys.WrittenSpan)
            : null;
        return new SealedContainer(sha256, _written, _plain, sidecar);
    }

    public void Dispose()
    {
        _hash.Dispose();
        _signature?.Dispose();
    }

    private async Task WriteFrameAsync(uint magic, byte[] payload, CancellationToken cancellationToken)
    {
        var header = new byte[ContainerFormat.FrameHeader];
        ContainerFormat.WriteFrameHeader(header, magic, payload.Length);
        await WriteAsync(header, cancellationToken);
        await WriteAsync(payload, cancellationToken);
    }

    private async Task<byte[]> WriteTrailerAsync(int tailLength, CancellationToken cancellationToken)
    {
        var trailer = new byte[ContainerFormat.TrailerBytes];
        ContainerFormat.WriteFrameHeader(trailer, ContainerFormat.TrailerMagic, ContainerFormat.TrailerBytes - ContainerFormat.FrameHeader);
        trailer[8] = ContainerFormat.Version;
        trailer[9] = (byte)kind;
        trailer[10] = encrypted ? ContainerFormat.EncryptedFlag : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(trailer.AsSpan(12), tailLength);
        await WriteAsync(trailer.AsMemory(..^ContainerFormat.HashBytes), cancellationToken);
        var sha256 = _hash.GetHashAndReset();
        await output.WriteAsync(sha256, cancellationToken);
        _written += sha256.Length;
        return sha256;
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _hash.AppendData(bytes.Span);
        _signature?.AppendData(bytes.Span);
        _written += bytes.Length;
        await output.WriteAsync(bytes, cancellationToken);
    }
}
