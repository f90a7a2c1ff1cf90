using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>
/// One attempt at the rows of one object, from a checkpoint on. Whatever breaks off, the next attempt starts from the last checkpoint written here.
/// </summary>
/// <param name="since">What is held already, when only changes are read; null reads everything.</param>
/// <param name="whole">With <paramref name="since"/>: all rows are read all the same, and those kept that differ from what is held. Formula fields change without a stamp.</param>
/// <param name="expected">Rows that this will read, deleted ones included; null when nobody has counted them.</param>
/// <param name="byRest">Bulk jobs have failed too often.</param>
internal sealed class ObjectReading(RunContext run, ObjectScope scope, ObjectEntry? since, ObjectCheckpoint checkpoint, bool whole = false, long? expected = null, bool byRest = false)
{
    // A page of a bulk result is the unit that is read again after a failure; it costs one API call.
    private const int PageRows = 50_000;
    private readonly RowWriter _rows = new(run.Org, run.Vault, scope, run.SnapshotId, run.Progress, run.Options);
    private ObjectCounts _counts = checkpoint.NextLocator is null ? new ObjectCounts() : checkpoint.Counts;
    private ObjectCheckpoint _checkpoint = checkpoint;
    private readonly long? _heldUpTo = run.HeldUpTo is { } moment ? OrgIds.Digits(System.Text.Encoding.ASCII.GetBytes(SoqlText.Literal(moment))) : null;
    private static readonly Dictionary<string, HeldState> s_none = [];

    public async Task<ObjectCheckpoint> ReadAsync(CancellationToken cancellationToken)
    {
        await ReadRowsAsync(cancellationToken);
        return _checkpoint;
    }

    private async Task ReadRowsAsync(CancellationToken cancellationToken)
    {
        var where = since is null || whole ? scope.Where : $"{scope.ChangeField} >= {SoqlText.Literal(since.Watermark!.Value)}";
        var soql = SoqlText.Select(scope.Name, scope.QueriedColumns, where);
        if (_checkpoint.QueryJobId is not null)
        {
            await ReadByBulkAsync(soql, cancellationToken);
            return;
        }
        var rows = expected ?? await run.Org.CountAsync(scope.Name, where, includeDeleted: false, cancellationToken);
        run.Progress.Expect(rows);
        if (byRest || (rows <= run.Options.RestRows && SoqlText.FitsUri(soql)))
        {
            await ReadByRestAsync(where, cancellationToken);
            return;
        }
        try
        {
            await ReadByBulkAsync(soql, cancellationToken);
        }
        catch (SalesforceException e) when (e.BulkUnsupported || (e.OutOfBulk && run.Org.Budget.AffordsByRest(rows)))
        {
            await ReadByRestAsync(where, cancellationToken);
        }
    }

    private async Task ReadByRestAsync(string? where, CancellationToken cancellationToken)
    {
        await foreach (var batch in RestrictedQuery.ReadAsync(run.Org, scope, scope.QueriedColumns, where, cancellationToken))
            await AppendAsync(batch, cancellationToken);
        await SealAsync(null, null, cancellationToken);
    }

    private async Task ReadByBulkAsync(string soql, CancellationToken cancellationToken)
    {
        var jobId = _checkpoint.QueryJobId ?? await run.Org.CreateQueryJobAsync(soql, includeDeleted: true, cancellationToken);
        if (_checkpoint.QueryJobId is null) await ReachedAsync(_checkpoint with { QueryJobId = jobId, SchemaHash = scope.SchemaHash }, cancellationToken);
        await run.Turns.StepAsideAsync(run.Org.WaitForQueryJobAsync(jobId, null, cancellationToken));
        await foreach (var page in run.Org.QueryPagesAsync(jobId, _checkpoint.NextLocator, PageRows, cancellationToken))
        {
            await foreach (var batch in page.Batches.WithCancellation(cancellationToken)) await AppendAsync(batch, cancellationToken);
            if (page.NextLocator is not null && !_rows.ShouldSeal) continue;   // small pages share a segment
            await SealAsync(jobId, page.NextLocator, cancellationToken);
        }
    }

    private async Task SealAsync(string? jobId, string? nextLocator, CancellationToken cancellationToken)
    {
        var sealedNow = await _rows.SealAsync(cancellationToken);
        var reached = _checkpoint with
        {
            QueryJobId = jobId, NextLocator = nextLocator, Segments = [.. _checkpoint.Segments, .. sealedNow], Counts = _counts, AllRead = nextLocator is null, SchemaHash = scope.SchemaHash,
        };
        if (jobId is null && reached.Segments.IsEmpty) _checkpoint = reached;      // nothing that it would cost to read again
        else await ReachedAsync(reached, cancellationToken);
    }

    private Task ReachedAsync(ObjectCheckpoint reached, CancellationToken cancellationToken)
    {
        _checkpoint = reached;
        return run.Checkpoints.ObjectReachedAsync(scope.Name, reached, cancellationToken);
    }

    private async Task AppendAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        var columns = new BatchColumns(batch, scope);
        var known = since is null ? [] : await HeldAsync(batch, columns, cancellationToken);
        var states = since is null ? s_none : await StatesAsync(batch, columns, known, cancellationToken);
        // A full run knows nothing yet, and makes no text of any Id.
        StoredRecord? Known(int row) => known.Count == 0 ? null : known.GetValueOrDefault(batch.Text(row, columns.Id));
        var rows = new List<int>(batch.Count);
        for (var row = 0; row < batch.Count; row++)
            if (Known(row) is not { } held || !columns.SameAs(held, row)) rows.Add(row);

        await _rows.AppendAsync(batch, columns, rows, known, cancellationToken);
        foreach (var row in rows)
        {
            var gone = since is not null && columns.IsDeleted(row) && (Known(row) is { } held ? !held.Deleted : states.GetValueOrDefault(batch.Text(row, columns.Id), HeldState.Buried) is HeldState.Live);
            _counts = _counts with { Read = _counts.Read + 1, DeletesSeen = _counts.DeletesSeen + (gone ? 1 : 0) };
        }
        run.Progress.Read(batch.Count);
    }

    /// <summary>The held versions of rows that may be held as they are: those with a stamp from before the end of the run before, and all that hold files (which need not be read again).</summary>
    private async Task<Dictionary<string, StoredRecord>> HeldAsync(RecordBatch batch, BatchColumns columns, CancellationToken cancellationToken)
    {
        var stamp = scope.FileField is null && _heldUpTo is not null ? Array.IndexOf([.. scope.Columns], scope.ChangeField) is var at and >= 0 ? columns.Source[at] : -1 : -1;
        var ids = Enumerable.Range(0, batch.Count).Where(row => stamp < 0 || OrgIds.Digits(batch.Value(row, stamp)) <= _heldUpTo).Select(row => batch.Text(row, columns.Id)).ToHashSet();
        var known = new Dictionary<string, StoredRecord>(StringComparer.Ordinal);
        if (ids.Count == 0) return known;
        await foreach (var record in run.Held!.LookupAsync(scope.Name, ids, cancellationToken)) known[record.Id] = record;
        return known;
    }

    /// <summary>Of rows that come deleted: what was held of them, to tell a deletion from a row that was in the recycle bin before.</summary>
    private async Task<IReadOnlyDictionary<string, HeldState>> StatesAsync(
        RecordBatch batch, BatchColumns columns, Dictionary<string, StoredRecord> known, CancellationToken cancellationToken)
    {
        var ids = Enumerable.Range(0, batch.Count).Where(columns.IsDeleted).Select(row => batch.Text(row, columns.Id)).Where(id => !known.ContainsKey(id)).ToHashSet();
        return ids.Count == 0 ? s_none : await run.Held!.StatesAsync(scope.Name, ids, cancellationToken);
    }
}
