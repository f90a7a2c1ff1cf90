using System.Collections.Immutable;
using Appliance.Catalog;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Browsing;

public sealed record ColumnView(string Name, string Label, string Type);

/// <summary>A page of records in Id order. <see cref="Next"/> is the Id to go on after, null on the last page.</summary>
public sealed record RecordPage(ImmutableArray<ColumnView> Columns, ImmutableArray<ImmutableArray<string?>> Records, string? Next);

public sealed record RecordView(string RecordId, bool Deleted, ImmutableArray<ColumnView> Columns, ImmutableDictionary<string, string?> Fields);

public sealed record FieldChange(string? From, string? To);

/// <summary>One version of one record, as the run of that snapshot found it.</summary>
public sealed record HistoryEntry(
    Guid SnapshotId, DateTimeOffset SnapshotAt, string? ModifiedAt, bool Deleted, ImmutableSortedDictionary<string, FieldChange> Changed);

/// <summary>A file of a record: its bytes are verified against their hash while they are read.</summary>
public sealed record FileView(Stream Content, long Length, string Name);

/// <summary>Reads snapshots for people. Every snapshot reads as a full, whatever was stored that day.</summary>
public sealed class SnapshotBrowser(Snapshots snapshots, Orgs orgs, Vaults vaults)
{
    /// <summary>Null when there is no such snapshot.</summary>
    public async Task<SnapshotManifest?> ManifestAsync(Guid snapshotId, CancellationToken cancellationToken) =>
        await OpenAsync(snapshotId, cancellationToken) is { } open ? open.Manifest : null;

    /// <summary>Null when there is no such snapshot, or an older release took it.</summary>
    public async Task<CompletenessCertificate?> CertificateAsync(Guid snapshotId, CancellationToken cancellationToken) =>
        await OpenAsync(snapshotId, cancellationToken) is { } open ? await open.Vault.ReadCertificateAsync(open.Manifest, cancellationToken) : null;

    /// <summary>Null when the snapshot, or the object in it, does not exist.</summary>
    public async Task<RecordPage?> PageAsync(Guid snapshotId, string objectName, string? after, int limit, bool deleted, CancellationToken cancellationToken)
    {
        if (await OpenAsync(snapshotId, cancellationToken) is not { } open || Entry(open.Manifest, objectName) is not { } entry) return null;
        var reader = open.Vault.Open(open.Manifest);
        var columns = await ColumnsAsync(open.Vault, entry, reader, cancellationToken);
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<string?>>();
        await foreach (var record in reader.ReadAsync(objectName, after, includeDeleted: deleted, cancellationToken))
        {
            if (deleted && !record.Deleted) continue;
            if (rows.Count == limit) return new RecordPage(columns, rows.ToImmutable(), rows[^1][0]);
            rows.Add([.. columns.Select(c => record[c.Name])]);
        }
        return new RecordPage(columns, rows.ToImmutable(), null);
    }

    public async Task<RecordView?> RecordAsync(Guid snapshotId, string objectName, string recordId, CancellationToken cancellationToken)
    {
        if (await OpenAsync(snapshotId, cancellationToken) is not { } open || Entry(open.Manifest, objectName) is not { } entry) return null;
        var reader = open.Vault.Open(open.Manifest);
        var columns = await ColumnsAsync(open.Vault, entry, reader, cancellationToken);
        await foreach (var record in reader.LookupAsync(objectName, [recordId], cancellationToken))
            return new RecordView(record.Id, record.Deleted, columns, columns.ToImmutableDictionary(c => c.Name, c => record[c.Name]));
        return null;
    }

    /// <summary>All versions of one record over all snapshots of the org, newest first.</summary>
    public async Task<IReadOnlyList<HistoryEntry>?> HistoryAsync(Guid orgId, string objectName, string recordId, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is not { } org) return null;
        var vault = await vaults.OpenAsync(org, cancellationToken);
        var taken = new Dictionary<Guid, DateTimeOffset>();
        var segments = new List<SegmentRef>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        ObjectEntry? newest = null;
        SnapshotManifest? manifest = null;
        foreach (var row in (await snapshots.ListAsync(orgId, cancellationToken)).Reverse())
        {
            taken[row.Id] = row.StartedAt;     // the moment that names the snapshot everywhere
            manifest = await vault.ReadManifestAsync(row.Id, cancellationToken);
            if (Entry(manifest, objectName) is not { } entry) continue;
            newest = entry;
            segments.AddRange(entry.Segments.Where(s => known.Add(s.Id)));
        }
        if (newest is null) return [];
        // One entry that names every segment ever written for the object: the record's life is whatever they hold under its Id.
        var all = manifest! with { Objects = [newest with { Segments = [.. segments] }] };
        var history = new List<HistoryEntry>();
        StoredRecord? before = null;
        var gone = false;
        await foreach (var version in vault.Open(all).HistoryAsync(objectName, recordId, cancellationToken))
        {
            var changed = Changes(before, version.Record);
            // A full read found it as it was, or a merge of segments carried it on.
            if (before is not null && changed.IsEmpty && (gone || before.Deleted) == version.Record.Deleted) continue;
            gone = version.Record.IsTombstone;
            history.Add(new HistoryEntry(
                version.SnapshotId, taken.GetValueOrDefault(version.SnapshotId), version.Record["SystemModstamp"] ?? version.Record["LastModifiedDate"],
                version.Record.Deleted, changed));
            before = version.Record.IsTombstone ? before : version.Record;
        }
        history.Reverse();
        return history;
    }

    /// <summary>Null when the record has no such file in this snapshot.</summary>
    public async Task<FileView?> FileAsync(Guid snapshotId, string objectName, string recordId, string field, CancellationToken cancellationToken)
    {
        if (await OpenAsync(snapshotId, cancellationToken) is not { } open || Entry(open.Manifest, objectName) is null) return null;
        await foreach (var record in open.Vault.Open(open.Manifest).LookupAsync(objectName, [recordId], cancellationToken))
            if (ContentReference.TryParse(record[field], out var reference))
                return new FileView(
                    await open.Vault.OpenFileAsync(reference, cancellationToken), reference.Length, record["PathOnClient"] ?? record["Name"] ?? record.Id);
        return null;
    }

    private static ImmutableSortedDictionary<string, FieldChange> Changes(StoredRecord? before, StoredRecord after)
    {
        var changes = ImmutableSortedDictionary.CreateBuilder<string, FieldChange>(StringComparer.Ordinal);
        if (after.IsTombstone) return changes.ToImmutable();
        foreach (var column in after.Columns)
            if ((before?[column] ?? "") != (after[column] ?? "")) changes[column] = new FieldChange(before?[column], after[column]);
        return changes.ToImmutable();
    }

    private static ObjectEntry? Entry(SnapshotManifest manifest, string objectName) => manifest.Objects.FirstOrDefault(o => o.Name == objectName);

    private static async Task<ImmutableArray<ColumnView>> ColumnsAsync(OrgVault vault, ObjectEntry entry, SnapshotReader reader, CancellationToken cancellationToken)
    {
        var schema = await vault.GetDocumentAsync($"schemas/{entry.SchemaHash}.json", cancellationToken);
        var fields = schema is null ? [] : ObjectDescribe.Parse(schema).Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
        var names = await reader.ColumnsAsync(entry.Name, cancellationToken);
        return [.. names.Select(name => fields.TryGetValue(name, out var f) ? new ColumnView(name, f.Label, f.Type) : new ColumnView(name, name, "string"))];
    }

    private async Task<(OrgVault Vault, SnapshotManifest Manifest)?> OpenAsync(Guid snapshotId, CancellationToken cancellationToken)
    {
        if (await snapshots.FindAsync(snapshotId, cancellationToken) is not { } row || await orgs.FindAsync(row.OrgId, cancellationToken) is not { } org) return null;
        var vault = await vaults.OpenAsync(org, cancellationToken);
        return (vault, await vault.ReadManifestAsync(snapshotId, cancellationToken));
    }
}
