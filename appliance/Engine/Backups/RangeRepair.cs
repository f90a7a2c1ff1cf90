using System.Collections.Immutable;
using System.Text;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>
/// Holds the Ids of a range against those that Salesforce lists, both in order, and mends what differs: rows that we lack or hold in an older
/// version are read by Id; rows that are gone without a trace are buried, but only after Salesforce was asked for them by Id. Memory: the
/// listing of one range and some hundred rows.
/// </summary>
internal sealed class RangeRepair(RunContext run, ObjectScope scope, ObjectEntry entry, DateTimeOffset? since)
{
    private const int IdsPerQuery = 200;
    // Asking for each of a million purged rows would cost thousands of calls; when the list agrees with Salesforce's own count, it is believed.
    private const int MostAsked = 10_000;
    private enum Why { Missing, Changed, Gone }

    private readonly RowWriter _rows = new(run.Org, run.Vault, scope, run.SnapshotId, run.Progress, run.Options);
    private readonly SegmentWriter _graves = run.Vault.NewSegments(scope.Name, run.SnapshotId, SegmentKind.Tombstones, ["Id"]);
    private readonly SnapshotReader _held = run.ReaderOf(scope.Name, entry.Segments);
    private readonly ImmutableArray<SegmentRef>.Builder _sealed = ImmutableArray.CreateBuilder<SegmentRef>();
    private readonly List<(string Id, Why Why, long Stamp)> _waiting = [];
    private readonly List<string> _refused = [];
    private long _live, _asked;

    public long Fetched { get; private set; }
    public long LateRows { get; private set; }
    public long LateChanges { get; private set; }
    public long Gone { get; private set; }
    public long HardDeletes { get; private set; }

    /// <summary>Rows that Salesforce lists and does not give; the first ones by Id.</summary>
    public (long Count, ImmutableArray<string> Ids) Refused => (_refused.Count, [.. _refused.Take(CompletenessGap.MostIds)]);

    public string? RefusedBecause { get; private set; }

    /// <summary>Compares one range and answers how many live rows Salesforce has in it by now.</summary>
    /// <param name="counted">What Salesforce said when it counted the range; null when it did not.</param>
    public async Task<long> CompareAsync(HeldRange range, OrgIds listed, long? counted, CancellationToken cancellationToken)
    {
        _live = listed.Count;
        var believed = counted == listed.Count;
        var next = 0;
        await foreach (var record in _held.ReadAsync(scope.Name, range.After, includeDeleted: true, cancellationToken))
        {
            if (range.UpTo is not null && string.CompareOrdinal(record.Id, range.UpTo) > 0) break;
            var id = PackedId.Of(record.Id);
            for (; next < listed.Count && listed[next] < id; next++) await AskAsync(PackedId.Text(listed[next]), Why.Missing, listed.Stamp(next), cancellationToken);
            if (next < listed.Count && listed[next] == id)
            {
                var stamp = listed.Stamp(next++);
                if (record.Deleted) await AskAsync(record.Id, Why.Missing, stamp, cancellationToken);
                else if (scope.ChangeField is { } field && OrgIds.Digits(record.Utf8(field)) != stamp) await AskAsync(record.Id, Why.Changed, stamp, cancellationToken);
            }
            else if (!record.Deleted)
            {
                if (believed && _asked >= MostAsked) Bury(record.Id);
                else await AskAsync(record.Id, Why.Gone, 0, cancellationToken);
            }
        }
        for (; next < listed.Count; next++) await AskAsync(PackedId.Text(listed[next]), Why.Missing, listed.Stamp(next), cancellationToken);
        await FetchAsync(cancellationToken);
        return _live;
    }

    /// <summary>Reads these rows again, and their files.</summary>
    public async Task FetchAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids) await AskAsync(id, Why.Changed, 0, cancellationToken);
        await FetchAsync(cancellationToken);
    }

    /// <summary>Looks at rows that the log of deletions names.</summary>
    public async Task ReviewAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await foreach (var record in _held.LookupAsync(scope.Name, ids, cancellationToken))
            if (!record.Deleted) await AskAsync(record.Id, Why.Gone, 0, cancellationToken);
        await FetchAsync(cancellationToken);
    }

    /// <summary>Makes the repair durable.</summary>
    public async Task<ImmutableArray<SegmentRef>> SealAsync(CancellationToken cancellationToken)
    {
        _sealed.AddRange(await _rows.SealAsync(cancellationToken));
        _sealed.AddRange(await _graves.SealAsync(cancellationToken));
        run.Progress.Stored(_sealed.Where(s => s.Kind == SegmentKind.Tombstones).Sum(s => s.StoredBytes));
        return _sealed.ToImmutable();
    }

    private async Task AskAsync(string id, Why why, long stamp, CancellationToken cancellationToken)
    {
        _waiting.Add((id, why, stamp));
        _asked++;
        if (_waiting.Count == IdsPerQuery) await FetchAsync(cancellationToken);
    }

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        if (_waiting.Count == 0) return;
        var found = new Dictionary<UInt128, bool>();
        try
        {
            var soql = SoqlText.Select(scope.Name, scope.QueriedColumns, SoqlText.In("Id", _waiting.Select(w => w.Id)));
            await foreach (var batch in run.Org.QueryAsync(soql, includeDeleted: true, cancellationToken))
            {
                var columns = new BatchColumns(batch, scope);
                var fresh = Enumerable.Range(0, batch.Count).Where(row => found.TryAdd(PackedId.Of(batch.Value(row, columns.Id)), columns.IsDeleted(row))).ToList();
                await _rows.AppendAsync(batch, columns, fresh, new Dictionary<string, StoredRecord>(), cancellationToken);
                Fetched += fresh.Count;
            }
            foreach (var (id, why, stamp) in _waiting) Settle(id, why, stamp, found.TryGetValue(PackedId.Of(id), out var deleted) ? deleted : null);
        }
        catch (SalesforceException e) when (e.Kind == FailureKind.Permanent && !e.SchemaChanged)
        {
            _refused.AddRange(_waiting.Select(w => w.Id));
            RefusedBecause = e.Message;
        }
        _waiting.Clear();
        if (_rows.ShouldSeal) _sealed.AddRange(await _rows.SealAsync(cancellationToken));
    }

    /// <param name="deleted">How Salesforce gave the row; null when it has none.</param>
    private void Settle(string id, Why why, long stamp, bool? deleted)
    {
        var behind = stamp > 0 && stamp < OrgIds.Digits(Encoding.ASCII.GetBytes(SoqlText.Literal(since ?? run.Start.OrgTime)));
        switch (why, deleted)
        {
            case (Why.Missing, false): LateRows += behind ? 1 : 0; break;
            case (Why.Changed, false): LateChanges += behind ? 1 : 0; break;
            case (Why.Gone, false): _live++; break;                       // the list had left it out
            case (Why.Missing, _): _live--; break;                        // gone between the list and now
            case (Why.Changed, true): (_live, Gone) = (_live - 1, Gone + 1); break;
            case (Why.Changed, null): _live--; Bury(id); break;
            case (Why.Gone, true): Gone++; break;
            case (Why.Gone, null): Bury(id); break;
        }
    }

    private void Bury(string id)
    {
        _graves.BeginRow();
        _graves.Add(Encoding.ASCII.GetBytes(id));
        _graves.EndRow();
        Gone++;
        HardDeletes++;
    }
}
