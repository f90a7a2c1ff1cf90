using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>
/// One org's vault. Nothing in it is visible before a manifest names it. Safe for many threads; one process writes at a time (the job's
/// lease sees to that),
/// and a second writer can cost space but never data.
/// </summary>
public sealed class OrgVault : IAsyncDisposable
{
    /// <summary>Bytes a segment writer collects by default.</summary>
    public const int DefaultFlushBytes = 32 * 1024 * 1024;

    private readonly ContainerStore _containers;
    private readonly IBlobStore _store;

    private readonly MasterKey? _master;
    private readonly TimeProvider _time;

    private OrgVault(IBlobStore store, VaultDescription description, VaultKeys? keys, MasterKey? master, TimeProvider time)
    {
        (_store, _master, _time, VaultId, OrgId, Encrypted) = (store, master, time, description.VaultId, description.OrgId, description.Encrypted);
        _containers = new ContainerStore(store, keys, description.Encrypted, time);
    }

    public Guid VaultId { get; }

    public string OrgId { get; }

    public bool Encrypted { get; }

    /// <summary>
    /// Makes a vault in an empty store. Throws (Operator) when one stands there already. The key is needed for a plain vault too: it
    /// signs.
    /// </summary>
    public static async Task<OrgVault> CreateAsync(IBlobStore store, VaultDescription description, MasterKey key, TimeProvider time, CancellationToken cancellationToken)
    {
        var vaultKey = RandomNumberGenerator.GetBytes(VaultKeys.KeyBytes);
        try
        {
            var content = (await VaultFile.NewAsync(description, key, vaultKey, time.GetUtcNow(), cancellationToken)).Write();
            if (!await store.PutIfAbsentAsync(VaultNames.VaultFile, (stream, token) => stream.WriteAsync(content, token).AsTask(), cancellationToken))
                throw new VaultException(FailureKind.Operator, "A vault stands here already.", "Open it, or choose an empty folder.", VaultNames.VaultFile);
            return new OrgVault(store, description, new VaultKeys(vaultKey), key, time);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(vaultKey);
        }
    }

    /// <summary>
    /// Opens a vault. Without a key a plain vault can be read and any vault verified as far as its hashes go; everything else throws
    /// (Operator).
    /// </summary>
    public static async Task<OrgVault> OpenAsync(IBlobStore store, MasterKey? key, TimeProvider time, CancellationToken cancellationToken)
    {
        var file = await VaultFile.ReadAsync(store, cancellationToken);
        return new OrgVault(store, file.Description, key is null ? null : await file.UnlockAsync(key, cancellationToken), key, time);
    }

    /// <summary>
    /// Lets another master key open the vault from now on, and the old one no more. Nothing but vault.json is rewritten; killed at any
    /// moment, one of the two opens it.
    /// </summary>
    public static async Task RekeyAsync(IBlobStore store, MasterKey from, MasterKey to, CancellationToken cancellationToken)
    {
        var file = await VaultFile.ReadAsync(store, cancellationToken);
        var rewrapped = await file.RewrapAsync(from, to, cancellationToken);
        await store.ReplaceAsync(VaultNames.VaultFile, rewrapped.Write(), cancellationToken);
    }

    /// <summary>Collects rows of an object. <paramref name="columns"/>[0] is Id.</summary>
    public SegmentWriter NewSegments(
        string objectName, Guid snapshotId, SegmentKind kind, IReadOnlyList<string> columns, int flushBytes = DefaultFlushBytes) =>
        new(_containers, objectName, snapshotId, kind, columns, flushBytes);

    /// <summary>The object with segments merged as planned; to be called before the snapshot's manifest is written. It reads as before.</summary>
    public async Task<ObjectEntry> CompactAsync(ObjectEntry entry, CompactionPlan plan, Guid snapshotId, CancellationToken cancellationToken, int flushBytes = DefaultFlushBytes)
    {
        var merged = await new VaultCompaction(_containers, entry.Name, snapshotId, flushBytes).MergeAsync(entry.Segments[plan.From..], cancellationToken);
        return entry with { Segments = [.. entry.Segments[..plan.From], .. merged] };
    }

    /// <summary>Reads the org as of a snapshot.</summary>
    public SnapshotReader Open(SnapshotManifest manifest) => new(_containers, manifest);

    /// <summary>The files of the org's metadata as of a snapshot, in order of their Ids (bytes); none when it holds no metadata.</summary>
    public async IAsyncEnumerable<MetadataFile> ReadMetadataAsync(SnapshotManifest manifest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (manifest.Metadata is not { } metadata) yield break;
        var reader = new SnapshotReader(_containers, manifest with { Objects = [metadata.AsObject()] });
        await foreach (var row in reader.ReadAsync(MetadataEntry.Name, null, includeDeleted: false, cancellationToken)) yield return MetadataFile.Of(row);
    }

    /// <summary>Makes a list of metadata durable: the segments of <paramref name="held"/>, and behind them the rows that are new, differ, or are gone; merged where that is worth it.</summary>
    public async Task<ImmutableArray<SegmentRef>> WriteMetadataAsync(
        Guid snapshotId, ImmutableArray<SegmentRef> held, IEnumerable<MetadataFile> changed, IEnumerable<string> gone, long files, CancellationToken cancellationToken)
    {
        var segments = held.ToBuilder();
        using var rows = NewSegments(MetadataEntry.Name, snapshotId, SegmentKind.Records, MetadataFile.Columns);
        foreach (var file in changed)
        {
            file.WriteTo(rows);
            if (rows.ShouldSeal) segments.AddRange(await rows.SealAsync(cancellationToken));
        }
        segments.AddRange(await rows.SealAsync(cancellationToken));
        using var tombstones = NewSegments(MetadataEntry.Name, snapshotId, SegmentKind.Tombstones, ["Id"]);
        foreach (var path in gone)
        {
            tombstones.BeginRow();
            tombstones.Add(System.Text.Encoding.UTF8.GetBytes(MetadataFile.IdOf(path)));
            tombstones.EndRow();
        }
        segments.AddRange(await tombstones.SealAsync(cancellationToken));
        var list = new ObjectEntry { Name = MetadataEntry.Name, Segments = segments.ToImmutable() };
        return CompactionPlan.For(list.Segments, files) is { } plan ? (await CompactAsync(list, plan, snapshotId, cancellationToken)).Segments : list.Segments;
    }

    /// <summary>Stores a file's content, once per content, with bounded memory.</summary>
    public Task<ContentReference> PutFileAsync(Stream content, CancellationToken cancellationToken) => new FileWriter(_containers).PutAsync(content, cancellationToken);

    /// <summary>The content, checked while it is read; a forward-only stream whose Length is known.</summary>
    public async Task<Stream> OpenFileAsync(ContentReference reference, CancellationToken cancellationToken)
    {
        if (Encrypted && _containers.Keys is null) throw VaultException.KeyNeeded(VaultNames.Files);
        var sha256 = Convert.FromHexString(reference.Sha256);
        var name = VaultNames.File(FileWriter.NameBytes(_containers.Keys, Encrypted, sha256), Encrypted);
        return new VaultFileStream(await _containers.OpenAsync(name, cancellationToken), reference);
    }

    /// <summary>Bytes on disk that a stored file's container takes.</summary>
    public async Task<long> StoredFileBytesAsync(ContentReference reference, CancellationToken cancellationToken)
    {
        var name = VaultNames.File(FileWriter.NameBytes(_containers.Keys, Encrypted, Convert.FromHexString(reference.Sha256)), Encrypted);
        return await _store.LengthAsync(name, cancellationToken) ?? throw VaultException.Missing(name);
    }

    /// <summary>SHA-256 of a manifest as it is stored, lower-case hexadecimal.</summary>
    public async Task<string> ManifestSha256Async(Guid snapshotId, CancellationToken cancellationToken)
    {
        await using var blob = await _store.OpenReadAsync(VaultNames.Manifest(snapshotId, Encrypted), cancellationToken);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(blob, cancellationToken));
    }

    /// <summary>
    /// Makes a snapshot visible. Its own segments must be durable before. Writing the same manifest again is fine; another one under
    /// its id throws.
    /// </summary>
    public async Task WriteManifestAsync(SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        if (manifest.VaultId != VaultId) throw new ArgumentException("The manifest is another vault's.", nameof(manifest));
        foreach (var (entry, segment) in manifest.Entries.SelectMany(o => o.Segments.Where(s => s.SnapshotId == manifest.SnapshotId).Select(s => (o, s))))
            if (await _store.LengthAsync(VaultNames.Segment(entry.Name, segment.Id, Encrypted), cancellationToken) is null)
                throw VaultException.Missing(VaultNames.Segment(entry.Name, segment.Id, Encrypted));
        var name = VaultNames.Manifest(manifest.SnapshotId, Encrypted);
        var content = ManifestJson.Write(manifest);
        if (!await PutSealedAsync(name, ContainerKind.Manifest, content, cancellationToken)
            && !(await _containers.ReadSignedAsync(name, cancellationToken)).AsSpan().SequenceEqual(content))
            throw new VaultException(FailureKind.Permanent, $"Another manifest of snapshot {manifest.SnapshotId} stands already.", "Start a new run; every run has its own snapshot id.", name);
    }

    public async Task<SnapshotManifest> ReadManifestAsync(Guid snapshotId, CancellationToken cancellationToken)
    {
        var name = VaultNames.Manifest(snapshotId, Encrypted);
        var manifest = ManifestJson.Read(name, await _containers.ReadSignedAsync(name, cancellationToken));
        return manifest.SnapshotId == snapshotId && manifest.VaultId == VaultId ? manifest : throw VaultException.Damaged(name, "it is the manifest of another snapshot");
    }

    /// <summary>All snapshots, oldest first (their ids sort by time).</summary>
    public async IAsyncEnumerable<Guid> ListSnapshotsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        await foreach (var name in _store.ListAsync(VaultNames.Manifests, cancellationToken))
            if (VaultNames.TrySnapshotId(name, out var id)) ids.Add(id);
        ids.Sort((a, b) => string.CompareOrdinal(a.ToString("N"), b.ToString("N")));
        foreach (var id in ids) yield return id;
    }

    /// <summary>
    /// Stores a document; false when the name was taken, and then nothing changes. Names: [A-Za-z0-9._-/], without field values.
    /// </summary>
    public Task<bool> PutDocumentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        PutSealedAsync(VaultNames.Document(name, Encrypted), ContainerKind.Document, content, cancellationToken);

    /// <summary>Stores a document in place of what stood there; atomic.</summary>
    public async Task ReplaceDocumentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var blobName = VaultNames.Document(name, Encrypted);
        await _store.ReplaceAsync(blobName, await _containers.SealAsync(blobName, ContainerKind.Document, content, cancellationToken), cancellationToken);
    }

    /// <summary>The document, or null when there is none.</summary>
    public async Task<byte[]?> GetDocumentAsync(string name, CancellationToken cancellationToken)
    {
        var blobName = VaultNames.Document(name, Encrypted);
        return await _store.LengthAsync(blobName, cancellationToken) is null ? null : await _containers.ReadSignedAsync(blobName, cancellationToken);
    }

    public async IAsyncEnumerable<string> ListDocumentsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blobName in _store.ListAsync(VaultNames.Documents + prefix, cancellationToken))
            if (VaultNames.Role(blobName) == BlobRole.Document && VaultNames.TryDocument(blobName, out var name)) yield return name;
    }

    public Task DeleteDocumentAsync(string name, CancellationToken cancellationToken) => _store.DeleteAsync(VaultNames.Document(name, Encrypted), cancellationToken);

    /// <summary>
    /// Makes a certificate durable, before the manifest that will carry the hash given back. Writing another one under the same snapshot
    /// replaces it: only the manifest makes it count.
    /// </summary>
    public async Task<string> WriteCertificateAsync(CompletenessCertificate certificate, CancellationToken cancellationToken)
    {
        var json = CertificateJson.Write(certificate);
        await ReplaceDocumentAsync(CertificateJson.Document(certificate.SnapshotId), json, cancellationToken);
        return CertificateJson.Sha256(json);
    }

    /// <summary>The certificate that the manifest vouches for; null when the snapshot has none.</summary>
    /// <exception cref="VaultException">It is missing, or is not the one whose hash stands in the manifest.</exception>
    public async Task<CompletenessCertificate?> ReadCertificateAsync(SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        if (manifest.CertificateSha256 is not { } expected) return null;
        var document = CertificateJson.Document(manifest.SnapshotId);
        var name = VaultNames.Document(document, Encrypted);
        var json = await GetDocumentAsync(document, cancellationToken) ?? throw VaultException.Missing(name);
        return CertificateJson.Sha256(json) == expected ? CertificateJson.Read(name, json) : throw VaultException.Damaged(name, "it is not the certificate that the snapshot's manifest names");
    }

    /// <summary>Counts the stored rows again and tells where a certificate does not fit them; nothing found means that it holds.</summary>
    public IAsyncEnumerable<CertificateFinding> CheckCertificateAsync(SnapshotManifest manifest, CompletenessCertificate certificate, CancellationToken cancellationToken) =>
        CertificateCheck.RunAsync(this, manifest, certificate, cancellationToken);

    /// <summary>What would go with these snapshots. Reads the segments of all others where files are concerned; removes nothing.</summary>
    public Task<PruneList> ListPruneAsync(IReadOnlyCollection<Guid> remove, CancellationToken cancellationToken) => Pruning.ListAsync(remove, cancellationToken);

    /// <summary>Writes down what shall go. From now on a killed removal can be gone on with: <see cref="FindPruneAsync"/>.</summary>
    public Task BeginPruneAsync(PruneList list, CancellationToken cancellationToken) => Pruning.WriteAsync(list, cancellationToken);

    /// <summary>A removal that was begun and has not ended, without what has come into use since.</summary>
    public async Task<PruneList?> FindPruneAsync(CancellationToken cancellationToken) =>
        await Pruning.FindAsync(cancellationToken) is { } list ? await Pruning.ReviewAsync(list, cancellationToken) : null;

    /// <summary>Snapshots that a removal which has not ended takes away, by what was written down; nothing else is read.</summary>
    public async Task<ImmutableArray<Guid>> ListGoingAsync(CancellationToken cancellationToken) => (await Pruning.FindAsync(cancellationToken))?.Snapshots ?? [];

    /// <summary>Removes what was written down. Nobody may be writing into the vault, and the catalog must not show these snapshots any more.</summary>
    public Task PruneAsync(PruneList list, Action<int> progress, CancellationToken cancellationToken) => Pruning.RemoveAsync(list, progress, cancellationToken);

    /// <summary>
    /// Re-reads every stored file and tells what is wrong; nothing found means that all is well. The master key must not have been
    /// disposed.
    /// </summary>
    public IAsyncEnumerable<VerifyFinding> VerifyAsync(IProgress<VerifyProgress>? progress, CancellationToken cancellationToken) =>
        VerifyAsync(_store, _master, progress, cancellationToken);

    /// <summary>
    /// The same for a vault that may be too damaged to be opened: a broken vault.json is then a finding, not an exception.
    /// </summary>
    public static IAsyncEnumerable<VerifyFinding> VerifyAsync(
        IBlobStore store, MasterKey? key, IProgress<VerifyProgress>? progress, CancellationToken cancellationToken) =>
        new VaultVerifier(store, key, progress).RunAsync(cancellationToken);

    /// <summary>Verifies the next part of the vault, no faster than told. Files may come and go meanwhile; none is read twice or left out because of that.</summary>
    /// <param name="part">Where to go on and how far.</param>
    /// <param name="bytesPerSecond">Limit of reading, 1 and more.</param>
    /// <param name="progress">Told after each file.</param>
    /// <param name="cancellationToken">Ends it; the part is then to be done again.</param>
    public async Task<SweepResult> SweepAsync(SweepPart part, long bytesPerSecond, IProgress<VerifyProgress>? progress, CancellationToken cancellationToken)
    {
        var verifier = new VaultVerifier(new ThrottledReads(_store, bytesPerSecond, _time), _master, progress, part);
        var findings = ImmutableArray.CreateBuilder<VerifyFinding>();
        await foreach (var finding in verifier.RunAsync(cancellationToken)) findings.Add(finding);
        return new SweepResult(verifier.Reached, verifier.Read.Files, verifier.Read.Bytes, findings.ToImmutable());
    }

    private VaultPruning Pruning => new(this, _store, _containers);

    public ValueTask DisposeAsync()
    {
        _containers.Keys?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> PutSealedAsync(string blobName, ContainerKind kind, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var container = await _containers.SealAsync(blobName, kind, content, cancellationToken);
        return await _store.PutIfAbsentAsync(blobName, (stream, token) => stream.WriteAsync(container, token).AsTask(), cancellationToken);
    }
}
