using Appliance.Vault;
using CsCheck;
using Xunit;

namespace Vault.Tests;

/// <summary>Random histories of runs against a dictionary.</summary>
public sealed class SnapshotHistoryTests
{
    private sealed record Step(bool Tombstones, int Columns, int[] Ids, int[] Deleted, int Flush);

    private static readonly Gen<Step> s_step = Gen.Select(Gen.Int[0, 3], Gen.Int[1, 4], Gen.Int[0, 25].Array[1, 20], Gen.Int[0, 5].Array[20], Gen.Int[1, 400],
        (kind, columns, ids, deleted, flush) => new Step(kind == 0, columns, ids, deleted, flush));

    [Theory, InlineData(false), InlineData(true)]
    public async Task Every_snapshot_of_a_history_reads_as_the_model_says(bool encrypted)
    {
        await using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), encrypted);
        await s_step.Array[1, 8].SampleAsync(async steps =>
        {
            var model = new SortedDictionary<string, (Dictionary<string, string>? Values, bool Gone)>(StringComparer.Ordinal);
            var versions = new Dictionary<string, int>();
            var segments = new List<SegmentRef>();
            foreach (var (step, number) in steps.Select((s, n) => (s, n)))
            {
                var snapshot = vault.NewSnapshotId();
                segments.AddRange(await ApplyAsync(vault, step, number, snapshot, model, versions));
                await CheckAsync(vault, vault.Manifest(snapshot, ("Account", segments)), model, versions);
            }
        }, iter: 60, threads: 1);
    }

    private static async Task<IReadOnlyList<SegmentRef>> ApplyAsync(
        TestVault vault, Step step, int number, Guid snapshot, SortedDictionary<string, (Dictionary<string, string>? Values, bool Gone)> model, Dictionary<string, int> versions)
    {
        var ids = step.Ids.Select(i => $"001{i:D3}").ToArray();
        if (step.Tombstones)
        {
            var segments = await vault.WriteAsync("Account", snapshot, ["Id"], ids.Select(id => (string[])[id]), SegmentKind.Tombstones);
            foreach (var id in ids.Distinct())
            {
                model[id] = (model.TryGetValue(id, out var known) ? known.Values : null, true);
                versions[id] = versions.GetValueOrDefault(id) + 1;
            }
            return segments;
        }
        // Drift: every run has other columns, in another order.
        string[] columns = ["Id", .. number % 2 == 0 ? (string[])["IsDeleted", "A"] : ["A", "IsDeleted"], .. Enumerable.Range(0, step.Columns).Select(c => $"F{(number + c) % 5}")];
        var rows = ids.Select((id, i) => columns.Select(c => c switch
        {
            "Id" => id,
            "IsDeleted" => step.Deleted[i] == 0 ? "true" : "false",
            _ => $"{c}-{number}-{i}",
        }).ToArray()).ToList();
        // With one flush a run writes an Id once; with several, each segment that holds it is a version.
        var written = await vault.WriteAsync("Account", snapshot, columns, rows, flushBytes: step.Flush);
        foreach (var row in rows) model[row[0]] = (columns.Zip(row).ToDictionary(p => p.First, p => p.Second), false);
        foreach (var id in ids.Distinct()) versions[id] = versions.GetValueOrDefault(id) + 1;
        return written;
    }

    private static async Task CheckAsync(
        TestVault vault, SnapshotManifest manifest, SortedDictionary<string, (Dictionary<string, string>? Values, bool Gone)> model, Dictionary<string, int> versions)
    {
        var reader = vault.Vault.Open(manifest);
        var all = await TestVault.ListAsync(reader.ReadAsync("Account", null, true, CancellationToken.None));
        Assert.Equal(model.Keys, all.Select(r => r.Id));
        foreach (var record in all) Same(model[record.Id], record);

        var live = await TestVault.ListAsync(reader.ReadAsync("Account", null, false, CancellationToken.None));
        Assert.Equal(all.Where(r => !r.Deleted).Select(r => r.Id), live.Select(r => r.Id));

        var middle = model.Keys.ElementAt(model.Count / 2);
        var after = await TestVault.ListAsync(reader.ReadAsync("Account", middle, true, CancellationToken.None));
        Assert.Equal(model.Keys.Where(id => string.CompareOrdinal(id, middle) > 0), after.Select(r => r.Id));

        var wanted = model.Keys.Where((_, i) => i % 2 == 0).Append("999").ToList();
        var found = await TestVault.ListAsync(reader.LookupAsync("Account", wanted, CancellationToken.None));
        Assert.Equal(wanted.SkipLast(1), found.Select(r => r.Id));
        foreach (var record in found) Same(model[record.Id], record);

        var history = await TestVault.ListAsync(reader.HistoryAsync("Account", middle, CancellationToken.None));
        Assert.True(history.Count >= versions[middle]);
        Assert.Equal(model[middle].Gone, history[^1].Record.IsTombstone);

        var columns = await reader.ColumnsAsync("Account", CancellationToken.None);
        Assert.Equal("Id", columns[0]);
        Assert.Equal(columns.Distinct(), columns);
        Assert.All(all, r => Assert.Subset(columns.ToHashSet(), r.Columns.ToHashSet()));
    }

    private static void Same((Dictionary<string, string>? Values, bool Gone) expected, StoredRecord record)
    {
        Assert.Equal(expected.Gone, record.IsTombstone);
        Assert.Equal(expected.Gone || expected.Values!["IsDeleted"] == "true", record.Deleted);
        if (expected.Values is null) Assert.Equal(["Id"], record.Columns);
        else Assert.Equal(expected.Values, record.Columns.ToDictionary(c => c, c => record[c]!));
        Assert.Null(record["NoSuchColumn"]);
    }
}
