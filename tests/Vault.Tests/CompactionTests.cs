using System.Collections.Immutable;
using Appliance.Vault;
using CsCheck;
using Xunit;

namespace Vault.Tests;

/// <summary>Merging segments changes how an object is stored, never what it reads as.</summary>
public sealed class CompactionTests
{
    private sealed record Run(bool Tombstones, int[] Ids, int Columns);

    private static readonly Gen<Run> s_run = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 30].Array[1, 20], Gen.Int[0, 3], (kind, ids, columns) => new Run(kind == 0, ids, columns));

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_merged_object_reads_as_before(bool encrypted)
    {
        await using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), encrypted);
        await Gen.Select(s_run.Array[1, 8], Gen.Double[0, 1]).SampleAsync(async (runs, part) =>
        {
            var entry = new ObjectEntry { Name = "Account", Segments = [.. await WriteAsync(vault, runs)] };
            var before = await ReadAsync(vault, entry);
            var plan = new CompactionPlan((int)(part * entry.Segments.Length) is var from && from == entry.Segments.Length ? from - 1 : from);
            var merged = await vault.Vault.CompactAsync(entry, plan, vault.NewSnapshotId(), CancellationToken.None, flushBytes: 300);
            Assert.Equal(before, await ReadAsync(vault, merged));
            Assert.Equal(before, await ReadAsync(vault, entry));        // what older manifests name still stands
            Assert.Equal(entry.Segments[..plan.From].AsEnumerable(), merged.Segments[..plan.From]);
        }, iter: 80, threads: 1);
    }

    [Fact]
    public void A_plan_bounds_the_runs_that_a_reader_meets_and_the_rows_that_are_superseded() =>
        Gen.Select(Gen.Int[1, 60], Gen.Long[1_000, 2_000_000], Gen.Double[0.0001, 0.4]).Sample((days, records, share) =>
        {
            var segments = ImmutableArray.Create(Segment(records));
            var written = 0L;
            for (var day = 0; day < days * 4; day++)
            {
                var changed = Math.Max(1, (long)(share * records));
                segments = segments.Add(Segment(changed));
                written += changed;
                if (CompactionPlan.For(segments, records) is { From: var from })
                {
                    var merged = Math.Min(records, segments[from..].Sum(s => s.Rows));      // at most so many distinct Ids
                    written += merged;
                    segments = segments[..from].Add(Segment(merged));
                }
                Assert.True(segments.Select(s => s.SnapshotId).Distinct().Count() <= CompactionPlan.MostRuns, "a reader meets too many runs");
                var rows = segments.Sum(s => s.Rows);
                Assert.True(rows <= Math.Max(10_000, CompactionPlan.MostRowsPerRecord * records) || segments.Length == 1, $"{rows} rows for {records} records");
            }
            // Each changed row is written once by its run, and a few times more by merges.
            Assert.True(written <= 6 * days * 4 * Math.Max(1, (long)(share * records)) + 40_000, $"{written} rows written");
        }, iter: 200);

    [Fact]
    public void Little_or_few_is_left_alone()
    {
        Assert.Null(CompactionPlan.For([], 0));
        Assert.Null(CompactionPlan.For([Segment(50_000)], 10));     // one run: nothing to merge with
        Assert.Null(CompactionPlan.For([.. Enumerable.Range(0, CompactionPlan.MostRuns).Select(_ => Segment(10))], 10));
    }

    private static SegmentRef Segment(long rows) =>
        new(Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString("N"), SegmentKind.Records, Guid.CreateVersion7(DateTimeOffset.UnixEpoch), rows, "001", "002", rows * 100, rows * 20, "");

    private static async Task<List<SegmentRef>> WriteAsync(TestVault vault, Run[] runs)
    {
        var segments = new List<SegmentRef>();
        foreach (var (run, number) in runs.Select((r, n) => (r, n)))
        {
            var ids = run.Ids.Distinct().Select(i => $"001{i:D3}");
            string[] columns = run.Tombstones ? ["Id"] : ["Id", "IsDeleted", .. Enumerable.Range(0, run.Columns).Select(c => $"F{(c + number) % 5}")];
            var rows = ids.Select(id => columns.Select(c => c switch { "Id" => id, "IsDeleted" => id.EndsWith('3') ? "true" : "false", _ => $"{c},\"{number}" }).ToArray());
            segments.AddRange(await vault.WriteAsync("Account", vault.NewSnapshotId(), columns, rows, run.Tombstones ? SegmentKind.Tombstones : SegmentKind.Records));
        }
        return segments;
    }

    private static async Task<List<string>> ReadAsync(TestVault vault, ObjectEntry entry)
    {
        var reader = vault.Vault.Open(vault.Manifest(vault.NewSnapshotId(), ("Account", entry.Segments)));
        var columns = Enumerable.Range(0, 5).Select(c => $"F{c}").ToList();
        var read = await TestVault.ListAsync(reader.ReadAsync("Account", null, includeDeleted: true, CancellationToken.None));
        return [.. read.Select(r => $"{r.Id} {r.Deleted} {r.IsTombstone} {string.Join('|', columns.Select(c => r[c]))}")];
    }
}
