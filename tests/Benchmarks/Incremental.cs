namespace Benchmarks;

/// <summary>A full backup and, after one record in a hundred was changed, an incremental one, in one process that has run before: as in the server.</summary>
internal static class Incremental
{
    public static async IAsyncEnumerable<Row> RunAsync(long records, string work, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var org = await SimulatedOrg.StartAsync(records, cancellationToken);
        await using var before = await SimulatedOrg.StartAsync(100_000, cancellationToken);
        var (full, again) = await BackupProcess.RunTwiceAsync(org, before, Path.Combine(work, "twice"), records / 100, cancellationToken);
        yield return Row.AtMost(
            $"incremental, 1 % changed, to the full of {full.Records:N0} records, both in one process, not its first: time", Row.Seconds(again.Seconds), Row.Seconds(full.Seconds), again.Seconds / full.Seconds, 0.03);
        yield return Row.AtMost("the same: CPU time of our process alone, without the org's", Row.Seconds(again.CpuSeconds), Row.Seconds(full.CpuSeconds), again.CpuSeconds / full.CpuSeconds, 0.03);
        yield return Row.AtMost(
            $"the same: bytes read ({again.RecordsRead:N0} records)", Row.Megabytes(again.BytesRead), Row.Megabytes(full.BytesRead), (double)again.BytesRead / full.BytesRead, 0.03);
    }
}
