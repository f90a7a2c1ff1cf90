using System.Text;
using Appliance.Vault;
using CsCheck;
using Xunit;

namespace Vault.Tests;

public sealed class SegmentRoundTripTests
{
    // Every character that CSV treats specially, some that UTF-8 needs several bytes for, and the empty value.
    private static readonly Gen<string> s_value = Gen.Frequency(
        (3, Gen.Const("")), (5, Gen.String[Gen.Char["ab,\"\r\n;€\0 é"], 0, 12]), (1, Gen.String[Gen.Char["x\""], 100, 3000]));

    private static readonly Gen<string> s_id = Gen.String[Gen.Char.AlphaNumeric, 1, 18];

    private static readonly Gen<List<string[]>> s_rows = Gen.Select(s_id, s_value.Array[3], (id, values) => (string[])[id, .. values]).List[1, 60];

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_is_read_is_what_was_written_in_order_of_Id_and_each_Id_once(bool encrypted)
    {
        await using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), encrypted);
        await Gen.Select(s_rows, Gen.Int[1, 20_000]).SampleAsync(async (rows, flushBytes) =>
        {
            var snapshot = vault.NewSnapshotId();
            var segments = await vault.WriteAsync("Account", snapshot, ["Id", "A", "B", "C"], rows, flushBytes: flushBytes);
            var read = await TestVault.ListAsync(vault.Vault.Open(vault.Manifest(snapshot, ("Account", segments))).ReadAsync("Account", null, true, CancellationToken.None));

            var expected = rows.GroupBy(r => r[0]).Select(g => g.Last()).OrderBy(r => r[0], StringComparer.Ordinal).ToList();
            Assert.Equal(expected.Select(r => string.Join('|', r)), read.Select(r => string.Join('|', Enumerable.Range(0, 4).Select(i => r.Value(i) ?? ""))));
        }, iter: 100, threads: 1);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Rows_of_many_blocks_come_back_sorted_or_not(bool encrypted)
    {
        await using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), encrypted);
        foreach (var shuffled in (bool[])[false, true])
        {
            var rows = Rows(20_000).ToArray();
            var input = (string[][])rows.Clone();
            if (shuffled) new Random(7).Shuffle(input);
            var snapshot = vault.NewSnapshotId();
            var segments = await vault.WriteAsync("Contact", snapshot, ["Id", "Name", "Text"], input);
            Assert.True(Assert.Single(segments).PlainBytes > 3 << 20);

            var reader = vault.Vault.Open(vault.Manifest(snapshot, ("Contact", segments)));
            var read = await TestVault.ListAsync(reader.ReadAsync("Contact", null, true, CancellationToken.None));
            Assert.Equal(rows.Select(r => (r[0], r[1], r[2])), read.Select(r => (r.Id, r["Name"]!, r["Text"]!)));

            var after = await TestVault.ListAsync(reader.ReadAsync("Contact", rows[12_345][0], true, CancellationToken.None));
            Assert.Equal(rows.Skip(12_346).Select(r => r[0]), after.Select(r => r.Id));

            var wanted = rows.Where((_, i) => i % 997 == 0).Select(r => r[0]).Append("zzz").Append("000").ToList();
            var found = await TestVault.ListAsync(reader.LookupAsync("Contact", wanted, CancellationToken.None));
            Assert.Equal(wanted.SkipLast(2), found.Select(r => r.Id));
        }
    }

    [Fact]
    public async Task A_row_larger_than_a_block_is_kept_whole()
    {
        await using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), encrypted: true);
        var large = new string('"', 3 << 20);
        string[][] rows = [["001", large], ["002", "small"], ["003", large]];
        var snapshot = vault.NewSnapshotId();
        var segments = await vault.WriteAsync("Account", snapshot, ["Id", "Text"], rows);
        var read = await TestVault.ListAsync(vault.Vault.Open(vault.Manifest(snapshot, ("Account", segments))).ReadAsync("Account", null, true, CancellationToken.None));
        Assert.Equal(rows.Select(r => r[1].Length), read.Select(r => r["Text"]!.Length));
    }

    [Fact]
    public async Task A_writer_refuses_what_would_not_come_back()
    {
        await using var vault = await TestVault.CreateAsync(new MemoryBlobStore(), encrypted: false);
        using var writer = vault.Vault.NewSegments("Account", vault.NewSnapshotId(), SegmentKind.Records, ["Id", "Name"]);
        Assert.Empty(await writer.SealAsync(CancellationToken.None));
        writer.BeginRow();
        Assert.Throws<VaultException>(() => writer.Add("a,b"u8));
        Assert.Throws<ArgumentException>(() => vault.Vault.NewSegments("../x", Guid.Empty, SegmentKind.Records, ["Id"]));
        Assert.Throws<ArgumentException>(() => vault.Vault.NewSegments("Account", Guid.Empty, SegmentKind.Records, ["Name"]));
        Assert.Throws<ArgumentException>(() => vault.Vault.NewSegments("Account", Guid.Empty, SegmentKind.Tombstones, ["Id", "Name"]));
    }

    public static IEnumerable<string[]> Rows(int count)
    {
        var random = new Random(1);
        for (var i = 0; i < count; i++)
            yield return [$"003{i:D12}AAA", $"Name {random.Next(1000)}", new StringBuilder().Insert(0, $"{random.Next():x} ", 20).ToString()];
    }
}
