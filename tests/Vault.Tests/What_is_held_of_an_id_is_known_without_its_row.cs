using System.Text;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>The list of Ids in a segment's tail (FORMAT.md §3.4).</summary>
public sealed class What_is_held_of_an_id_is_known_without_its_row
{
    private static readonly string[] s_columns = ["Id", "IsDeleted", "Text"];

    [Theory, InlineData(1, true), InlineData(2, false), InlineData(3, true)]
    public async Task As_its_newest_row_says_over_any_history(int seed, bool encrypted)
    {
        var random = new Random(seed);
        await using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), encrypted);
        var segments = new List<SegmentRef>();
        for (var run = 0; run < 6; run++)
        {
            var snapshot = vault.NewSnapshotId();
            var ids = Enumerable.Range(0, run == 0 ? 9_000 : random.Next(1, 3_000)).Select(_ => Id(random.Next(12_000))).Distinct().ToList();
            if (run == 3) segments.AddRange(await vault.WriteAsync("Contact", snapshot, ["Id"], ids.Take(50).Select(id => (string[])[id]), SegmentKind.Tombstones));
            else segments.AddRange(await vault.WriteAsync("Contact", snapshot, s_columns, ids.Select(id => (string[])[id, random.Next(10) == 0 ? "true" : "false", Noise(random)])));
        }
        var reader = vault.Vault.Open(vault.Manifest(vault.NewSnapshotId(), ("Contact", segments)));
        var asked = Enumerable.Range(0, 4_000).Select(_ => Id(random.Next(13_000))).Append("003").Append("zzz").Append("0030000000000!!AAA").ToHashSet();
        var rows = (await TestVault.ListAsync(reader.LookupAsync("Contact", asked, CancellationToken.None)))
            .ToDictionary(r => r.Id, r => r.IsTombstone ? HeldState.Buried : r.Deleted ? HeldState.Deleted : HeldState.Live);
        var states = await reader.StatesAsync("Contact", asked, CancellationToken.None);
        Assert.Equal(rows.OrderBy(r => r.Key, StringComparer.Ordinal), states.OrderBy(s => s.Key, StringComparer.Ordinal));
        Assert.All([HeldState.Live, HeldState.Deleted, HeldState.Buried], state => Assert.Contains(state, states.Values));
    }

    [Fact]
    public async Task Without_reading_a_block()
    {
        var folder = Directory.CreateTempSubdirectory("vault-ids-").FullName;
        await using var vault = await TestVault.CreateAsync(new SsdBlobStore(folder), encrypted: true);
        var snapshot = vault.NewSnapshotId();
        var random = new Random(1);
        var segment = Assert.Single(await vault.WriteAsync("Contact", snapshot, s_columns, Enumerable.Range(0, 9_000).Select(i => (string[])[Id(i * 3), i % 7 == 0 ? "true" : "false", Noise(random)])));
        var file = Directory.GetFiles(Path.Combine(folder, "segments", "Contact"), $"{segment.Id}*.enc").Single();
        await using (var stream = File.Open(file, FileMode.Open))
        {
            stream.Write(new byte[4096]);                       // the first block is no more
        }
        var reader = vault.Vault.Open(vault.Manifest(snapshot, ("Contact", [segment])));
        var states = await reader.StatesAsync("Contact", [Id(0), Id(3), Id(4), Id(8_999 * 3)], CancellationToken.None);
        Assert.Equal(new Dictionary<string, HeldState> { [Id(0)] = HeldState.Deleted, [Id(3)] = HeldState.Live, [Id(8_999 * 3)] = 8_999 % 7 == 0 ? HeldState.Deleted : HeldState.Live }, states);
        await Assert.ThrowsAsync<VaultException>(() => TestVault.ListAsync(reader.LookupAsync("Contact", [Id(0)], CancellationToken.None)));
        Directory.Delete(folder, recursive: true);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task At_the_cost_of_two_bytes_an_id(bool dense)
    {
        await using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), encrypted: false);
        var snapshot = vault.NewSnapshotId();
        string[][] Rows(Func<int, string> id) => [.. Enumerable.Range(0, 40_000).Select(i => (string[])[id(i), "false", new string('x', 60)])];
        var listed = Assert.Single(await vault.WriteAsync("Contact", snapshot, s_columns, Rows(i => Id(dense ? i : i * 60))));
        var filtered = Assert.Single(await vault.WriteAsync("Contact", snapshot, s_columns, Rows(i => "x" + Id(dense ? i : i * 60))));       // Ids that are none: a Bloom filter
        Assert.InRange(listed.StoredBytes - filtered.StoredBytes, -40_000, 40_000);
    }

    [Fact]
    public async Task Also_of_ids_that_are_not_Salesforces()
    {
        await using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), encrypted: true);
        var snapshot = vault.NewSnapshotId();
        var random = new Random(1);
        var segments = await vault.WriteAsync("Thing", snapshot, s_columns, Enumerable.Range(0, 9_000).Select(i => (string[])[$"thing-{i:D6}", i % 2 == 0 ? "true" : "false", Noise(random)]));
        var states = await vault.Vault.Open(vault.Manifest(snapshot, ("Thing", segments))).StatesAsync("Thing", ["thing-000000", "thing-000001", "thing-999999"], CancellationToken.None);
        Assert.Equal([("thing-000000", HeldState.Deleted), ("thing-000001", HeldState.Live)], states.Select(s => (s.Key, s.Value)).OrderBy(s => s.Key));
    }

    private static string Noise(Random random) => new StringBuilder().Insert(0, $"{random.Next():x} ", 30).ToString();

    /// <summary>The number in base 62, as Salesforce counts.</summary>
    private static string Id(int number)
    {
        const string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        var text = "";
        for (var rest = number; text.Length < 8; rest /= 62) text = digits[rest % 62] + text;
        return $"0035g00{text}AAA";
    }
}
