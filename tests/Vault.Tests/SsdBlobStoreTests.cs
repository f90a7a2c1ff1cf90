using System.Diagnostics;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

public sealed class SsdBlobStoreTests : BlobStoreContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vault-store-");

    public void Dispose() => _folder.Delete(recursive: true);

    protected override IBlobStore NewStore() => new SsdBlobStore(Path.Combine(_folder.FullName, "vault"));

    [Fact]
    public async Task Unfinished_writes_are_not_listed_and_can_be_cleared_away()
    {
        var root = Path.Combine(_folder.FullName, "vault");
        var store = new SsdBlobStore(root);
        await store.ReplaceAsync("a/x", new byte[1], CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(root, "a", ".tmp-0011"), "half");
        await File.WriteAllTextAsync(Path.Combine(root, ".tmp-0022"), "half");
        Assert.Equal(["a/x"], await TestVault.ListAsync(store.ListAsync("", CancellationToken.None)));
        Assert.Equal(2, store.DeleteUnfinishedWrites());
        Assert.Equal(0, store.DeleteUnfinishedWrites());
    }

    [Fact]
    public async Task Files_are_readable_for_the_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes.");
            return;
        }
        await NewStore().ReplaceAsync("a/x", new byte[1], CancellationToken.None);
        var path = Path.Combine(_folder.FullName, "vault", "a", "x");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task A_full_disk_is_told_with_cause_and_remedy_and_leaves_nothing()
    {
        var mount = Directory.CreateDirectory(Path.Combine(_folder.FullName, "small")).FullName;
        if (!await RunAsync("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount)) Assert.Skip("Mounting a small disk needs root.");
        try
        {
            var store = new SsdBlobStore(Path.Combine(mount, "vault"));
            await store.ReplaceAsync("a/x", new byte[1000], CancellationToken.None);
            var full = await Assert.ThrowsAsync<VaultException>(() =>
                store.PutIfAbsentAsync("a/y", (stream, token) => stream.WriteAsync(new byte[1 << 20], token).AsTask(), CancellationToken.None));
            Assert.Equal(FailureKind.Operator, full.Kind);
            Assert.Equal("a/y", full.BlobName);
            Assert.Contains("full", full.Message, StringComparison.Ordinal);
            Assert.Contains("Enlarge", full.Remedy, StringComparison.Ordinal);
            Assert.Equal(["x"], Directory.GetFiles(Path.Combine(mount, "vault"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
        }
        finally
        {
            await RunAsync("umount", mount);
        }
    }

    internal static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
