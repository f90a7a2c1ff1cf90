using System.Buffers;
using System.Security.Cryptography;
using ZstdNet;

namespace Appliance.Vault;

/// <summary>
/// Reads one container block by block. Every block is checked against its tag and fingerprint; holds no open file. Safe for many
/// threads.
/// </summary>
internal sealed class ContainerReader
{
    [ThreadStatic] private static Decompressor? t_decompressor;

    private readonly IBlobStore _store;
    private readonly VaultKeys? _keys;      // null in a plain vault
    private readonly byte[] _containerId;
    private readonly byte[] _blockKeys;
    private IdFilter? _filter;
    private IdList? _ids;
    private bool _filterRead;

    private ContainerReader(IBlobStore store, string name, VaultKeys? keys, ContainerTail tail, ContainerIndex index, byte[] containerId, byte[] blockKeys)
    {
        (_store, Name, _keys, Tail, Index, _containerId, _blockKeys) = (store, name, keys, tail, index, containerId, blockKeys);
    }

    public string Name { get; }

    public ContainerTail Tail { get; }

    public ContainerIndex Index { get; }

    /// <summary>Sidecar bytes included.</summary>
    public long StoredBytes => Tail.Length + (_keys is null || ContainerFormat.KeysInside(Tail.Kind) ? 0 : KeySidecar.Overhead + _blockKeys.Length);

    public static async Task<ContainerReader> OpenAsync(IBlobStore store, string name, VaultKeys? keys, CancellationToken cancellationToken) =>
        await OpenAsync(store, name, keys, await ContainerTail.ReadAsync(store, name, cancellationToken), cancellationToken);

    public static async Task<ContainerReader> OpenAsync(IBlobStore store, string name, VaultKeys? keys, ContainerTail tail, CancellationToken cancellationToken)
    {
        if (tail.Encrypted != VaultNames.IsEncrypted(name)) throw VaultException.Damaged(name, "the name and the trailer disagree about encryption");
        if (!KindFits(name, tail.Kind)) throw VaultException.Damaged(name, $"it holds a {tail.Kind} and stands in the wrong folder");
        if (tail.Encrypted && keys is null) throw VaultException.KeyNeeded(name);
        var frameKeys = tail.Encrypted ? keys : null;
        var segment = ContainerFormat.IsSegment(tail.Kind);
        var idLength = segment ? 0 : ContainerFormat.IdBytes;
        if (tail.Index.Length < idLength) throw VaultException.Damaged(name, "the index is damaged");
        var containerId = segment ? VaultNames.SegmentId(name) : tail.Index[..idLength];
        var body = FrameSeal.Open(frameKeys, containerId, name, FrameSeal.Index, idLength, tail.Index)
            ?? throw VaultException.Damaged(name, tail.Encrypted ? "the index is damaged, or the file is another vault's or was renamed" : "the index is damaged");
        try
        {
            var index = ContainerIndex.Parse(body, segment, tail.BlockBytes);
            var blockKeys = tail.Encrypted ? await ReadKeysAsync(store, name, keys!, tail, index.Blocks.Count, cancellationToken) : [];
            return new ContainerReader(store, name, frameKeys, tail, index, containerId, blockKeys);
        }
        catch (FormatException failure)
        {
            throw VaultException.Damaged(name, $"the index is damaged ({failure.Message})", failure);
        }
    }

    /// <summary>Whether the Id may stand in the block; true when nothing rules it out.</summary>
    public bool MayHold(int block, ReadOnlySpan<byte> id)
    {
        ReadFilter();
        return _ids is not null ? _ids.Find(block, id) != ListedRow.Absent : _filter?.MayHold(id) ?? true;
    }

    /// <summary>The list of all Ids; null in segments of one block, of Ids that are not Salesforce's, and of older releases.</summary>
    public IdList? Ids()
    {
        ReadFilter();
        return _ids;
    }

    private void ReadFilter()
    {
        if (Volatile.Read(ref _filterRead) || Tail.Filter is null) return;
        var body = FrameSeal.Open(_keys, _containerId, Name, FrameSeal.Filter, 0, Tail.Filter) ?? throw VaultException.Damaged(Name, "the Id filter is damaged");
        try
        {
            if (body.Length > 0 && body[0] == IdList.Mark) _ids = IdList.Parse(body, Index.Blocks);
            else _filter = IdFilter.Parse(body);
            Volatile.Write(ref _filterRead, true);
        }
        catch (FormatException failure)
        {
            throw VaultException.Damaged(Name, "the Id filter is damaged", failure);
        }
    }

    public bool IsErased(int block) => _keys is not null && !BlockKey(block).ContainsAnyExcept((byte)0);

    public async Task<PlainBlock> ReadBlockAsync(int block, CancellationToken cancellationToken)
    {
        var entry = Index.Blocks[block];
        var stored = ArrayPool<byte>.Shared.Rent(entry.StoredLength);
        try
        {
            await ContainerTail.FillAsync(_store, Name, entry.Offset, stored.AsMemory(0, entry.StoredLength), cancellationToken);
            return Open(block, stored.AsSpan(0, entry.StoredLength), fingerprint: _keys is null);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>Decrypts (in place), decompresses and checks stored bytes of one block.</summary>
    /// <param name="block">Its number.</param>
    /// <param name="stored">As they stand in the file.</param>
    /// <param name="fingerprint">
    /// False: the tag of an encrypted block is proof enough (its key seals nothing else), and who reads whole snapshots saves a quarter of the time.
    /// Verification asks for both.
    /// </param>
    public PlainBlock Open(int block, Span<byte> stored, bool fingerprint = true)
    {
        var entry = Index.Blocks[block];
        var frame = stored;
        ReadOnlySpan<byte> key = [];
        if (_keys is not null)
        {
            key = BlockKey(block);
            if (IsErased(block))
                throw new VaultException(FailureKind.Permanent, $"{Name}: block {block} was erased on purpose by destroying its key", "Nothing can bring it back; that is what was asked for.", Name);
            frame = Decrypt(block, stored, key);
        }
        var plain = ArrayPool<byte>.Shared.Rent(Math.Max(1, entry.PlainLength));
        try
        {
            var decompressor = t_decompressor ??= new Decompressor();
            if (decompressor.Unwrap(frame, plain.AsSpan(0, entry.PlainLength), bufferSizePrecheck: false) != entry.PlainLength
                || fingerprint && !BlockSealer.Fingerprint(key, plain.AsSpan(0, entry.PlainLength)).AsSpan().SequenceEqual(entry.Fingerprint))
                throw VaultException.Damaged(Name, $"block {block} is damaged");
            return new PlainBlock(plain, entry.PlainLength);
        }
        catch (Exception failure)
        {
            ArrayPool<byte>.Shared.Return(plain);
            if (failure is ZstdException) throw VaultException.Damaged(Name, $"block {block} is damaged", failure);
            throw;
        }
    }

    /// <summary>The whole content, for manifests and documents.</summary>
    public async Task<byte[]> ReadAllAsync(CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        for (var block = 0; block < Index.Blocks.Count; block++)
        {
            using var plain = await ReadBlockAsync(block, cancellationToken);
            all.Write(plain.Memory.Span);
        }
        return all.ToArray();
    }

    private Span<byte> Decrypt(int block, Span<byte> stored, ReadOnlySpan<byte> key)
    {
        if (stored.Length < VaultKeys.TagBytes) throw VaultException.Damaged(Name, $"block {block} is damaged");
        Span<byte> associated = stackalloc byte[ContainerFormat.IdBytes + 4];
        BlockSealer.WriteAssociated(associated, _containerId, block);
        Span<byte> nonce = stackalloc byte[VaultKeys.NonceBytes];
        nonce.Clear();
        var frame = stored[..^VaultKeys.TagBytes];
        try
        {
            using var aes = new AesGcm(key, VaultKeys.TagBytes);
            aes.Decrypt(nonce, frame, stored[^VaultKeys.TagBytes..], frame, associated);
            return frame;
        }
        catch (AuthenticationTagMismatchException failure)
        {
            throw VaultException.Damaged(Name, $"block {block} is damaged", failure);
        }
    }

    private ReadOnlySpan<byte> BlockKey(int block) => _blockKeys.AsSpan(block * VaultKeys.KeyBytes, VaultKeys.KeyBytes);

    private static bool KindFits(string name, ContainerKind kind) => VaultNames.Role(name) switch
    {
        BlobRole.Segment => ContainerFormat.IsSegment(kind),
        BlobRole.File => kind == ContainerKind.File,
        BlobRole.Manifest => kind == ContainerKind.Manifest,
        BlobRole.Document => kind == ContainerKind.Document,
        BlobRole.Alien or BlobRole.VaultFile or BlobRole.KeySidecar => false,
    };

    private static async Task<byte[]> ReadKeysAsync(
        IBlobStore store, string name, VaultKeys keys, ContainerTail tail, int blocks, CancellationToken cancellationToken)
    {
        var expected = blocks * VaultKeys.KeyBytes;
        if (tail.Keys is not null)
        {
            var inside = keys.Unwrap(tail.Keys, FrameSeal.Label(name, "keys"));
            return inside?.Length == expected ? inside : throw VaultException.Damaged(name, "its block keys are damaged");
        }
        var sidecarName = VaultNames.Sidecar(name, tail.Sha256);
        if (await store.LengthAsync(sidecarName, cancellationToken) is not { } length)
            throw VaultException.Damaged(sidecarName, "the key sidecar is missing; without it its container cannot be read");
        if (length != KeySidecar.Overhead + expected) throw VaultException.Damaged(sidecarName, "the key sidecar has the wrong length");
        var sidecar = new byte[length];
        await ContainerTail.FillAsync(store, sidecarName, 0, sidecar, cancellationToken);
        return KeySidecar.Read(keys, sidecarName, sidecar);
    }
}
