using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>
/// One attempt at the rows of one object, from a checkpoint on. Whatever breaks off, the next attempt starts from the last checkpoint written here.
/// </summary>
/// <param name="since">What is held already, when only changes are read; null reads everything.</param>
internal sealed class ObjectReading(RunContext run, ObjectScope scope, ObjectEntry? since, ObjectCheckpoint checkpoint)
{
    // A page of a bulk result is the unit that is read again after a failure; it costs one API call.
    private const int PageRows = 50_000;
    private RowWriter _rows = new(run.Org, run.Vault, scope, run.SnapshotId, run.Progress, run.Options);
    private ObjectCounts _counts = checkpoint.NextLocator is null ? StartCounts(since) : checkpoint.Counts;
    private ObjectCheckpoint _checkpoint = checkpoint;
    private readonly string? _before = checkpoint.Explanation;   // of rows that an earlier attempt made durable

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
        var expected = await run.Org.CountAsync(scope.Name, where, includeDeleted: false, cancellationToken);
        run.Progress.Expect(expected);
        if (expected <= run.Options.RestRows && SoqlText.FitsUri(soql))
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
        await foreach (var batch in RestrictedQuery.ReadAsync(run.Org, run.Vault, scope, soql, run.SnapshotId, cancellationToken))
            await AppendAsync(batch, cancellationToken);
        await SealAsync(null, null, cancellationToken);
    }

    private async Task ReadByBulkAsync(string soql, CancellationToken cancellationToken)
    {
        var resumed = _checkpoint.QueryJobId is not null;
        var jobId = _checkpoint.QueryJobId ?? await run.Org.CreateQueryJobAsync(soql, includeDeleted: true, cancellationToken);
        if (!resumed) await ReachedAsync(_checkpoint with { QueryJobId = jobId }, cancellationToken);
        try
        {
            await run.Org.WaitForQueryJobAsync(jobId, null, cancellationToken);
            var locator = _checkpoint.NextLocator;
            await foreach (var page in run.Org.QueryPagesAsync(jobId, locator, PageRows, cancellationToken))
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
            _rows = new RowWriter(run.Org, run.Vault, scope, run.SnapshotId, run.Progress, run.Options);   // what waits there is read again
            _checkpoint = new ObjectCheckpoint();
            await ReadByBulkAsync(soql, cancellationToken);
        }
    }

    private async Task SealAsync(string? jobId, string? nextLocator, CancellationToken cancellationToken)
    {
        var sealedNow = await _rows.SealAsync(cancellationToken);
        await ReachedAsync(
            _checkpoint with { QueryJobId = jobId, NextLocator = nextLocator, Segments = [.. _checkpoint.Segments, .. sealedNow], Counts = _counts,
                AllRead = nextLocator is null, Explanation = Completeness.Join(_before, _rows.Explanation),
            },
            cancellationToken);
    }

    private Task ReachedAsync(ObjectCheckpoint reached, CancellationToken cancellationToken)
    {
        _checkpoint = reached;
        return run.Checkpoints.ObjectReachedAsync(scope.Name, reached, cancellationToken);
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
        run.Progress.Read(batch.Count);
    }

    private async Task<Dictionary<string, StoredRecord>> HeldAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        var ids = Enumerable.Range(0, batch.Count).Select(row => batch.Text(row, 0)).ToHashSet();
        var known = new Dictionary<string, StoredRecord>(StringComparer.Ordinal);
        await foreach (var record in run.Held!.LookupAsync(scope.Name, ids, cancellationToken)) known[record.Id] = record;
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
