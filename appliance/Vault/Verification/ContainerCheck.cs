using System.Buffers;
using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>Re-reads one container: every byte through the outer hash, and with a key every block through its own checks too.</summary>
internal sealed class ContainerCheck(IBlobStore store, VaultKeys? keys, string name, Action<int> bytesRead)
{
    private readonly List<string> _wrong = [];

    /// <summary>What is wrong with the container itself; empty when nothing is.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    /// <summary>What is wrong with its key sidecar, which is another file.</summary>
    public VaultException? SidecarFailure { get; private set; }

    public ContainerTail? Tail { get; private set; }

    /// <summary>Null when the blocks could not be opened: damage or no key.</summary>
    public ContainerReader? Reader { get; private set; }

    /// <summary><paramref name="onBlock"/> sees every sound block in order; what it says is wrong is added.</summary>
    public async Task RunAsync(Func<int, ReadOnlyMemory<byte>, string?> onBlock, CancellationToken cancellationToken)
    {
        try
        {
            Tail = await ContainerTail.ReadAsync(store, name, cancellationToken);
            await OpenAsync(Tail, cancellationToken);
            var whole = await ReadThroughAsync(Tail, onBlock, cancellationToken);
            if (!whole.AsSpan().SequenceEqual(Tail.Sha256))
            {
                _wrong.Add("its SHA-256 does not fit its bytes");
                SidecarFailure = null;      // a sidecar is found by that hash; its own damage is found where sidecars are checked
            }
            if (Reader is not null && keys is not null && ContainerFormat.KeysInside(Tail.Kind)
                && !await new ContainerStore(store, keys, Tail.Encrypted, TimeProvider.System).SignatureHoldsAsync(Reader, cancellationToken))
                _wrong.Add("its signature does not fit");
        }
        catch (VaultException failure) when (failure.BlobName == name)
        {
            Add(failure);
        }
    }

    private async Task OpenAsync(ContainerTail tail, CancellationToken cancellationToken)
    {
        var sidecar = tail.Encrypted && !ContainerFormat.KeysInside(tail.Kind) && VaultNames.IsEncrypted(name) ? VaultNames.Sidecar(name, tail.Sha256) : null;
        if (keys is null && tail.Encrypted)
        {
            if (sidecar is not null && await store.LengthAsync(sidecar, cancellationToken) is null)
                SidecarFailure = VaultException.Damaged(sidecar, "the key sidecar is missing; without it its container cannot be read");
            return;
        }
        try
        {
            Reader = await ContainerReader.OpenAsync(store, name, keys, tail, cancellationToken);
            Reader.Ids();
        }
        catch (VaultException failure) when (failure.BlobName == name)
        {
            Add(failure);
        }
        catch (VaultException failure) when (failure.BlobName == sidecar)
        {
            SidecarFailure = failure;
        }
    }

    // One pass: stored bytes go through the outer hash first, because decrypting happens in place.
    private async Task<byte[]> ReadThroughAsync(ContainerTail tail, Func<int, ReadOnlyMemory<byte>, string?> onBlock, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var blocks = Reader?.Index.Blocks;
        var buffer = ArrayPool<byte>.Shared.Rent(ContainerFormat.BlockBytes);
        try
        {
            var offset = 0L;
            for (var block = 0; offset < tail.BlockBytes; block++)
            {
                var length = blocks is null ? (int)Math.Min(ContainerFormat.BlockBytes, tail.BlockBytes - offset) : blocks[block].StoredLength;
                if (length > buffer.Length)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(length);
                }
                await ContainerTail.FillAsync(store, name, offset, buffer.AsMemory(0, length), cancellationToken);
                hash.AppendData(buffer, 0, length);
                offset += length;
                bytesRead(length);
                if (Reader is not null && !Reader.IsErased(block)) CheckBlock(block, buffer.AsSpan(0, length), onBlock);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        hash.AppendData(tail.Tail.AsSpan(..^ContainerFormat.HashBytes));
        bytesRead(tail.Tail.Length);
        return hash.GetHashAndReset();
    }

    private void CheckBlock(int block, Span<byte> stored, Func<int, ReadOnlyMemory<byte>, string?> onBlock)
    {
        try
        {
            using var plain = Reader!.Open(block, stored);
            if (onBlock(block, plain.Memory) is { } wrong) _wrong.Add(wrong);
        }
        catch (VaultException failure)
        {
            Add(failure);
        }
    }

    private void Add(VaultException failure)
    {
        var text = failure.Message;
        _wrong.Add(text.StartsWith(name + ": ", StringComparison.Ordinal) ? text[(name.Length + 2)..] : text);
    }
}
