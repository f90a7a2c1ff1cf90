using System.Runtime.CompilerServices;

namespace Benchmarks;

/// <summary>The peak memory of a full backup does not follow the org's size.</summary>
internal static class MemoryBySize
{
    public const long Limit = 400_000_000;

    public static async IAsyncEnumerable<Row> RunAsync(long[] sizes, string work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var peaks = new List<long>();
        foreach (var size in sizes)
        {
            await using var org = await SimulatedOrg.StartAsync(size, cancellationToken);
            var folder = Path.Combine(work, "memory");
            var (took, report) = await BackupProcess.RunAsync(org, folder, null, cancellationToken);
            Directory.Delete(folder, recursive: true);
            File.Delete(folder + ".key");
            peaks.Add(took.PeakBytes);
            yield return Row.AtMost($"peak memory, {report.Records:N0} records", Row.Took(took), Row.Megabytes(Limit), (double)took.PeakBytes / Limit, 1);
        }
        var mean = peaks.Average();
        yield return Row.AtMost(
            "the same: farthest from the mean of the sizes", Row.Megabytes(peaks.MaxBy(p => Math.Abs(p - mean))), Row.Megabytes(mean), peaks.Max(p => Math.Abs(p - mean)) / mean, 0.2);
    }
}
