using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

public sealed class VerificationTests
{
    private static string Formats => Path.Combine(RepositoryFolder.Path, "tests", "Formats");

    public static TheoryData<string> GoldenVaults => [.. Directory.GetDirectories(Formats).Where(f => File.Exists(Path.Combine(f, "vault.json"))).Select(f => Path.GetFileName(f)!)];

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_sound_vault_gives_no_finding(bool encrypted)
    {
        var store = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(store, encrypted);
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
        Assert.Equal([VerifyProblem.NotChecked], (await TestVault.VerifyAsync(store, null)).Select(f => f.Problem));
    }

    [Theory, InlineData(false, true), InlineData(true, true), InlineData(false, false), InlineData(true, false)]
    public async Task One_changed_byte_anywhere_is_found_and_its_file_named(bool encrypted, bool withKey)
    {
        var whole = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(whole, encrypted);
        var places = whole.Blobs.SelectMany(b => Enumerable.Range(0, b.Value.Length).Select(i => (b.Key, i))).ToArray();
        var random = new Random(11);
        random.Shuffle(places);
        // 1,000 anywhere, and every byte of the two smallest kinds, where the random ones seldom fall.
        foreach (var (name, at) in places.Take(1000).Concat(places.Where(p => p.Key.EndsWith(".keys", StringComparison.Ordinal) || p.Key == "vault.json").Take(300)))
        {
            var spoiled = whole.Copy();
            spoiled.Blobs[name][at] ^= (byte)random.Next(1, 256);
            var findings = await TestVault.VerifyAsync(spoiled, withKey ? vault.Key : null);
            Assert.True(findings.Any(f => f.IsDamage && f.BlobName == name), $"byte {at} of {name}: {string.Join(" | ", findings)}");
            Assert.All(findings, f => Assert.False(f.IsDamage && f.BlobName != name, $"byte {at} of {name}: {f}"));
        }
    }

    /// <summary>Every kind of file that a release has written: certificates, lists of Ids, the org's card and whatever comes after them.</summary>
    [Theory, MemberData(nameof(GoldenVaults))]
    public async Task One_changed_byte_in_a_vault_of_any_release_is_found(string folder)
    {
        using var key = MasterKey.FromFile(Path.Combine(Formats, "test.key"));
        var whole = new MemoryBlobStore();
        foreach (var file in Directory.GetFiles(Path.Combine(Formats, folder), "*", SearchOption.AllDirectories))
            whole.Blobs[Path.GetRelativePath(Path.Combine(Formats, folder), file).Replace('\\', '/')] = await File.ReadAllBytesAsync(file);
        Assert.Empty(await TestVault.VerifyAsync(whole, key));
        var random = new Random(12);
        foreach (var (name, at) in Places(whole, random, folder == "v1-everything" ? 1_000 : 250))
        {
            var was = whole.Blobs[name][at];
            whole.Blobs[name][at] ^= (byte)random.Next(1, 256);
            var findings = await TestVault.VerifyAsync(whole, key);
            Assert.True(findings.Any(f => f.IsDamage && f.BlobName == name), $"byte {at} of {name}: {string.Join(" | ", findings)}");
            whole.Blobs[name][at] = was;
        }
    }

    /// <summary>As many bytes of each kind of file as of any other, however few files there are of it.</summary>
    private static IEnumerable<(string Name, int At)> Places(MemoryBlobStore whole, Random random, int count)
    {
        var kinds = whole.Blobs.Keys.GroupBy(KindOf).Select(kind => kind.ToArray()).ToArray();
        for (var i = 0; i < count; i++)
        {
            var kind = kinds[i % kinds.Length];
            var name = kind[random.Next(kind.Length)];
            yield return (name, random.Next(whole.Blobs[name].Length));
        }

        static string KindOf(string name) => name.Split('/') is ["documents", var what, _, ..] and var parts ? $"{what} {(parts.Length > 4 ? parts[3] : parts[^1].Split('.')[^1])}"
            : $"{name.Split('/')[0]} {Path.GetExtension(name)}";
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_changed_byte_in_the_tail_of_a_large_segment_is_found(bool encrypted)
    {
        var whole = new MemoryBlobStore();
        await using var vault = await TestVault.CreateAsync(whole, encrypted);
        await vault.WriteAsync("Note", vault.NewSnapshotId(), ["Id", "Body"], SmallVault.Notes());
        var (name, bytes) = whole.Blobs.Single(b => b.Key.Contains(".csv.zst", StringComparison.Ordinal));
        for (var at = bytes.Length - 300; at < bytes.Length; at++)
        {
            var spoiled = whole.Copy();
            spoiled.Blobs[name][at] ^= 0x10;
            var finding = Assert.Single(await TestVault.VerifyAsync(spoiled, vault.Key));
            Assert.Equal((name, VerifyProblem.Damaged), (finding.BlobName, finding.Problem));
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_file_cut_off_or_lengthened_is_found_and_named(bool encrypted)
    {
        var whole = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(whole, encrypted);
        foreach (var (name, bytes) in whole.Blobs)
            foreach (var length in (int[])[0, 1, bytes.Length / 2, bytes.Length - 1, bytes.Length + 1])
            {
                var spoiled = whole.Copy();
                var other = new byte[length];
                bytes.AsSpan(0, Math.Min(length, bytes.Length)).CopyTo(other);
                spoiled.Blobs[name] = other;
                Assert.Contains(await TestVault.VerifyAsync(spoiled, vault.Key), f => f.IsDamage && f.BlobName == name);
            }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_file_that_something_needs_is_missed(bool encrypted)
    {
        var whole = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(whole, encrypted);
        var needed = whole.Blobs.Keys.Where(n => !n.StartsWith("manifests/", StringComparison.Ordinal) && !n.StartsWith("documents/checkpoints", StringComparison.Ordinal)
            && !n.StartsWith("segments/Lead/", StringComparison.Ordinal) && !IsEmptyFile(n)).ToList();
        Assert.True(needed.Count >= 7);
        foreach (var name in needed)
        {
            var spoiled = whole.Copy();
            spoiled.Blobs.Remove(name);
            Assert.Contains(await TestVault.VerifyAsync(spoiled, vault.Key), f => f.IsDamage && f.BlobName == name);
        }

        // No record refers to the empty file.
        bool IsEmptyFile(string name) => name.StartsWith("files/", StringComparison.Ordinal) && whole.Blobs[name].Length < 110 && !name.EndsWith(".keys", StringComparison.Ordinal)
            || name.EndsWith(".keys", StringComparison.Ordinal) && whole.Blobs[name].Length == 37;
    }

    [Fact]
    public async Task An_alien_file_is_told_and_so_is_a_file_under_another_name()
    {
        var store = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
        store.Blobs["notes.txt"] = [1, 2, 3];
        store.Blobs["segments/Account/readme"] = [];
        var segment = store.Blobs.Keys.First(n => n.StartsWith("segments/Account/", StringComparison.Ordinal) && n.EndsWith(".enc", StringComparison.Ordinal));
        var renamed = segment.Replace("Account", "Contact", StringComparison.Ordinal);
        store.Blobs[renamed] = store.Blobs[segment];
        var findings = await TestVault.VerifyAsync(store, vault.Key);
        Assert.Equal([VerifyProblem.Alien, VerifyProblem.Alien], findings.Where(f => f.Problem == VerifyProblem.Alien).Select(f => f.Problem));
        Assert.Contains(findings, f => f.BlobName == renamed && f.Problem == VerifyProblem.Damaged);
    }

    [Fact]
    public async Task A_manifest_rewritten_by_somebody_without_the_key_is_found_in_a_plain_vault()
    {
        var store = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(store, encrypted: false);
        var forger = new MemoryBlobStore();
        await using var theirs = await OrgVault.CreateAsync(forger, new VaultDescription(vault.Vault.VaultId, vault.Vault.OrgId, false), TestVault.NewKey(), vault.Time, CancellationToken.None);
        var name = store.Blobs.Keys.First(n => n.StartsWith("manifests/", StringComparison.Ordinal));
        var id = Guid.Parse(name["manifests/".Length..][..36]);
        var manifest = await vault.Vault.ReadManifestAsync(id, CancellationToken.None);
        await theirs.WriteManifestAsync(manifest with { Objects = [] }, CancellationToken.None);
        store.Blobs[name] = forger.Blobs[name];
        Assert.Contains(await TestVault.VerifyAsync(store, vault.Key), f => f.BlobName == name && f.What.Contains("signature", StringComparison.Ordinal));
        await Assert.ThrowsAsync<VaultException>(() => vault.Vault.ReadManifestAsync(id, CancellationToken.None));
    }

    [Fact]
    public async Task Findings_say_which_snapshots_depend_on_the_file()
    {
        var store = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
        var segment = store.Blobs.Keys.First(n => n.StartsWith("segments/Contact/", StringComparison.Ordinal) && n.EndsWith(".enc", StringComparison.Ordinal));
        store.Blobs[segment][0] ^= 1;
        var finding = Assert.Single(await TestVault.VerifyAsync(store, vault.Key));
        Assert.Equal(2, finding.Dependents.Length);
        Assert.NotEmpty(finding.Remedy);
    }
}
