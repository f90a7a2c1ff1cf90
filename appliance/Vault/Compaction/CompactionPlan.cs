using System.Collections.Immutable;

namespace Appliance.Vault;

/// <summary>Which segments of one object are worth merging, on the way to a new snapshot. Pure.</summary>
/// <remarks>
/// Old snapshots go on naming the old segments until they are removed, so a merge costs space as long as they are kept. Two things make it worth that:
/// reading opens one segment per overlapping run, and superseded versions stay as long as any later snapshot names the segment that holds them.
/// </remarks>
/// <param name="From">The segments from here on are merged; those before stay as they are.</param>
public readonly record struct CompactionPlan(int From)
{
    /// <summary>Runs that a reader of one object merges at most; each costs it a decoded block (1 MiB) and a comparison per row.</summary>
    public const int MostRuns = 32;

    /// <summary>An object is written anew when its segments hold more than so many rows for each record.</summary>
    public const int MostRowsPerRecord = 2;

    // Below this nothing is gained: the rows fit a few blocks.
    private const long FewRows = 10_000;

    /// <param name="segments">Oldest first, as in the manifest.</param>
    /// <param name="records">Records that the object has, deleted ones included.</param>
    /// <returns>Null when nothing is worth merging.</returns>
    public static CompactionPlan? For(ImmutableArray<SegmentRef> segments, long records)
    {
        var runs = Runs(segments);
        var rows = segments.Sum(s => s.Rows);
        if (runs.Count > 1 && rows > FewRows && rows > MostRowsPerRecord * records) return new CompactionPlan(0);
        if (runs.Count <= MostRuns) return null;

        // The young runs that together outweigh the one before them join it: so each row is merged again only when its run has doubled.
        var (first, weight) = (runs.Count - 1, runs[^1].Bytes);
        while (first > 0 && (runs.Count - first < 2 || runs[first - 1].Bytes < weight || first > MostRuns / 2)) weight += runs[--first].Bytes;
        return new CompactionPlan(runs[first].Start);
    }

    private static List<(int Start, long Bytes)> Runs(ImmutableArray<SegmentRef> segments)
    {
        var runs = new List<(int Start, long Bytes)>();
        for (var i = 0; i < segments.Length; i++)
        {
            if (i == 0 || segments[i].SnapshotId != segments[i - 1].SnapshotId) runs.Add((i, segments[i].StoredBytes));
            else runs[^1] = (runs[^1].Start, runs[^1].Bytes + segments[i].StoredBytes);
        }
        return runs;
    }
}
