using Appliance.Vault;
using CsCheck;
using Xunit;

namespace Vault.Tests;

/// <summary>A sweep reads a vault in parts, and the parts add up to a whole verification.</summary>
public sealed class SweepTests
{
    private const long Unlimited = long.MaxValue;

    [Theory, InlineData(false), InlineData(true)]
    public async Task Parts_of_any_size_read_every_byte_once(bool encrypted)
    {
        var store = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(store, encrypted, twoBlocks: true);
        var whole = await vault.Vault.SweepAsync(new SweepPart(null, Unlimited), Unlimited, null, CancellationToken.None);
        Assert.Null(whole.Reached);
        Assert.Empty(whole.Findings);
        var manifests = store.Blobs.Where(b => b.Key.StartsWith("manifests/", StringComparison.Ordinal)).ToList();
        await Gen.Long[1, 20_000].SampleAsync(async bytes =>
        {
            var (files, read, parts) = (0L, 0L, 0);
            for (var after = (string?)null; ; parts++)
            {
                var part = await vault.Vault.SweepAsync(new SweepPart(after, bytes), Unlimited, null, CancellationToken.None);
                Assert.Empty(part.Findings);
                if (part.Reached is not null) Assert.NotEqual(after, part.Reached);
                (files, read) = (files + part.Files, read + part.Bytes);
                if ((after = part.Reached) is null) break;
            }
            // Each part reads the manifests again.
            Assert.Equal(whole.Files + parts * (manifests.Count + 1), files);
            Assert.Equal(whole.Bytes + parts * manifests.Sum(m => (long)m.Value.Length), read);
        }, iter: 20, threads: 1);
    }

    [Fact]
    public async Task Damage_anywhere_is_found_by_the_part_that_comes_there()
    {
        var sound = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(sound, encrypted: true);
        var random = new Random(5);
        foreach (var name in sound.Blobs.Keys.Where(n => n != "vault.json"))
        {
            var spoiled = sound.Copy();
            spoiled.Blobs[name][random.Next(spoiled.Blobs[name].Length)] ^= 0x20;
            await using var opened = await OrgVault.OpenAsync(spoiled, vault.Key, vault.Time, CancellationToken.None);
            var findings = new List<VerifyFinding>();
            for (var after = (string?)null; ;)
            {
                var part = await opened.SweepAsync(new SweepPart(after, 500), Unlimited, null, CancellationToken.None);
                findings.AddRange(part.Findings);
                if ((after = part.Reached) is null) break;
            }
            Assert.Contains(findings, f => f.IsDamage && f.BlobName == name);
            Assert.All(findings, f => Assert.True(f.BlobName == name || !f.IsDamage, $"{name}: {f}"));
        }
    }

    [Fact]
    public async Task Files_that_come_and_go_meanwhile_leave_no_gap()
    {
        var store = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(store, encrypted: false);
        var first = await vault.Vault.SweepAsync(new SweepPart(null, 1), Unlimited, null, CancellationToken.None);
        Assert.NotNull(first.Reached);
        store.Blobs.Remove(first.Reached!);         // an orphan segment or a document that was cleared away
        await vault.Vault.PutDocumentAsync("zzz/later", "new"u8.ToArray(), CancellationToken.None);
        var rest = await vault.Vault.SweepAsync(new SweepPart(first.Reached, Unlimited), Unlimited, null, CancellationToken.None);
        Assert.Null(rest.Reached);
        var manifests = store.Blobs.Count(b => b.Key.StartsWith("manifests/", StringComparison.Ordinal)) + 1;
        Assert.Equal(store.Blobs.Count + manifests, first.Files + rest.Files - 1);
    }

    [Fact]
    public async Task A_sweep_reads_no_faster_than_told()
    {
        var store = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(store, encrypted: false, twoBlocks: true);
        var sweep = vault.Vault.SweepAsync(new SweepPart(null, Unlimited), bytesPerSecond: 1000, null, CancellationToken.None);
        var started = vault.Time.GetUtcNow();
        while (!sweep.IsCompleted)
        {
            vault.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.InRange((vault.Time.GetUtcNow() - started).TotalSeconds, (await sweep).Bytes / 1000 - 2, double.MaxValue);
    }
}
