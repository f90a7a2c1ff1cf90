using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>
/// Reads one object of one run into segments: all rows, or those changed since the watermark. May be killed anywhere; the next call with the
/// same checkpoints goes on after the last page whose rows are durable.
/// </summary>
public sealed class ObjectBackup(
    Org org, OrgVault vault, SnapshotReader? held, BackupCheckpoints checkpoints, Guid snapshotId, RunStart run, JobProgress progress, EngineOptions options,
    TimeProvider time)
{
    // A page of a bulk result is the unit that is read again after a failure; it costs one API call.
    private const int PageRows = 50_000;
    private const int Attempts = 4;

    public async Task<ObjectEntry> RunAsync(ObjectScope scope, ObjectEntry? previous, CancellationToken cancellationToken)
    {
        var checkpoint = await checkpoints.ObjectAsync(scope.Name, cancellationToken);
        if (checkpoint.Done is { } done) return Counted(done, checkpoint.Counts);

        var since = ChangesOnly(scope, previous) ? previous : null;
        checkpoint = await ReadAllAsync(scope, since, checkpoint, cancellationToken);

        var entry = new ObjectEntry
        {
            Name = scope.Name,
            Label = scope.Describe.Label,
            SchemaHash = scope.SchemaHash,
            Segments = [.. since?.Segments ?? [], .. checkpoint.Segments],
            Watermark = run.OrgTime - options.WatermarkOverlap,
            LiveRecords = checkpoint.Counts.Live,
            DeletedRecords = checkpoint.Counts.Deleted,
            ReadRecords = checkpoint.Counts.Read,
            Files = checkpoint.Counts.Files,
            Explanation = checkpoint.Explanation,
        };
        var (complete, deletesFound) = await new Completeness(org, vault, snapshotId, progress, options).ProveAsync(scope, entry, cancellationToken);
        var counts = checkpoint.Counts with { DeletesSeen = checkpoint.Counts.DeletesSeen + deletesFound };
        await checkpoints.ObjectReachedAsync(scope.Name, checkpoint with { Done = complete, Counts = counts }, cancellationToken);
        return Counted(complete, counts);
    }

    /// <summary>A page that breaks off is read again from the last checkpoint, with the rows since then forgotten.</summary>
    private async Task<ObjectCheckpoint> ReadAllAsync(ObjectScope scope, ObjectEntry? since, ObjectCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        for (var attempt = 1; !checkpoint.AllRead; attempt++)
        {
            try
            {
                checkpoint = await new Reading(this, scope, since, checkpoint).ReadAsync(cancellationToken);
            }
            catch (SalesforceException e) when (e.Kind == FailureKind.Transient && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt * attempt), time, cancellationToken);
                checkpoint = await checkpoints.ObjectAsync(scope.Name, cancellationToken);
            }
        }
        return checkpoint;
    }

    private ObjectEntry Counted(ObjectEntry entry, ObjectCounts counts)
    {
        progress.SawDeletes(counts.DeletesSeen);
        progress.ObjectDone();
        return entry;
    }

    /// <summary>
    /// Only changes are read when the org can tell them and the held rows have every column of today: a new field has no stamp on old rows, so
    /// the object is read whole once after its schema grew.
    /// </summary>
    private bool ChangesOnly(ObjectScope scope, ObjectEntry? previous) =>
        run.Kind == SnapshotKind.Incremental && previous is { Watermark: not null } && scope.ChangeField is not null && held is not null
        && (previous.SchemaHash == scope.SchemaHash || previous.Segments.IsEmpty || scope.Columns.All(held.Columns(scope.Name).Contains));

    private sealed class Reading(ObjectBackup backup, ObjectScope scope, ObjectEntry? since, ObjectCheckpoint checkpoint)
    {
        private readonly RowWriter _rows = new(backup.org, backup.vault, scope, backup.snapshotId, backup.progress, backup.options);
        private ObjectCounts _counts = checkpoint.NextLocator is null ? StartCounts(since) : checkpoint.Counts;
        private ObjectCheckpoint _checkpoint = checkpoint;

        private static ObjectCounts StartCounts(ObjectEntry? since) => since is null
            ? new ObjectCounts()
            : new ObjectCounts { Live = since.LiveRecords, Deleted = since.DeletedRecords, Files = since.Files };

        public async Task<ObjectCheckpoint> ReadAsync(CancellationToken cancellationToken)
        {
            await ReadRowsAsync(cancellationToken);
            return _checkpoint;
        }

        private async Task ReadRowsAsync(CancellationToken cancellationToken)
        {
            var where = since is null ? null : $"{scope.ChangeField} >= {SoqlText.Literal(since.Watermark!.Value)}";
            var soql = SoqlText.Select(scope.Name, scope.QueriedColumns, where);
            if (_checkpoint.QueryJobId is not null)
            {
                await ReadByBulkAsync(soql, cancellationToken);
                return;
            }
            var expected = await backup.org.CountAsync(scope.Name, where, includeDeleted: false, cancellationToken);
            backup.progress.Expect(expected);
            if (expected <= backup.options.RestRows && SoqlText.FitsUri(soql))
            {
                await ReadByRestAsync(soql, cancellationToken);
                return;
            }
            try
            {
                await ReadByBulkAsync(soql, cancellationToken);
            }
            catch (SalesforceException e) when (e.BulkUnsupported)
            {
                await ReadByRestAsync(soql, cancellationToken);
            }
        }

        private async Task ReadByRestAsync(string soql, CancellationToken cancellationToken)
        {
            await foreach (var batch in RestrictedQuery.ReadAsync(backup.org, backup.vault, scope, soql, backup.snapshotId, cancellationToken))
                await AppendAsync(batch, cancellationToken);
            await SealAsync(null, null, cancellationToken);
        }

        private async Task ReadByBulkAsync(string soql, CancellationToken cancellationToken)
        {
            var resumed = _checkpoint.QueryJobId is not null;
            var jobId = _checkpoint.QueryJobId ?? await backup.org.CreateQueryJobAsync(soql, includeDeleted: true, cancellationToken);
            if (!resumed) await ReachedAsync(_checkpoint with { QueryJobId = jobId }, cancellationToken);
            try
            {
                await backup.org.WaitForQueryJobAsync(jobId, null, cancellationToken);
                var locator = _checkpoint.NextLocator;
                await foreach (var page in backup.org.QueryPagesAsync(jobId, locator, PageRows, cancellationToken))
                {
                    await foreach (var batch in page.Batches.WithCancellation(cancellationToken)) await AppendAsync(batch, cancellationToken);
                    if (page.NextLocator is not null && !_rows.ShouldSeal) continue;   // small pages share a segment
                    await SealAsync(jobId, page.NextLocator, cancellationToken);
                }
            }
            catch (SalesforceException e) when (resumed && e.StatusCode == 404)
            {
                // Results live seven days; a run continued later than that reads the object from the start.
                _counts = StartCounts(since);
                _checkpoint = new ObjectCheckpoint();
                await ReadByBulkAsync(soql, cancellationToken);
            }
        }

        private async Task SealAsync(string? jobId, string? nextLocator, CancellationToken cancellationToken)
        {
            var sealedNow = await _rows.SealAsync(cancellationToken);
            await ReachedAsync(
                _checkpoint with { QueryJobId = jobId, NextLocator = nextLocator, Segments = [.. _checkpoint.Segments, .. sealedNow], Counts = _counts,
                    AllRead = nextLocator is null, Explanation = _rows.Explanation,
                },
                cancellationToken);
        }

        private Task ReachedAsync(ObjectCheckpoint reached, CancellationToken cancellationToken)
        {
            _checkpoint = reached;
            return backup.checkpoints.ObjectReachedAsync(scope.Name, reached, cancellationToken);
        }

        private async Task AppendAsync(RecordBatch batch, CancellationToken cancellationToken)
        {
            var known = since is null ? [] : await HeldAsync(batch, cancellationToken);
            var columns = new BatchColumns(batch, scope);
            var rows = new List<int>(batch.Count);
            for (var row = 0; row < batch.Count; row++)
                if (!columns.SameAs(known.GetValueOrDefault(batch.Text(row, columns.Id)), row)) rows.Add(row);

            var files = await _rows.AppendAsync(batch, columns, rows, known, cancellationToken);
            foreach (var row in rows)
                Count(columns.IsDeleted(row), known.GetValueOrDefault(batch.Text(row, columns.Id)), files.GetValueOrDefault(row));
            backup.progress.Read(batch.Count);
        }

        private async Task<Dictionary<string, StoredRecord>> HeldAsync(RecordBatch batch, CancellationToken cancellationToken)
        {
            var ids = Enumerable.Range(0, batch.Count).Select(row => batch.Text(row, 0)).ToHashSet();
            var known = new Dictionary<string, StoredRecord>(StringComparer.Ordinal);
            await foreach (var record in backup.held!.LookupAsync(scope.Name, ids, cancellationToken)) known[record.Id] = record;
            return known;
        }

        private void Count(bool deleted, StoredRecord? before, string? file)
        {
            var wasLive = before is { Deleted: false };
            var wasDeleted = before is { Deleted: true, IsTombstone: false };
            _counts = _counts with
            {
                Read = _counts.Read + 1,
                Live = _counts.Live + (deleted ? 0 : 1) - (wasLive ? 1 : 0),
                Deleted = _counts.Deleted + (deleted ? 1 : 0) - (wasDeleted ? 1 : 0),
                DeletesSeen = _counts.DeletesSeen + (deleted && wasLive ? 1 : 0),
                Files = _counts.Files + (!deleted && !wasLive && file is { Length: > 0 } ? 1 : 0) - (deleted && wasLive && file is { Length: > 0 } ? 1 : 0),
            };
        }
    }
}
