using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>
/// Re-reads every stored file of a vault, also those that nothing names. Finds one changed byte anywhere, and never trusts what it
/// reads.
/// </summary>
internal sealed class VaultVerifier(IBlobStore store, MasterKey? master, IProgress<VerifyProgress>? progress, SweepPart? part = null)
{
    private const string AlienRemedy = "Move it out of the vault's folder; nothing of the vault needs it.";
    private const int LongestSidecar = ContainerFormat.LargestTail;

    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SegmentRef Segment, List<string> Snapshots)> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _schemas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Sha256, string Snapshot)> _certificates = new(StringComparer.Ordinal);
    private readonly HashSet<(UInt128, UInt128)> _referenced = [];
    private VaultKeys? _keys;
    private VaultDescription? _description;
    private long _files, _total, _bytes;

    /// <summary>The last file behind the manifests that a part has come to; null when it came to the end.</summary>
    public string? Reached { get; private set; }

    public (long Files, long Bytes) Read => (_files, _bytes);

    public async IAsyncEnumerable<VerifyFinding> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            if (await CheckVaultFileAsync(cancellationToken) is { } vaultFile) yield return vaultFile;
            if (NotChecked() is { } limits) yield return limits;

            var names = new List<string>();
            await foreach (var name in store.ListAsync("", cancellationToken)) names.Add(name);
            _total = names.Count;
            // Manifests first: they say what the rest is needed for. Sidecars before their containers, so that each is reported once.
            names.Sort(CompareNames);
            foreach (var name in names)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (part?.After is { } after && CompareNames(name, after) <= 0 && VaultNames.Role(name) is not (BlobRole.VaultFile or BlobRole.Manifest)) continue;
                if (part is not null && Reached is not null && _bytes >= part.Bytes) break;
                foreach (var finding in await CheckAsync(name, cancellationToken)) yield return finding;
                _files++;
                Report(0);
                if (part is not null && VaultNames.Role(name) is not (BlobRole.VaultFile or BlobRole.Manifest)) Reached = name;
            }
            if (names.Count == 0 || Reached == names[^1]) Reached = null;
            await foreach (var missing in MissingAsync(cancellationToken)) yield return missing;
        }
        finally
        {
            _keys?.Dispose();
        }
    }

    private async Task<VerifyFinding?> CheckVaultFileAsync(CancellationToken cancellationToken)
    {
        if (await store.LengthAsync(VaultNames.VaultFile, cancellationToken) is null && await HoldsSomethingAsync(cancellationToken))
            return new VerifyFinding(VaultNames.VaultFile, VerifyProblem.Missing, "the file is missing", VaultException.DamageRemedy, ["everything in the vault"]);
        try
        {
            var file = await VaultFile.ReadAsync(store, cancellationToken);
            if (master is not null) _keys = await file.UnlockAsync(master, cancellationToken);
            _description = file.Description;
            return null;
        }
        catch (VaultException failure) when (failure is { Kind: FailureKind.Permanent, BlobName: VaultNames.VaultFile })
        {
            _reported.Add(VaultNames.VaultFile);
            return new VerifyFinding(VaultNames.VaultFile, VerifyProblem.Damaged, failure.Message, failure.Remedy, ["everything in the vault"]);
        }
    }

    // A folder without any of a vault's files is simply the wrong folder.
    private async Task<bool> HoldsSomethingAsync(CancellationToken cancellationToken)
    {
        await foreach (var name in store.ListAsync("", cancellationToken))
            if (VaultNames.Role(name) != BlobRole.Alien) return true;
        return false;
    }

    private VerifyFinding? NotChecked()
    {
        if (_keys is not null) return null;
        var what = _description is { Encrypted: false }
            ? "no key was given: hashes are checked, the signatures of manifests and documents are not"
            : "the key could not be used: outer hashes are checked; contents, signatures and the lists of files inside manifests are not";
        return new VerifyFinding(VaultNames.VaultFile, VerifyProblem.NotChecked, what, "Give the vault's master key to check everything.", []);
    }

    private async Task<List<VerifyFinding>> CheckAsync(string name, CancellationToken cancellationToken)
    {
        var findings = new List<VerifyFinding>();
        var role = VaultNames.Role(name);
        if (role == BlobRole.VaultFile) return findings;
        var foreign = role is not (BlobRole.Alien or BlobRole.KeySidecar) && _description is not null && VaultNames.IsEncrypted(name) != _description.Encrypted;
        if (role == BlobRole.Alien || foreign || (role == BlobRole.KeySidecar && _description is { Encrypted: false }))
        {
            findings.Add(new VerifyFinding(name, VerifyProblem.Alien, "this file does not belong to the vault", AlienRemedy, []));
        }
        else if (role == BlobRole.KeySidecar)
        {
            if (await CheckSidecarAsync(name, cancellationToken) is { } wrong) Add(findings, name, wrong, VerifyProblem.Damaged);
        }
        else
        {
            await CheckContainerAsync(name, role, findings, cancellationToken);
        }
        return findings;
    }

    private async Task<string?> CheckSidecarAsync(string name, CancellationToken cancellationToken)
    {
        if (await store.LengthAsync(name, cancellationToken) is not { } length) return "it vanished while the vault was read";
        if (length > LongestSidecar) return "it is far too long for a key sidecar";
        var bytes = new byte[length];
        var read = await store.ReadAsync(name, 0, bytes, cancellationToken);
        Report(read);
        if (read != length || !KeySidecar.IsWhole(bytes)) return "the key sidecar is damaged";
        try
        {
            if (_keys is not null) KeySidecar.Read(_keys, name, bytes);
            return null;
        }
        catch (VaultException failure)
        {
            return failure.Message;
        }
    }

    private async Task CheckContainerAsync(string name, BlobRole role, List<VerifyFinding> findings, CancellationToken cancellationToken)
    {
        var check = new ContainerCheck(store, _keys, name, Report);
        var named = _named.TryGetValue(name, out var entry) ? entry.Segment : null;
        var rows = role == BlobRole.Segment ? new SegmentContentCheck(reference => { if (named is not null) Remember(reference); }) : null;
        var certificate = _certificates.TryGetValue(name, out var certified) ? certified.Sha256 : null;
        using var content = role == BlobRole.File || certificate is not null ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        await check.RunAsync((number, block) =>
        {
            content?.AppendData(block.Span);
            return rows?.Check(check.Reader!, number, block);
        }, cancellationToken);

        var wrong = check.Wrong.ToList();
        if (check.SidecarFailure is { } sidecar) Add(findings, sidecar.BlobName!, sidecar.Message, VerifyProblem.Damaged, name);
        if (wrong.Count == 0 && named is not null && check.Tail is not null)
        {
            if (Convert.ToHexStringLower(check.Tail.Sha256) != named.Sha256) wrong.Add("it is not the file that the manifest names");
            else if (check.Reader is not null && SegmentContentCheck.Compare(check.Reader, named) is { } different) wrong.Add(different);
        }
        if (wrong.Count == 0 && certificate is not null && check.Reader is not null && Convert.ToHexStringLower(content!.GetHashAndReset()) != certificate)
            wrong.Add("it is not the certificate that the manifest names");
        if (wrong.Count == 0 && role == BlobRole.File && content is not null && check.Reader is { } file && !Erased(file)
            && VaultNames.File(FileWriter.NameBytes(_keys, file.Tail.Encrypted, content.GetHashAndReset()), file.Tail.Encrypted) != name)
            wrong.Add("its content is not the one that its name tells");
        if (wrong.Count == 0 && role == BlobRole.Manifest && check.Reader is not null && await ReadManifestAsync(name, check.Reader, cancellationToken) is { } bad) wrong.Add(bad);
        if (wrong.Count > 0) Add(findings, name, string.Join("; ", wrong.Take(5)), VerifyProblem.Damaged);
    }

    private static bool Erased(ContainerReader container) => Enumerable.Range(0, container.Index.Blocks.Count).Any(container.IsErased);

    private async Task<string?> ReadManifestAsync(string name, ContainerReader reader, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = ManifestJson.Read(name, await reader.ReadAllAsync(cancellationToken));
            if (manifest.VaultId != (_description?.VaultId ?? manifest.VaultId) || !VaultNames.TrySnapshotId(name, out var id) || id != manifest.SnapshotId)
                return "it is the manifest of another snapshot or vault";
            var snapshot = $"snapshot {manifest.SnapshotId}";
            if (manifest.CertificateSha256 is { } certified) _certificates[VaultNames.Document(CertificateJson.Document(manifest.SnapshotId), reader.Tail.Encrypted)] = (certified, snapshot);
            foreach (var o in manifest.Entries)
            {
                foreach (var segment in o.Segments)
                {
                    var segmentName = VaultNames.Segment(o.Name, segment.Id, reader.Tail.Encrypted);
                    if (!_named.TryGetValue(segmentName, out var known)) _named[segmentName] = known = (segment, []);
                    else if (known.Segment != segment) return $"it describes {segmentName} otherwise than another manifest does";
                    known.Snapshots.Add(snapshot);
                }
                if (o.SchemaHash.Length == 0) continue;
                var schema = VaultNames.Document($"schemas/{o.SchemaHash}.json", reader.Tail.Encrypted);
                if (!_schemas.TryGetValue(schema, out var users)) _schemas[schema] = users = [];
                users.Add($"{o.Name} in {snapshot}");
            }
            return null;
        }
        catch (VaultException failure)
        {
            return failure.Message;
        }
    }

    private async IAsyncEnumerable<VerifyFinding> MissingAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (name, entry) in _named)
            if (await store.LengthAsync(name, cancellationToken) is null)
                yield return new VerifyFinding(name, VerifyProblem.Missing, "a manifest names this file, and it is not there", VaultException.DamageRemedy, [.. entry.Snapshots]);
        foreach (var (name, users) in _schemas)
            if (await store.LengthAsync(name, cancellationToken) is null)
                yield return new VerifyFinding(name, VerifyProblem.Missing, "a manifest names this document, and it is not there", VaultException.DamageRemedy, [.. users]);
        foreach (var (name, certificate) in _certificates)
            if (await store.LengthAsync(name, cancellationToken) is null)
                yield return new VerifyFinding(name, VerifyProblem.Missing, "a manifest names this certificate, and it is not there", VaultException.DamageRemedy, [certificate.Snapshot]);
        if (_description is null) yield break;
        foreach (var (high, low) in _referenced)
        {
            var sha256 = new byte[32];
            BinaryPrimitives.WriteUInt128BigEndian(sha256, high);
            BinaryPrimitives.WriteUInt128BigEndian(sha256.AsSpan(16), low);
            var name = VaultNames.File(FileWriter.NameBytes(_keys, _description.Encrypted, sha256), _description.Encrypted);
            if (await store.LengthAsync(name, cancellationToken) is null)
                yield return new VerifyFinding(name, VerifyProblem.Missing, $"records refer to this file (content {Convert.ToHexStringLower(sha256)}), and it is not there",
                    VaultException.DamageRemedy, ["records that hold this content"]);
        }
    }

    private void Remember(ContentReference reference)
    {
        var sha256 = Convert.FromHexString(reference.Sha256);
        _referenced.Add((BinaryPrimitives.ReadUInt128BigEndian(sha256), BinaryPrimitives.ReadUInt128BigEndian(sha256.AsSpan(16))));
    }

    private void Add(List<VerifyFinding> findings, string name, string what, VerifyProblem problem, string? dependent = null)
    {
        if (!_reported.Add(name)) return;
        if (what.StartsWith(name + ": ", StringComparison.Ordinal)) what = what[(name.Length + 2)..];
        ImmutableArray<string> dependents = dependent is not null ? [dependent] : VaultNames.Role(name) switch
        {
            BlobRole.Segment => _named.TryGetValue(name, out var entry) ? [.. entry.Snapshots] : ["no snapshot"],
            BlobRole.File => ["records that hold this content"],
            BlobRole.Manifest => VaultNames.TrySnapshotId(name, out var id) ? [$"snapshot {id}"] : [],
            BlobRole.KeySidecar => [name[..name.IndexOf('.', StringComparison.Ordinal)]],
            BlobRole.Document => _schemas.TryGetValue(name, out var users) ? [.. users] : _certificates.TryGetValue(name, out var certificate) ? [certificate.Snapshot] : [],
            BlobRole.Alien or BlobRole.VaultFile => [],
        };
        findings.Add(new VerifyFinding(name, problem, what, VaultException.DamageRemedy, dependents));
    }

    private void Report(int bytes)
    {
        _bytes += bytes;
        progress?.Report(new VerifyProgress(_files, _total, _bytes));
    }

    private static int CompareNames(string a, string b) =>
        Order(VaultNames.Role(a)).CompareTo(Order(VaultNames.Role(b))) is not 0 and var byRole ? byRole : string.CompareOrdinal(a, b);

    private static int Order(BlobRole role) => role switch
    {
        BlobRole.VaultFile => 0,
        BlobRole.Manifest => 1,
        BlobRole.KeySidecar => 2,
        BlobRole.Segment => 3,
        BlobRole.File => 4,
        BlobRole.Document => 5,
        BlobRole.Alien => 6,
    };
}
