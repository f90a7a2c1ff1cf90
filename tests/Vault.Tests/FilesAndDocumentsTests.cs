using System.Security.Cryptography;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

public sealed class FilesAndDocumentsTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_file_of_any_length_comes_back_as_it_was(bool encrypted)
    {
        var store = new MemoryBlobStore();
        await using var vault = await TestVault.CreateAsync(store, encrypted);
        foreach (var (length, random) in (IEnumerable<(int, bool)>)[(0, false), (1, true), ((1 << 20) - 1, true), (1 << 20, false), ((4 << 20) - 1, true), (4 << 20, true), ((9 << 20) + 17, true), ((9 << 20) + 17, false)])
        {
            var content = new byte[length];
            if (random) new Random(length).NextBytes(content);
            var reference = await vault.Vault.PutFileAsync(new TricklingStream(content), CancellationToken.None);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), reference.Sha256);
#pragma warning disable CA5351 // what Salesforce tells of a file
            Assert.Equal(Convert.ToHexStringLower(MD5.HashData(content)), reference.Md5);
#pragma warning restore CA5351
            Assert.Equal(length, reference.Length);
            using var read = new MemoryStream();
            await using (var stream = await vault.Vault.OpenFileAsync(reference, CancellationToken.None)) await stream.CopyToAsync(read);
            Assert.True(content.AsSpan().SequenceEqual(read.ToArray()));
        }
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Equal_content_is_stored_once_and_incompressible_content_grows_by_little(bool encrypted)
    {
        foreach (var length in (int[])[100_000, 6 << 20])
        {
            var store = new MemoryBlobStore();
            await using var vault = await TestVault.CreateAsync(store, encrypted);
            var noise = new byte[length];
            new Random(1).NextBytes(noise);
            var first = await vault.Vault.PutFileAsync(new MemoryStream(noise), CancellationToken.None);
            var names = store.Blobs.Keys.ToList();
            Assert.Equal(first, await vault.Vault.PutFileAsync(new MemoryStream(noise), CancellationToken.None));
            Assert.Equal(names, store.Blobs.Keys);
            var stored = store.Blobs.Where(b => b.Key.StartsWith("files/", StringComparison.Ordinal)).Sum(b => b.Value.Length);
            Assert.InRange(stored, length, length + 300 + length / 5000);
        }
    }

    [Fact]
    public async Task In_an_encrypted_vault_no_name_tells_the_hash_of_a_content()
    {
        var store = new MemoryBlobStore();
        await using var vault = await TestVault.CreateAsync(store, encrypted: true);
        var reference = await vault.Vault.PutFileAsync(new MemoryStream("a well-known text"u8.ToArray()), CancellationToken.None);
        Assert.DoesNotContain(store.Blobs.Keys, name => name.Contains(reference.Sha256, StringComparison.Ordinal));
        Assert.DoesNotContain(store.Blobs.Values, bytes => bytes.AsSpan().IndexOf("well-known"u8) >= 0);
    }

    [Fact]
    public async Task A_damaged_file_is_noticed_while_it_is_read()
    {
        var store = new MemoryBlobStore();
        await using var vault = await TestVault.CreateAsync(store, encrypted: false);
        var reference = await vault.Vault.PutFileAsync(new MemoryStream(SmallVault.Noise), CancellationToken.None);
        var name = store.Blobs.Keys.Single(n => n.StartsWith("files/", StringComparison.Ordinal));
        store.Blobs[name][1000] ^= 1;
        await using var stream = await vault.Vault.OpenFileAsync(reference, CancellationToken.None);
        Assert.Equal(name, (await Assert.ThrowsAsync<VaultException>(() => stream.CopyToAsync(Stream.Null))).BlobName);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Documents_are_put_once_replaced_listed_and_deleted(bool encrypted)
    {
        var store = new MemoryBlobStore();
        await using var vault = await TestVault.CreateAsync(store, encrypted);
        var large = new byte[3 << 20];
        new Random(3).NextBytes(large);
        Assert.True(await vault.Vault.PutDocumentAsync("plans/a.json", large, CancellationToken.None));
        Assert.False(await vault.Vault.PutDocumentAsync("plans/a.json", new byte[1], CancellationToken.None));
        Assert.Equal(large, await vault.Vault.GetDocumentAsync("plans/a.json", CancellationToken.None));
        await vault.Vault.ReplaceDocumentAsync("plans/b", new byte[1], CancellationToken.None);
        await vault.Vault.ReplaceDocumentAsync("plans/b", ReadOnlyMemory<byte>.Empty, CancellationToken.None);
        Assert.Empty((await vault.Vault.GetDocumentAsync("plans/b", CancellationToken.None))!);
        Assert.Equal(["plans/a.json", "plans/b"], await TestVault.ListAsync(vault.Vault.ListDocumentsAsync("plans/", CancellationToken.None)));
        await vault.Vault.DeleteDocumentAsync("plans/b", CancellationToken.None);
        Assert.Null(await vault.Vault.GetDocumentAsync("plans/b", CancellationToken.None));
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
    }

    [Fact]
    public void References_are_read_as_they_are_written()
    {
        var reference = new ContentReference(new string('a', 64), 12);
        Assert.True(ContentReference.TryParse(reference.ToString(), out var parsed));
        Assert.Equal(reference, parsed);
        foreach (var bad in (string[])["", "sha256:", $"sha256:{new string('A', 64)};1", $"sha256:{new string('a', 64)};", $"sha256:{new string('a', 64)};-1", $"sha256:{new string('a', 64)};1x"])
            Assert.False(ContentReference.TryParse(bad, out _), bad);
    }

    [Fact]
    public async Task The_wrong_key_is_refused_with_both_key_ids()
    {
        var store = new MemoryBlobStore();
        using var right = TestVault.NewKey();
        await using var vault = await TestVault.CreateAsync(store, encrypted: true, right);
        using var other = TestVault.NewKey();
        var refused = await Assert.ThrowsAsync<VaultException>(() => OrgVault.OpenAsync(store, other, vault.Time, CancellationToken.None));
        Assert.Equal(FailureKind.Operator, refused.Kind);
        Assert.Contains(other.KeyId, refused.Message, StringComparison.Ordinal);
        Assert.Contains(right.KeyId, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encrypted_vault_without_a_key_says_so()
    {
        var store = new MemoryBlobStore();
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
        await using var locked = await OrgVault.OpenAsync(store, null, vault.Time, CancellationToken.None);
        var id = (await TestVault.ListAsync(locked.ListSnapshotsAsync(CancellationToken.None)))[0];
        Assert.Equal(FailureKind.Operator, (await Assert.ThrowsAsync<VaultException>(() => locked.ReadManifestAsync(id, CancellationToken.None))).Kind);
    }

    /// <summary>Gives few bytes at a time, as a network does.</summary>
    private sealed class TricklingStream(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(buffer.Length, 77_777)], cancellationToken);
    }
}
