using System.Collections.Immutable;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>Live rows held whose Ids are greater than <paramref name="After"/> and not greater than <paramref name="UpTo"/>.</summary>
internal sealed record HeldRange(string? After, string? UpTo, long Live);

/// <summary>What the vault holds of one object, counted from the stored rows.</summary>
internal sealed record HeldRanges(ImmutableArray<HeldRange> Ranges, long Deleted, long Buried, long Files, long FilesMissing)
{
    public long Live => Ranges.Sum(r => r.Live);

    public static HeldRanges Of(ObjectCertificate said) =>
        new([.. said.Ranges.Select(r => new HeldRange(r.After, r.UpTo, r.Held))], said.HeldDeleted, said.Buried, said.FilesHeld, said.FilesMissing);
}

/// <summary>Counts stored rows: all of them, or only what has been added to a known count. Memory does not grow with the object.</summary>
internal sealed class HeldCount(RunContext run, ObjectScope scope)
{
    private const int LookupRows = 20_000;
    private static readonly Dictionary<string, HeldState> s_none = [];

    /// <summary>Reads every stored row and cuts ranges of at most the wanted number of live rows.</summary>
    public async Task<HeldRanges> WholeAsync(IEnumerable<SegmentRef> segments, CancellationToken cancellationToken)
    {
        var sum = new Sum(scope);
        var ranges = await CutAsync(run.ReaderOf(scope.Name, segments), null, sum, cancellationToken);
        return sum.With(ranges);
    }

    /// <summary>The known count and what the added segments change in it.</summary>
    public async Task<HeldRanges> ChangedAsync(HeldRanges known, SnapshotReader before, ImmutableArray<SegmentRef> added, CancellationToken cancellationToken)
    {
        if (added.IsEmpty) return known;
        var live = known.Ranges.Select(r => r.Live).ToArray();
        var sum = new Sum(scope, known);
        await foreach (var chunk in run.ReaderOf(scope.Name, added).ReadAsync(scope.Name, null, includeDeleted: true, cancellationToken).Chunk(LookupRows).WithCancellation(cancellationToken))
        {
            string[] ids = [.. chunk.Select(r => r.Id)];
            var old = new Dictionary<string, StoredRecord>(StringComparer.Ordinal);
            IReadOnlyDictionary<string, HeldState> states = s_none;
            if (scope.FileField is null) states = await before.StatesAsync(scope.Name, ids, cancellationToken);
            else await foreach (var record in before.LookupAsync(scope.Name, ids, cancellationToken)) old[record.Id] = record;      // only the rows tell which file they have
            foreach (var record in chunk)
            {
                var range = RangeOf(known.Ranges, record.Id);
                if (states.TryGetValue(record.Id, out var state)) live[range] += sum.Add(state, -1);
                else if (old.TryGetValue(record.Id, out var was)) live[range] += sum.Add(was, -1);
                live[range] += sum.Add(record, 1);
            }
        }
        return await RecutAsync(sum.With([.. known.Ranges.Select((r, i) => r with { Live = live[i] })]), before, added, cancellationToken);
    }

    /// <summary>New records have the highest Ids, so it is the last range that grows.</summary>
    private async Task<HeldRanges> RecutAsync(HeldRanges held, SnapshotReader before, ImmutableArray<SegmentRef> added, CancellationToken cancellationToken)
    {
        if (held.Ranges[^1].Live <= 2L * run.Options.CertificateRangeRows) return held;
        var reader = run.ReaderOf(scope.Name, [.. before.SegmentsOf(scope.Name), .. added]);
        return held with { Ranges = [.. held.Ranges[..^1], .. await CutAsync(reader, held.Ranges[^1].After, new Sum(scope), cancellationToken)] };
    }

    private async Task<ImmutableArray<HeldRange>> CutAsync(SnapshotReader reader, string? after, Sum sum, CancellationToken cancellationToken)
    {
        var ranges = ImmutableArray.CreateBuilder<HeldRange>();
        var (from, live) = (after, 0L);
        string? last = null;
        await foreach (var record in reader.ReadAsync(scope.Name, after, includeDeleted: true, cancellationToken))
        {
            if (live == run.Options.CertificateRangeRows)
            {
                ranges.Add(new HeldRange(from, last, live));
                (from, live) = (last, 0);
            }
            live += sum.Add(record, 1);
            last = record.Id;
        }
        ranges.Add(new HeldRange(from, null, live));
        return ranges.ToImmutable();
    }

    private static int RangeOf(ImmutableArray<HeldRange> ranges, string id)
    {
        var (low, high) = (0, ranges.Length - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (string.CompareOrdinal(id, ranges[middle].UpTo) > 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private sealed class Sum(ObjectScope scope, HeldRanges? from = null)
    {
        private long _deleted = from?.Deleted ?? 0, _buried = from?.Buried ?? 0, _files = from?.Files ?? 0, _missing = from?.FilesMissing ?? 0;

        /// <summary>1 (with its sign) when the row is live.</summary>
        public long Add(StoredRecord row, int sign)
        {
            if (row.IsTombstone) _buried += sign;
            else if (row.Deleted) _deleted += sign;
            if (row.Deleted) return 0;
            if (scope.FileField is { } field && !row.Utf8(field).IsEmpty) _files += sign;
            else if (scope.LacksFile(row)) _missing += sign;
            return sign;
        }

        /// <summary>The same of a row that holds no file, known by its state alone.</summary>
        public long Add(HeldState state, int sign)
        {
            if (state is HeldState.Buried) _buried += sign;
            if (state is HeldState.Deleted) _deleted += sign;
            return state is HeldState.Live ? sign : 0;
        }

        public HeldRanges With(ImmutableArray<HeldRange> ranges) => new(ranges, _deleted, _buried, _files, _missing);
    }
}
