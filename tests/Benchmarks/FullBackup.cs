namespace Benchmarks;

/// <summary>A full backup against tools that only copy bytes, on the same org, one after the other.</summary>
internal static class FullBackup
{
    public static async IAsyncEnumerable<Row> RunAsync(long records, string work, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var org = await SimulatedOrg.StartAsync(records, cancellationToken);
        var peers = new Peers(work);
        var objects = await Peers.ObjectsAsync(org, cancellationToken);
        var vault = Path.Combine(work, "full");

        var (ours, report) = await BackupProcess.RunAsync(org, vault, null, cancellationToken);
        var what = $"full backup of {report.Records:N0} records, {Row.Megabytes(report.BytesRead)} read";
        var pipe = await peers.PipeAsync(org, objects, Path.Combine(work, "pipe"), raw: false, cancellationToken);
        yield return Row.AtMost($"{what}, against `curl \\| zstd -3`", Row.Took(ours), Row.Took(pipe), ours.Seconds / pipe.Seconds, 1.5);
        var sf = await peers.SfAsync(org, objects, cancellationToken);
        yield return Row.AtMost("the same against `sf data export bulk -r csv`", Row.Took(ours), Row.Took(sf), ours.Seconds / sf.Seconds, 1);
        var (jsforce, read) = await peers.JsforceAsync(org, objects, cancellationToken);
        yield return Row.AtLeast($"the same against jsforce reading {read:N0} records: its time to ours", Row.Took(ours), Row.Took(jsforce), jsforce.Seconds / ours.Seconds, 15);
    }
}
