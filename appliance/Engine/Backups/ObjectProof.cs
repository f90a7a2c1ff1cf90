using System.Collections.Immutable;
using System.Globalization;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>
/// Proves that what is held of one object is what Salesforce has, repairs what is not, and says in the certificate how sure that is and what
/// is still missing. Small objects are compared Id by Id in every run; of large ones Salesforce counts ranges of Ids, its log of deletions
/// is read, and ranges that differ are compared Id by Id; all of them from time to time, and when something makes the counts doubtful.
/// </summary>
internal sealed class ObjectProof(RunContext run, ObjectScope scope, ObjectEntry? since, ObjectCertificate? known, FormulaReading? formulas, ImmutableArray<string> drift)
{
    private const int Lists = 3;
    private readonly ImmutableArray<string>.Builder _notes = ImmutableArray.CreateBuilder<string>();
    private readonly ImmutableArray<CompletenessGap>.Builder _gaps = ImmutableArray.CreateBuilder<CompletenessGap>();
    private readonly HeldCount _count = new(run, scope);
    private ObjectEntry _entry = null!;
    private ObjectCounts _counts = null!;
    private OrgIds? _look;
    private HeldRanges _held = null!;
    private DateTimeOffset? _deletedUpTo;
    private string? _compareAll;
    private long _lateRows, _lateChanges, _hardDeletes;

    // Archived activities answer only to queryAll, so both sides are counted there, without the deleted rows.
    private string? Live => (scope.HasIsDeleted, scope.Where) switch
    {
        (true, null) => "IsDeleted = false",
        (true, { } where) => $"IsDeleted = false AND ({where})",
        (false, var where) => where is null ? null : $"({where})",
    };

    /// <param name="look">The live rows that the org listed in place of a reading, which would have found nothing.</param>
    public async Task<(ObjectEntry Entry, ObjectCertificate Certificate)> ProveAsync(ObjectEntry entry, ObjectCounts counts, OrgIds? look, CancellationToken cancellationToken)
    {
        (_entry, _counts, _look) = (entry, counts, look);
        _held = since is not null && known is { Ranges.IsEmpty: false }
            ? await _count.ChangedAsync(HeldRanges.Of(known), run.Held!, [.. entry.Segments.Skip(since.Segments.Length)], cancellationToken)
            : await _count.WholeAsync(entry.Segments, cancellationToken);

        var small = _held.Live <= run.Options.RestRows && _held.Ranges.Length == 1;
        _compareAll = since is null ? null : WhyCompareAll();
        if (!small && since is not null && scope.Describe.Replicateable) await ReadDeleteLogAsync(cancellationToken);
        var (org, method) = await HoldAgainstOrgAsync(small || _compareAll is not null, cancellationToken);
        if (known?.FilesMissing > 0) await FetchFilesAsync(cancellationToken);
        await NameGapsAsync(org, cancellationToken);
        return Certify(org, method);
    }

    private string? WhyCompareAll() =>
        run.CompareAll
        ?? (known?.SyncedAt is not { } synced ? "the snapshot before says nothing of when it was compared last"
            : run.Start.OrgTime - synced > run.Options.SyncEvery ? "the last comparison is too long ago"
            : null);

    /// <summary>Hard deletes are visible to no query, but for two weeks to this log. A gap in it makes a comparison of all Ids necessary.</summary>
    private async Task ReadDeleteLogAsync(CancellationToken cancellationToken)
    {
        var (from, to) = (Minute(known?.DeletedUpTo ?? since!.Watermark!.Value), Minute(run.Org.ServerTime));
        _deletedUpTo = known?.DeletedUpTo;
        if (to - from < TimeSpan.FromMinutes(1)) return;
        if (to - from > TimeSpan.FromDays(14.9))
        {
            Doubt("the log of deletions does not reach back to the snapshot before");
            _deletedUpTo = to;
            return;
        }
        try
        {
            var log = await run.Org.GetDeletedAsync(scope.Name, from, to, cancellationToken);
            if (Minute(log.EarliestDateAvailable) > from) Doubt($"the log of deletions begins only at {log.EarliestDateAvailable.UtcDateTime:u}");
            _deletedUpTo = log.LatestDateCovered;
            var repair = Repair();
            foreach (var ids in log.Records.Select(r => r.Id).Where(SalesforceId.IsId).Select(SalesforceId.To18).Chunk(1000)) await repair.ReviewAsync(ids, cancellationToken);
            await TakeOverAsync(repair, null, cancellationToken);
        }
        catch (SalesforceException e) when (e.Kind == FailureKind.Permanent && !e.SchemaChanged)
        {
            Doubt($"the log of deletions could not be read ({e.ErrorCode})");
            _deletedUpTo = to;
        }

        static DateTimeOffset Minute(DateTimeOffset moment) => moment.AddTicks(-(moment.UtcTicks % TimeSpan.TicksPerMinute));
    }

    private RangeRepair Repair() => new(run, scope, _entry, since?.Watermark);

    /// <summary>What was mended belongs to the object from now on.</summary>
    private async Task<long?[]> TakeOverAsync(RangeRepair repair, long?[]? org, CancellationToken cancellationToken)
    {
        var mended = await repair.SealAsync(cancellationToken);
        var repaired = await _count.ChangedAsync(_held, run.ReaderOf(scope.Name, _entry.Segments), mended, cancellationToken);
        var fitted = org is null ? [] : Fit(org, _held, repaired);
        (_held, _entry) = (repaired, _entry with { Segments = [.. _entry.Segments, .. mended] });
        _counts = _counts with { Read = _counts.Read + repair.Fetched, DeletesSeen = _counts.DeletesSeen + repair.Gone };
        (_lateRows, _lateChanges, _hardDeletes) = (_lateRows + repair.LateRows, _lateChanges + repair.LateChanges, _hardDeletes + repair.HardDeletes);
        if (repair.Refused is (> 0 and var refused, var ids))
            _gaps.Add(new CompletenessGap(GapKind.Rows, $"{Number(refused)} rows could not be read: {repair.RefusedBecause}") { Count = refused, Ids = ids });
        return fitted;
    }

    private void Doubt(string why)
    {
        _compareAll ??= why;
        _notes.Add($"all Ids were compared: {why}");
    }

    private async Task<(long?[] Org, ProofMethod Method)> HoldAgainstOrgAsync(bool all, CancellationToken cancellationToken)
    {
        var org = new long?[_held.Ranges.Length];
        var (compared, ranges) = (0, org.Length);
        var repair = Repair();
        for (var i = 0; i < org.Length; i++)
        {
            var range = _held.Ranges[i];
            var where = Where(range);
            // A small object's Ids come in one call, as its count would: comparing them proves more.
            var counted = all && range.Live <= run.Options.RestRows ? null : await CountAsync(where, cancellationToken);
            if (!all && counted == range.Live)
            {
                org[i] = counted;
                continue;
            }
            try
            {
                (counted, var listed) = _look is not null && ranges == 1 ? (counted, _look) : await ListAsync(where, counted, range.Live, cancellationToken);
                if (listed is null)
                {
                    org[i] = counted;
                    _gaps.Add(new CompletenessGap(GapKind.Rows, $"Salesforce has {Number(counted)} rows in this range, {Number(range.Live)} are held: too many to compare; the next run reads the object whole")
                    {
                        Count = counted - range.Live, After = range.After, UpTo = range.UpTo,
                    });
                    continue;
                }
                org[i] = await repair.CompareAsync(range, listed, counted, cancellationToken);
                compared++;
            }
            catch (SalesforceException e) when (e.Kind == FailureKind.Permanent && !e.SchemaChanged)
            {
                org[i] = counted;
                if (counted is null) _gaps.Add(new CompletenessGap(GapKind.NotProven, $"Salesforce neither counts nor lists this object: {e.Message}"));
            }
        }
        org = await TakeOverAsync(repair, org, cancellationToken);
        return (org, compared == ranges ? ProofMethod.Ids : org.Any(o => o is null) ? ProofMethod.None : ProofMethod.Counts);
    }

    /// <summary>A list that does not agree with the count is asked for again, and counted again: a busy org moves between the two, a broken list does not come right.</summary>
    private async Task<(long? Counted, OrgIds? Listed)> ListAsync(string? where, long? counted, long held, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (counted > OrgIds.Most || await OrgIds.ListAsync(run, scope, where, counted ?? held, cancellationToken) is not { } listed) return (counted, null);
            if (counted is null || counted == listed.Count) return (counted, listed);
            counted = await CountAsync(where, cancellationToken);
            if (counted is null || counted == listed.Count || attempt == Lists) return (counted, listed);
        }
    }

    private async Task<long?> CountAsync(string? where, CancellationToken cancellationToken)
    {
        try
        {
            return await run.Org.CountAsync(scope.Name, where, includeDeleted: true, cancellationToken);
        }
        catch (SalesforceException e) when (e.Kind == FailureKind.Permanent && !e.SchemaChanged)
        {
            _notes.Add($"Salesforce does not count this object ({e.ErrorCode}); its Ids were listed");
            return null;
        }
    }

    private string? Where(HeldRange range)
    {
        string?[] parts = [range.After is { } after ? $"Id > {SoqlText.Quote(after)}" : null, range.UpTo is { } upTo ? $"Id <= {SoqlText.Quote(upTo)}" : null, Live];
        return string.Join(" AND ", parts.Where(p => p is not null)) is { Length: > 0 } where ? where : null;
    }

    /// <summary>Files that could not be read are tried again: their rows have not changed, so no query for changes names them.</summary>
    private async Task FetchFilesAsync(CancellationToken cancellationToken)
    {
        var repair = Repair();
        await repair.FetchAsync(await LackingAsync(cancellationToken), cancellationToken);
        await TakeOverAsync(repair, null, cancellationToken);
    }

    private async Task<List<string>> LackingAsync(CancellationToken cancellationToken)
    {
        var without = new List<string>();
        await foreach (var record in run.ReaderOf(scope.Name, _entry.Segments).ReadAsync(scope.Name, null, includeDeleted: false, cancellationToken))
            if (scope.LacksFile(record)) without.Add(record.Id);
        return without;
    }

    private static long?[] Fit(long?[] org, HeldRanges held, HeldRanges repaired)
    {
        if (held.Ranges.Length == repaired.Ranges.Length) return org;
        var last = org[^1];
        var rest = repaired.Ranges[(held.Ranges.Length - 1)..];
        return [.. org[..^1], .. rest.Select((r, i) => i < rest.Length - 1 ? r.Live : last - rest[..^1].Sum(x => x.Live))];
    }

    private async Task NameGapsAsync(long?[] org, CancellationToken cancellationToken)
    {
        var refused = _gaps.Where(g => !g.Ids.IsEmpty).Sum(g => g.Count ?? 0);
        for (var i = 0; i < org.Length; i++)
        {
            var range = _held.Ranges[i];
            if (org[i] is not { } there || there == range.Live || _gaps.Any(g => g.Ids.IsEmpty && g.After == range.After && g.UpTo == range.UpTo)) continue;
            if (there - range.Live != refused)
                _gaps.Add(new CompletenessGap(GapKind.Rows, $"Salesforce has {Number(there)} rows in this range, {Number(range.Live)} are held") { Count = Math.Abs(there - range.Live), After = range.After, UpTo = range.UpTo });
        }
        if (_held.FilesMissing == 0) return;
        var without = await LackingAsync(cancellationToken);
        _gaps.Add(new CompletenessGap(GapKind.Files, $"{Number(without.Count)} files could not be read from Salesforce") { Count = without.Count, Ids = [.. without.Take(CompletenessGap.MostIds)] });
    }

    private (ObjectEntry, ObjectCertificate) Certify(long?[] org, ProofMethod method)
    {
        var gaps = _gaps.ToImmutable();
        var next = run.Start.OrgTime - run.Options.WatermarkOverlap;
        long? orgLive = org.Any(o => o is null) ? null : org.Sum();
        var certificate = new ObjectCertificate
        {
            Name = scope.Name,
            Complete = gaps.IsEmpty,
            Method = method,
            HeldLive = _held.Live,
            HeldDeleted = _held.Deleted,
            Buried = _held.Buried,
            Org = orgLive,
            Ranges = [.. _held.Ranges.Select((r, i) => new IdRange(r.After, r.UpTo, r.Live, org[i]))],
            Watermark = scope.ChangeField is { } field ? new WatermarkUse(field, since?.Watermark, next, run.Options.WatermarkOverlap.TotalSeconds) : null,
            DeletedUpTo = _deletedUpTo,
            SyncedAt = since is null || method == ProofMethod.Ids ? run.Start.OrgTime : known?.SyncedAt,
            Formulas = formulas,
            Read = _counts.Read,
            LateRows = _lateRows,
            LateChanges = _lateChanges,
            Deletions = _counts.DeletesSeen,
            HardDeletes = _hardDeletes,
            FilesHeld = _held.Files,
            FilesMissing = _held.FilesMissing,
            SkippedFields = scope.LeftOut,
            Gaps = gaps,
            Notes = [.. drift, .. _notes.Distinct()],
        };
        return (_entry with
        {
            // With rows missing the next run reads everything.
            Watermark = gaps.Any(g => g.Kind == GapKind.Rows) ? null : next,
            LiveRecords = _held.Live,
            DeletedRecords = _held.Deleted,
            ReadRecords = certificate.Read,
            Files = _held.Files,
            OrgCount = orgLive,
            Explanation = gaps.IsEmpty ? null : string.Join("; ", gaps.Select(g => g.Text)),
        }, certificate);
    }

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "more";
}
