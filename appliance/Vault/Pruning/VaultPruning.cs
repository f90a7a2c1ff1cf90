using System.Collections.Immutable;
using System.Text.Json;

namespace Appliance.Vault;

/// <summary>What a removal of snapshots takes along (docs/retention.md): written down before anything goes.</summary>
/// <param name="Snapshots">The snapshots to remove.</param>
/// <param name="Containers">Names of segments and files that only these snapshots name.</param>
/// <param name="Bytes">What they take, without key sidecars of files.</param>
public sealed record PruneList(ImmutableArray<Guid> Snapshots, ImmutableArray<string> Containers, long Bytes);

/// <summary>Finds what only some snapshots need, and removes it.</summary>
internal sealed class VaultPruning(OrgVault vault, IBlobStore store, ContainerStore containers)
{
    public const string Document = "retention/prune";
    private const string Runs = "runs/";

    public async Task<PruneList> ListAsync(IReadOnlyCollection<Guid> remove, CancellationToken cancellationToken)
    {
        var (going, staying) = await NamedAsync(remove, cancellationToken);
        foreach (var name in staying.Keys) going.Remove(name);
        var files = await ReferencesAsync(going.Values, cancellationToken);
        if (files.Count > 0) files.ExceptWith(await ReferencesAsync(staying.Values, cancellationToken));
        if (files.Count > 0) files.ExceptWith(await OfUnfinishedRunsAsync(cancellationToken));
        var (names, bytes) = (ImmutableArray.CreateBuilder<string>(), going.Values.Sum(g => g.Segment.StoredBytes));
        names.AddRange(going.Keys.Order(StringComparer.Ordinal));
        foreach (var file in files.Select(FileName).Order(StringComparer.Ordinal))
        {
            if (await store.LengthAsync(file, cancellationToken) is not { } length) continue;
            names.Add(file);
            bytes += length;
        }
        return new PruneList([.. remove.Order()], names.ToImmutable(), bytes);
    }

    /// <summary>The list without what has come into use since it was written: a backup may have found a file that was still there.</summary>
    public async Task<PruneList> ReviewAsync(PruneList list, CancellationToken cancellationToken)
    {
        var (_, staying) = await NamedAsync(list.Snapshots, cancellationToken);
        var contents = (await ReferencesAsync(staying.Values, cancellationToken)).Concat(await OfUnfinishedRunsAsync(cancellationToken));
        var used = staying.Keys.Concat(contents.Select(FileName)).ToHashSet(StringComparer.Ordinal);
        return list with { Containers = [.. list.Containers.Where(name => !used.Contains(name))] };
    }

    public Task WriteAsync(PruneList list, CancellationToken cancellationToken) =>
        vault.ReplaceDocumentAsync(Document, JsonSerializer.SerializeToUtf8Bytes(list), cancellationToken);

    public async Task<PruneList?> FindAsync(CancellationToken cancellationToken) =>
        await vault.GetDocumentAsync(Document, cancellationToken) is { } json ? JsonSerializer.Deserialize<PruneList>(json) : null;

    public async Task RemoveAsync(PruneList list, Action<int> progress, CancellationToken cancellationToken)
    {
        foreach (var id in list.Snapshots) await store.DeleteAsync(VaultNames.Manifest(id, vault.Encrypted), cancellationToken);
        foreach (var id in list.Snapshots) await vault.DeleteDocumentAsync(CertificateJson.Document(id), cancellationToken);
        var removed = 0;
        foreach (var name in list.Containers)
        {
            if (VaultNames.Role(name) is not (BlobRole.Segment or BlobRole.File)) throw VaultException.Damaged(Document, $"it names {name}, which is neither a segment nor a file");
            if (await store.LengthAsync(name, cancellationToken) is not null)
            {
                var sidecar = vault.Encrypted ? VaultNames.Sidecar(name, (await ContainerTail.ReadAsync(store, name, cancellationToken)).Sha256) : null;
                await store.DeleteAsync(name, cancellationToken);
                if (sidecar is not null) await store.DeleteAsync(sidecar, cancellationToken);
            }
            progress(++removed);
        }
        await vault.DeleteDocumentAsync(Document, cancellationToken);
    }

    private async Task<(Dictionary<string, (string Object, SegmentRef Segment)> Going, Dictionary<string, (string Object, SegmentRef Segment)> Staying)> NamedAsync(
        IReadOnlyCollection<Guid> remove, CancellationToken cancellationToken)
    {
        var going = new Dictionary<string, (string Object, SegmentRef Segment)>(StringComparer.Ordinal);
        var staying = new Dictionary<string, (string Object, SegmentRef Segment)>(StringComparer.Ordinal);
        await foreach (var id in vault.ListSnapshotsAsync(cancellationToken))
            foreach (var entry in (await vault.ReadManifestAsync(id, cancellationToken)).Entries)
                foreach (var segment in entry.Segments)
                    (remove.Contains(id) ? going : staying)[VaultNames.Segment(entry.Name, segment.Id, vault.Encrypted)] = (entry.Name, segment);
        return (going, staying);
    }

    /// <summary>
    /// Contents that unfinished runs name, in what their checkpoints say and in the segments that they wrote: a run that goes on does not look at them again. (A removal may pass a backup
    /// that waits for room.)
    /// </summary>
    private async Task<HashSet<string>> OfUnfinishedRunsAsync(CancellationToken cancellationToken)
    {
        var (named, segments) = (new HashSet<string>(StringComparer.Ordinal), new List<(string Object, SegmentRef Segment)>());
        var finished = new HashSet<string>(StringComparer.Ordinal);       // their manifests tell, and their checkpoints only wait to be cleared
        await foreach (var id in vault.ListSnapshotsAsync(cancellationToken)) finished.Add($"{Runs}{id:N}");
        await foreach (var name in vault.ListDocumentsAsync(Runs, cancellationToken))
        {
            if (!name.EndsWith(".json", StringComparison.Ordinal) || finished.Contains(name[..name.IndexOf('/', Runs.Length)]) || await vault.GetDocumentAsync(name, cancellationToken) is not { } json) continue;
            using var document = JsonDocument.Parse(json);
            if (name.Contains("/unchanged/", StringComparison.Ordinal)) foreach (var noted in document.RootElement.EnumerateObject()) Collect(noted.Value, noted.Name);
            else Collect(document.RootElement, name.Contains("/objects/", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(name) : MetadataEntry.Name);
        }
        foreach (var (objectName, segment) in segments.DistinctBy(s => s.Segment.Id))
            if (await store.LengthAsync(VaultNames.Segment(objectName, segment.Id, vault.Encrypted), cancellationToken) is not null)
                named.UnionWith(await ReferencesAsync([(objectName, segment)], cancellationToken));
        return named;

        void Collect(JsonElement element, string objectName)
        {
            if (element.ValueKind == JsonValueKind.String && ContentReference.TryParse(element.GetString(), out var reference)) named.Add(reference.Sha256);
            else if (element.ValueKind == JsonValueKind.Array) foreach (var item in element.EnumerateArray()) Collect(item, objectName);
            else if (element.ValueKind == JsonValueKind.Object)
                foreach (var member in element.EnumerateObject())
                {
                    if (member.Name == nameof(ObjectEntry.Segments) && member.Value.ValueKind == JsonValueKind.Array)
                        segments.AddRange(member.Value.Deserialize<SegmentRef[]>()!.Select(s => (objectName, s)));
                    else Collect(member.Value, objectName);
                }
        }
    }

    private string FileName(string sha256) =>
        VaultNames.File(FileWriter.NameBytes(containers.Keys, vault.Encrypted, Convert.FromHexString(sha256)), vault.Encrypted);

    // Contents that the segments' records name, by SHA-256. A reference is a whole cell, so the bytes of the blocks tell.
    private async Task<HashSet<string>> ReferencesAsync(IEnumerable<(string Object, SegmentRef Segment)> segments, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (objectName, segment) in segments)
        {
            if (segment.Kind == SegmentKind.Tombstones) continue;
            var reader = await SegmentReader.OpenAsync(containers, objectName, segment, cancellationToken);
            for (var number = 0; number < reader.Blocks; number++)
            {
                var (block, start) = await reader.ReadRowsAsync(number, cancellationToken);
                using (block) ContentReferences.Scan(block.Memory.Span[start..], reference => found.Add(reference.Sha256));
            }
        }
        return found;
    }
}
