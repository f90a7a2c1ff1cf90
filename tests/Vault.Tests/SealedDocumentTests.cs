using System.Text;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

public sealed class SealedDocumentTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData(3_500_000)]
    public async Task What_was_sealed_comes_out_and_the_head_is_readable_without_the_key(int length)
    {
        using var key = RecoveryKey.New(out _);
        var plain = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
        var file = await SealAsync(key.Public(), plain);
        Assert.Equal(("1.2.3", 7), await SealedDocument.ReadHeaderAsync(new MemoryStream(file), default) is var h ? (h.ApplianceVersion, h.Migration) : default);
        Assert.Equal(plain, await OpenAsync(file, key));
    }

    [Fact]
    public async Task A_key_from_its_text_and_a_passphrase_open_it()
    {
        using var _ = RecoveryKey.New(out var text);
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, text + "\n");
        using var key = RecoveryKey.Named(path);
        File.Delete(path);
        Assert.Equal("x"u8.ToArray(), await OpenAsync(await SealAsync(key.Public(), "x"u8.ToArray()), key));
        using var words = RecoveryKey.FromPassphrase("five random words are good");
        using var wrong = RecoveryKey.FromPassphrase("five random words are bad!");
        var file = await SealAsync(words.Public(), "x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await OpenAsync(file, words));
        Assert.Equal(FailureKind.Operator, (await Assert.ThrowsAsync<VaultException>(() => OpenAsync(file, wrong))).Kind);
        Assert.Equal(FailureKind.Operator, (await Assert.ThrowsAsync<VaultException>(() => OpenAsync(file, key))).Kind);
    }

    /// <summary>The public half stands in every head: somebody who may write to the storage has it, but not the author key.</summary>
    [Fact]
    public async Task Nobody_but_the_appliance_can_write_one_that_passes_for_its_own()
    {
        using var key = RecoveryKey.New(out _);
        var ours = await SealAsync(key.Public(), "ours"u8.ToArray());
        var head = await SealedDocument.ReadHeaderAsync(new MemoryStream(ours), default);
        Assert.True(head.Signed);
        Assert.Null(head.Recovery.Author);
        Assert.DoesNotContain("author", Encoding.ASCII.GetString(ours), StringComparison.OrdinalIgnoreCase);
        // Without the author key only the first format can be written, and it is told apart …
        var theirs = await SealAsync(head.Recovery, "theirs"u8.ToArray());
        Assert.False((await SealedDocument.ReadHeaderAsync(new MemoryStream(theirs), default)).Signed);
        Assert.Equal("theirs"u8.ToArray(), await OpenAsync(theirs, key));
        // … also when it calls itself the second, or has an author key of its own.
        theirs["appliance-self-backup ".Length] = (byte)'2';
        await Assert.ThrowsAsync<VaultException>(() => OpenAsync(theirs, key));
        await Assert.ThrowsAsync<VaultException>(async () => await OpenAsync(await SealAsync(head.Recovery with { Author = new byte[32] }, "theirs"u8.ToArray()), key));
    }

    [Fact]
    public async Task A_changed_cut_or_lengthened_file_does_not_open()
    {
        using var key = RecoveryKey.New(out _);
        var file = await SealAsync(key.Public(), Encoding.ASCII.GetBytes(new string('a', 300)));
        for (var at = 0; at < file.Length; at++)
        {
            var changed = file.ToArray();
            changed[at] ^= 1;
            await Assert.ThrowsAsync<VaultException>(() => OpenAsync(changed, key));
        }
        for (var length = 0; length < file.Length; length += 3) await Assert.ThrowsAsync<VaultException>(() => OpenAsync(file[..length], key));
        await Assert.ThrowsAsync<VaultException>(() => OpenAsync([.. file, 0], key));
    }

    [Fact]
    public async Task Without_its_end_because_the_content_failed_it_does_not_open()
    {
        using var key = RecoveryKey.New(out _);
        using var file = new MemoryStream();
        await Assert.ThrowsAsync<IOException>(() => SealedDocument.WriteAsync(file, key.Public(), At, "1", 1, 1, async (to, ct) =>
        {
            await to.WriteAsync(new byte[(1 << 20) + 5], ct);
            throw new IOException("away");
        }, default));
        await Assert.ThrowsAsync<VaultException>(() => OpenAsync(file.ToArray(), key));
    }

    private static async Task<byte[]> SealAsync(RecoveryPublic half, byte[] plain)
    {
        using var file = new MemoryStream();
        await SealedDocument.WriteAsync(file, half, At, "1.2.3", 7, 7, (to, ct) => to.WriteAsync(plain, ct).AsTask(), default);
        return file.ToArray();
    }

    private static async Task<byte[]> OpenAsync(byte[] file, RecoveryKey key)
    {
        var (_, content) = await SealedDocument.OpenAsync(new MemoryStream(file), key, default);
        await using (content)
        {
            using var plain = new MemoryStream();
            await content.CopyToAsync(plain);
            return plain.ToArray();
        }
    }
}
