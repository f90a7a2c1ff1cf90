using System.Runtime.CompilerServices;
using System.Text;
using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>
/// Proves per object that what we hold is what Salesforce has. Counts are compared first, one call; where they differ, the Ids of both sides are
/// compared: rows that are gone from the org (hard deletes, which no query shows) become tombstones, rows that we lack (committed late, behind
/// the watermark) are read by Id. What still differs afterwards is said in the entry, never hidden.
/// </summary>
public sealed class Completeness(Org org, OrgVault vault, Guid snapshotId, JobProgress progress, EngineOptions options)
{
    private const int IdsPerQuery = 200;

    public async Task<(ObjectEntry Entry, long DeletesFound)> ProveAsync(ObjectScope scope, ObjectEntry entry, CancellationToken cancellationToken)
    {
        // Archived activities answer only to queryAll, so both sides are counted there, without the deleted rows.
        var live = scope.HasIsDeleted ? "IsDeleted = false" : null;
        long count;
        try
        {
            count = await org.CountAsync(scope.Name, live, includeDeleted: true, cancellationToken);
        }
        catch (SalesforceException e) when (e.Kind == FailureKind.Permanent)
        {
            return (entry with { Explanation = Join(entry.Explanation, $"Salesforce does not count this object: {e.ErrorCode}") }, 0);
        }
        if (count == entry.LiveRecords) return (entry with { OrgCount = count }, 0);

        var orgIds = new IdSet();
        await foreach (var batch in ListIdsAsync(scope, live, count, cancellationToken))
            for (var row = 0; row < batch.Count; row++) orgIds.Add(batch.Value(row, 0));

        var (reconciled, gone) = await BuryAsync(scope, entry, orgIds, cancellationToken);
        reconciled = await FetchMissingAsync(scope, reconciled, orgIds, cancellationToken);
        var held = await CountHeldAsync(reconciled, cancellationToken);
        return (reconciled with
        {
            OrgCount = orgIds.CountDistinct(),
            LiveRecords = held.Live,
            DeletedRecords = held.Deleted,
            Explanation = held.Live == orgIds.CountDistinct()
                ? reconciled.Explanation
                : Join(reconciled.Explanation, $"Salesforce lists {orgIds.CountDistinct()} rows, {held.Live} are held; the object changed while it was read"),
        }, gone);
    }

    private async Task<(ObjectEntry, long Gone)> BuryAsync(ObjectScope scope, ObjectEntry entry, IdSet orgIds, CancellationToken cancellationToken)
    {
        var graves = vault.NewSegments(scope.Name, snapshotId, SegmentKind.Tombstones, ["Id"]);
        long gone = 0;
        await foreach (var record in ReaderOf(entry).ReadAsync(scope.Name, null, includeDeleted: false, cancellationToken))
        {
            if (orgIds.Contains(record.Id)) continue;
            graves.BeginRow();
            graves.Add(Encoding.ASCII.GetBytes(record.Id));
            graves.EndRow();
            gone++;
        }
        if (gone == 0) return (entry, 0);
        var sealedNow = await graves.SealAsync(cancellationToken);
        progress.Stored(sealedNow.Sum(s => s.StoredBytes));
        return (entry with { Segments = [.. entry.Segments, .. sealedNow] }, gone);
    }

    private async Task<ObjectEntry> FetchMissingAsync(ObjectScope scope, ObjectEntry entry, IdSet orgIds, CancellationToken cancellationToken)
    {
        var heldIds = new IdSet();
        await foreach (var record in ReaderOf(entry).ReadAsync(scope.Name, null, includeDeleted: false, cancellationToken))
            heldIds.Add(Encoding.ASCII.GetBytes(record.Id));
        var missing = new List<string>();
        if (heldIds.CountDistinct() < orgIds.CountDistinct())
            await foreach (var batch in ListIdsAsync(scope, null, orgIds.CountDistinct(), cancellationToken))
                for (var row = 0; row < batch.Count; row++)
                    if (!heldIds.Contains(batch.Value(row, 0)) && orgIds.Contains(batch.Value(row, 0))) missing.Add(batch.Text(row, 0));
        return missing.Count == 0 ? entry : await FetchAsync(scope, entry, missing, cancellationToken);
    }

    /// <summary>Files that an earlier run could not read are tried again: their rows have not changed, so no query for changes names them.</summary>
    public async Task<ObjectEntry> FetchLostFilesAsync(ObjectScope scope, ObjectEntry entry, CancellationToken cancellationToken)
    {
        var without = new List<string>();
        await foreach (var record in ReaderOf(entry).ReadAsync(scope.Name, null, includeDeleted: false, cancellationToken))
            if (string.IsNullOrEmpty(record[scope.FileField!])) without.Add(record.Id);
        return without.Count == 0 ? entry : await FetchAsync(scope, entry with { Explanation = null }, without, cancellationToken);
    }

    /// <summary>Reads the rows with these Ids, and their files, on top of what is held.</summary>
    private async Task<ObjectEntry> FetchAsync(ObjectScope scope, ObjectEntry entry, List<string> missing, CancellationToken cancellationToken)
    {
        var rows = new RowWriter(org, vault, scope, snapshotId, progress, options);
        var files = 0;
        foreach (var ids in missing.Chunk(IdsPerQuery))
        {
            var soql = SoqlText.Select(scope.Name, scope.QueriedColumns, SoqlText.In("Id", ids));
            await foreach (var batch in org.QueryAsync(soql, includeDeleted: true, cancellationToken))
                files += (await rows.AppendAsync(
                    batch, new BatchColumns(batch, scope), [.. Enumerable.Range(0, batch.Count)], new Dictionary<string, StoredRecord>(), cancellationToken)).Values.Count(f => f.Length > 0);
        }
        var sealedNow = await rows.SealAsync(cancellationToken);
        return entry with
        {
            Segments = [.. entry.Segments, .. sealedNow], ReadRecords = entry.ReadRecords + missing.Count,
            Files = entry.Files + files, Explanation = Join(entry.Explanation, rows.Explanation),
        };
    }

    private async IAsyncEnumerable<RecordBatch> ListIdsAsync(
        ObjectScope scope, string? where, long expected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var soql = SoqlText.Select(scope.Name, ["Id"], where);
        if (expected <= options.RestRows)
        {
            await foreach (var batch in org.QueryAsync(soql, includeDeleted: true, cancellationToken)) yield return batch;
            yield break;
        }
        await foreach (var batch in BulkRows.ReadAsync(org, soql, cancellationToken)) yield return batch;
    }

    private async Task<(long Live, long Deleted)> CountHeldAsync(ObjectEntry entry, CancellationToken cancellationToken)
    {
        long live = 0, deleted = 0;
        await foreach (var record in ReaderOf(entry).ReadAsync(entry.Name, null, includeDeleted: true, cancellationToken))
        {
            if (record.IsTombstone) continue;
            if (record.Deleted) deleted++;
            else live++;
        }
        return (live, deleted);
    }

    private SnapshotReader ReaderOf(ObjectEntry entry) => vault.Open(new SnapshotManifest
    {
        SnapshotId = snapshotId, VaultId = vault.VaultId, OrgId = vault.OrgId, Kind = SnapshotKind.Full,
        StartedAt = org.ServerTime, CompletedAt = org.ServerTime, Objects = [entry],
    });

    public static string? Join(string? first, string? second) => first is null || second is null ? first ?? second : $"{first}; {second}";
}
