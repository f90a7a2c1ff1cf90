using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Appliance.Vault;

namespace Benchmarks;

/// <summary>
/// One object with many rows and a hundred snapshots, each with 1 % of the rows changed at random. Written straight into a vault: what is measured is the
/// vault. Rows are 21 columns, about 280 bytes.
/// </summary>
internal static class LongHistory
{
    private const int Snapshots = 100, Columns = 21, Asked = 200, FlushBytes = 16 * 1024 * 1024;
    private const string Object = "Ledger__c";

    public static async IAsyncEnumerable<Row> RunAsync(int rows, string work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = Path.Combine(work, "history");
        await using var vault = await BenchVault.OpenAsync(folder, TimeProvider.System);
        var manifests = await WriteAsync(vault, rows, cancellationToken);
        var manifest = manifests[^1];
        // A history looks into every segment that any snapshot names.
        var ever = manifest with { Objects = [manifest.Objects[0] with { Segments = [.. manifests.SelectMany(m => m.Objects[0].Segments).DistinctBy(s => s.Id)] }] };

        var random = new Random(11);
        var reader = vault.Open(ever);
        var first = await TimeAsync(reader, Id(random.Next(rows)), cancellationToken);
        var times = new List<double>();
        var versions = 0;
        for (var i = 0; i < Asked; i++)
        {
            var (milliseconds, found) = await TimeAsync(reader, Id(random.Next(rows)), cancellationToken);
            times.Add(milliseconds);
            versions += found;
        }
        times.Sort();
        var segments = ever.Objects[0].Segments.Length;
        yield return new Row("one record's history: the first question to a snapshot just opened", Milliseconds(first.Milliseconds), $"{segments} segments", "", "", null);
        yield return Row.AtMost(
            $"one record's history out of {rows:N0} rows and {Snapshots} snapshots ({versions / (double)Asked:0.00} versions each): median of {Asked} to 50 ms",
            $"{Milliseconds(times[Asked / 2])} (95 %: {Milliseconds(times[Asked * 95 / 100])})", "50 ms", times[Asked / 2] / 50, 1);

        var zstd = await ZstdRateAsync(vault.Open(manifests[0]), work, cancellationToken);
        foreach (var (which, snapshot) in new[] { ("the full", manifests[0]), ($"after {Snapshots} runs", manifest) })
        {
            var rate = await ReadRateAsync(vault.Open(snapshot), cancellationToken);
            var mark = Math.Min(300, 0.7 * zstd);
            yield return Row.AtLeast(
                $"snapshot read, {which}: MB/s of CSV per core, to the lower of 300 and 70 % of `zstd -d` ({Rate(zstd)})", Rate(rate), Rate(mark), rate / mark, 1);
        }
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<double> ReadRateAsync(SnapshotReader reader, CancellationToken cancellationToken)
    {
        var (bytes, read) = (0L, 0);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        await foreach (var record in reader.ReadAsync(Object, null, includeDeleted: false, cancellationToken))
        {
            bytes += record.RowBytes;
            if (++read == 4_000_000) break;
        }
        return bytes / 1e6 / (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
    }

    // The same rows as one file, by the stock tool.
    private static async Task<double> ZstdRateAsync(SnapshotReader reader, string work, CancellationToken cancellationToken)
    {
        var plain = Path.Combine(work, "rows.csv");
        await using (var file = File.Create(plain))
        {
            var rows = 0;
            await foreach (var record in reader.ReadAsync(Object, null, includeDeleted: false, cancellationToken))
            {
                for (var i = 0; i < record.Columns.Count; i++)
                {
                    if (i > 0) file.WriteByte((byte)',');
                    file.Write(record.Utf8(i));
                }
                file.WriteByte((byte)'\n');
                if (++rows == 2_000_000) break;
            }
        }
        var bytes = new FileInfo(plain).Length;
        await Measured.RunAsync(["zstd", "-q", "-3", "--rm", plain], null, cancellationToken);
        var (took, _) = await Measured.RunAsync(["bash", "-c", $"zstd -q -d -c '{plain}.zst' >/dev/null"], null, cancellationToken);
        File.Delete(plain + ".zst");
        return bytes / 1e6 / took.CpuSeconds;
    }

    private static async Task<(double Milliseconds, int Versions)> TimeAsync(SnapshotReader reader, string id, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var versions = 0;
        await foreach (var _ in reader.HistoryAsync(Object, id, cancellationToken)) versions++;
        if (versions == 0) throw new BenchmarkFailure($"{id} has no history.");
        return (clock.Elapsed.TotalMilliseconds, versions);
    }

    private static async Task<List<SnapshotManifest>> WriteAsync(OrgVault vault, int rows, CancellationToken cancellationToken)
    {
        var columns = Enumerable.Range(0, Columns).Select(c => c == 0 ? "Id" : $"Field{c}__c").ToArray();
        var segments = new List<SegmentRef>();
        var random = new Random(7);
        var manifests = new List<SnapshotManifest>();
        for (var snapshot = 0; snapshot < Snapshots; snapshot++)
        {
            var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddYears(50).AddDays(snapshot));
            using var writer = vault.NewSegments(Object, id, SegmentKind.Records, columns, FlushBytes);
            var count = snapshot == 0 ? rows : rows / 100;
            for (var i = 0; i < count; i++)
            {
                AddRow(writer, snapshot == 0 ? i : random.Next(rows), snapshot);
                if (writer.ShouldSeal) segments.AddRange(await writer.SealAsync(cancellationToken));
            }
            segments.AddRange(await writer.SealAsync(cancellationToken));
            var entry = new ObjectEntry { Name = Object, Segments = [.. segments], LiveRecords = rows };
            if (CompactionPlan.For(entry.Segments, rows) is { } plan) entry = await vault.CompactAsync(entry, plan, id, cancellationToken, FlushBytes);
            segments = [.. entry.Segments];
            var manifest = new SnapshotManifest
            {
                SnapshotId = id, VaultId = vault.VaultId, OrgId = vault.OrgId, ParentId = manifests.LastOrDefault()?.SnapshotId, Kind = snapshot == 0 ? SnapshotKind.Full : SnapshotKind.Incremental,
                StartedAt = DateTimeOffset.UnixEpoch, CompletedAt = DateTimeOffset.UnixEpoch, Objects = [entry],
            };
            await vault.WriteManifestAsync(manifest, cancellationToken);
            manifests.Add(manifest);
        }
        return manifests;
    }

    private static void AddRow(SegmentWriter writer, int number, int snapshot)
    {
        writer.BeginRow();
        writer.Add(Encoding.ASCII.GetBytes(Id(number)));
        Span<byte> value = stackalloc byte[48];
        for (var column = 1; column < Columns; column++)
        {
            var mixed = (uint)(number * 31 + column * 7919 + snapshot * 104729) * 2654435761u;
            System.Text.Unicode.Utf8.TryWrite(value, CultureInfo.InvariantCulture, $"{(column % 3 == 0 ? "a005g00000" : "value ")}{mixed % 100_000:D8}", out var length);
            writer.Add(value[..length]);
        }
        writer.EndRow();
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"a01{number:D12}AAA");

    private static string Milliseconds(double value) => value.ToString("0.0", CultureInfo.InvariantCulture) + " ms";

    private static string Rate(double value) => value.ToString("0", CultureInfo.InvariantCulture) + " MB/s";
}
