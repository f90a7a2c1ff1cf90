using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>
/// The containers of one vault: its store and its keys, and the order in which a container and its sidecar become durable.
/// </summary>
internal sealed class ContainerStore(IBlobStore store, VaultKeys? keys, bool encrypted, TimeProvider time)
{
    private const int WriteBlock = ContainerFormat.BlockBytes;

    public IBlobStore Store => store;

    public VaultKeys? Keys => keys;

    public bool Encrypted => encrypted;

    public Guid NewId() => Guid.CreateVersion7(time.GetUtcNow());

    /// <summary>
    /// Writes a segment: blocks by the callback, then the tail, then the sidecar, and only then does the container get its name.
    /// </summary>
    public async Task<SealedContainer> PutAsync(
        string name, ContainerKind kind, Func<ContainerWriter, CancellationToken, Task> writeBlocks, IReadOnlyList<string>? columns, byte[]? filter,
        CancellationToken cancellationToken)
    {
        SealedContainer? written = null;
        var stored = await store.PutIfAbsentAsync(name, async (stream, token) =>
        {
            using var writer = new ContainerWriter(stream, kind, ContainerFormat.IsSegment(kind) ? VaultNames.SegmentId(name) : NewContainerId(), NeededKeys(name), encrypted);
            await writeBlocks(writer, token);
            written = await writer.FinishAsync(name, columns, filter, token);
            await PutSidecarAsync(name, written, token);
        }, cancellationToken);
        return stored && written is not null
            ? written
            : throw new VaultException(FailureKind.Permanent, $"{name} stands already.", "Repeat the job; new names are made for every attempt.", name);
    }

    /// <summary>
    /// Writes a file whose name the callback learns while it writes. Returns the name, and false when equal content stood there
    /// already.
    /// </summary>
    public async Task<(string Name, bool Stored)> PutNamedLastAsync(
        Func<ContainerWriter, CancellationToken, Task<string>> writeBlocksThenName, CancellationToken cancellationToken)
    {
        SealedContainer? written = null;
        var (name, stored) = await store.PutNamedLastAsync(async (stream, token) =>
        {
            using var writer = new ContainerWriter(stream, ContainerKind.File, NewContainerId(), NeededKeys("a new file"), encrypted);
            var told = await writeBlocksThenName(writer, token);
            written = await writer.FinishAsync(told, null, null, token);
            await PutSidecarAsync(told, written, token);
            return told;
        }, cancellationToken);
        if (!stored && written?.Sidecar is not null)
        {
            var theirs = await ContainerTail.ReadAsync(store, name, cancellationToken);
            if (!theirs.Sha256.AsSpan().SequenceEqual(written.Sha256))
                await store.DeleteAsync(VaultNames.Sidecar(name, written.Sha256), cancellationToken);
        }
        return (name, stored);
    }

    /// <summary>The bytes of a document or manifest as one sealed container.</summary>
    public async Task<byte[]> SealAsync(string name, ContainerKind kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var target = new MemoryStream();
        using var writer = new ContainerWriter(target, kind, NewContainerId(), NeededKeys(name), encrypted, name);
        using var sealer = writer.NewSealer();
        for (var at = 0; at < content.Length; at += WriteBlock)
        {
            var block = content.Slice(at, Math.Min(WriteBlock, content.Length - at));
            await writer.WriteBlockAsync(sealer.Seal(writer.Blocks, block.Span, compress: true), sealer, cancellationToken);
        }
        await writer.FinishAsync(name, null, null, cancellationToken);
        return target.ToArray();
    }

    /// <summary>Opens a container for reading.</summary>
    public Task<ContainerReader> OpenAsync(string name, CancellationToken cancellationToken) => ContainerReader.OpenAsync(store, name, keys, cancellationToken);

    /// <summary>The content of a document or manifest, its signature checked as far as there is a key.</summary>
    public async Task<byte[]> ReadSignedAsync(string name, CancellationToken cancellationToken)
    {
        var container = await OpenAsync(name, cancellationToken);
        if (keys is not null && !await SignatureHoldsAsync(container, cancellationToken))
            throw VaultException.Damaged(name, "its signature does not fit: it was damaged or changed by somebody without the vault's key");
        return await container.ReadAllAsync(cancellationToken);
    }

    public async Task<bool> SignatureHoldsAsync(ContainerReader container, CancellationToken cancellationToken)
    {
        var tail = container.Tail;
        using var signature = keys!.NewSignature(container.Name);
        var buffer = new byte[Math.Min(tail.BlockBytes, WriteBlock)];
        for (var at = 0L; at < tail.BlockBytes; at += buffer.Length)
        {
            var part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, tail.BlockBytes - at));
            await ContainerTail.FillAsync(store, container.Name, at, part, cancellationToken);
            signature.AppendData(part.Span);
        }
        var unsigned = ContainerFormat.FrameHeader + ContainerFormat.HashBytes + ContainerFormat.TrailerBytes;
        signature.AppendData(tail.Tail.AsSpan(..^unsigned));
        return CryptographicOperations.FixedTimeEquals(signature.GetHashAndReset(), tail.Signature);
    }

    private async Task PutSidecarAsync(string name, SealedContainer written, CancellationToken cancellationToken)
    {
        if (written.Sidecar is null) return;
        await store.PutIfAbsentAsync(
            VaultNames.Sidecar(name, written.Sha256), (stream, token) => stream.WriteAsync(written.Sidecar, token).AsTask(), cancellationToken);
    }

    // A plain vault's segments and files need no key at all, its documents do: they are signed.
    private VaultKeys? NeededKeys(string name) => keys is null ? throw VaultException.KeyNeeded(name) : keys;

    private static byte[] NewContainerId() => RandomNumberGenerator.GetBytes(ContainerFormat.IdBytes);
}
