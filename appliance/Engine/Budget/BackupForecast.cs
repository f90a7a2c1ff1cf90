using System.Collections.Immutable;

namespace Appliance.Engine.Budget;

/// <summary>What a backup did: the figures of a job that ended.</summary>
/// <param name="RecordsHeld">Live records of its snapshot.</param>
public sealed record PastRun(string Kind, long ApiCalls, long RecordsRead, long RecordsHeld, long BytesRead, long BytesStored, double Minutes);

/// <summary>Rows of one object that a run would meet.</summary>
public sealed record ExpectedObject(string Name, long Rows, bool HoldsFiles);

/// <summary>What a run is expected to cost, before anything is read.</summary>
/// <param name="Basis">Where the figures come from, in plain words.</param>
public sealed record BackupForecast(long ApiCalls, long BulkJobs, long Records, long BytesRead, long BytesStored, double Minutes, string Basis)
{
    private const int EnoughRuns = 3, PageRows = 50_000, RestPageRows = 2_000, DescribesPerCall = 25;

    // Before there is a run to learn from: what generated and public data sets came to on the machine of docs/benchmarks.md, on the careful side.
    private const double BytesPerRecord = 600, StoredShare = 0.2, BytesPerFile = 60_000, BytesPerMinute = 300_000_000, MinutesPerCall = 0.004, ChangedShare = 0.01;
    private const int PollsPerJob = 3;

    /// <summary>Learns from past runs of the same kind when there are enough; else it counts what the run would ask.</summary>
    /// <param name="incremental">Only changes are read.</param>
    /// <param name="past">Newest first.</param>
    /// <param name="metadataCalls">Calls that reading the org's metadata takes; 0 when it is not read.</param>
    public static BackupForecast For(
        string kind, bool incremental, bool sync, IReadOnlyList<ExpectedObject> objects, IReadOnlyList<PastRun> past, int restRows, int rangeRows, long metadataCalls = 0)
    {
        var held = objects.Sum(o => o.Rows);
        var alike = past.Where(p => p.Kind == kind && p.ApiCalls > 0).Take(10).ToImmutableArray();
        if (alike.Length >= EnoughRuns) return Learned(alike, held, incremental);
        var changed = incremental ? ChangedShare : 1;
        long calls = 4 + (objects.Count + DescribesPerCall - 1) / DescribesPerCall + metadataCalls, jobs = 0, records = 0;
        double bytes = 0;
        foreach (var o in objects)
        {
            var rows = (long)Math.Ceiling(o.Rows * changed);
            records += rows;
            // One look at a small object mostly tells that nothing has changed in it; where a change is to be expected, that is read, and the look repeated.
            if (incremental && !sync && o.Rows <= restRows) calls += (o.Rows * changed < 1 ? 1 : 3) + (o.HoldsFiles ? rows : 0);
            else calls += 1 + Reading(rows, restRows, ref jobs) + Proving(o.Rows, incremental, sync, restRows, rangeRows, ref jobs) + (o.HoldsFiles ? rows : 0);
            bytes += rows * (o.HoldsFiles ? BytesPerFile + BytesPerRecord : BytesPerRecord);
        }
        if (past.FirstOrDefault(p => p.RecordsRead > 0 && p.BytesRead > 0) is { } any && !objects.Any(o => o.HoldsFiles && o.Rows > 0)) bytes = (double)any.BytesRead / any.RecordsRead * records;
        return new(calls, jobs, records, (long)bytes, (long)(bytes * StoredShare), bytes / BytesPerMinute + calls * MinutesPerCall,
            incremental ? "counted from the org's objects, with one record in a hundred taken for changed: there are no three runs of this kind to learn from yet"
                : "counted from the org's objects: there are no three runs of this kind to learn from yet");
    }

    private static BackupForecast Learned(ImmutableArray<PastRun> alike, long heldNow, bool incremental)
    {
        // A full grows with the org; an incremental with what people change in it.
        double Growth(PastRun p) => incremental || p.RecordsHeld == 0 || heldNow == 0 ? 1 : (double)heldNow / p.RecordsHeld;
        double Median(Func<PastRun, double> of) => alike.Select(of).Order().ElementAt(alike.Length / 2);
        return new(
            (long)Math.Ceiling(Median(p => p.ApiCalls * (1 + (Growth(p) - 1) / 2))), 0, (long)Median(p => p.RecordsRead * Growth(p)),
            (long)Median(p => p.BytesRead * Growth(p)), (long)Median(p => p.BytesStored * Growth(p)), Median(p => p.Minutes * Growth(p)),
            $"the median of the last {alike.Length} runs of this kind");
    }

    private static long Reading(long rows, int restRows, ref long jobs)
    {
        if (rows <= restRows) return 1 + rows / RestPageRows;
        jobs++;
        return 1 + PollsPerJob + rows / PageRows + 1;
    }

    private static long Proving(long rows, bool incremental, bool sync, int restRows, int rangeRows, ref long jobs)
    {
        if (rows <= restRows) return 1;
        var ranges = rows / rangeRows + 1;
        if (!sync) return ranges + (incremental ? 1 : 0);
        jobs += ranges;
        return ranges * (3 + PollsPerJob) + 1;
    }
}
