using System.Diagnostics;
using System.Text;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

public sealed class PlainToolsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vault-zstd-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Segments_and_files_of_a_plain_vault_open_with_the_ordinary_zstd()
    {
        if (!await SsdBlobStoreTests.RunAsync("zstd", "--version")) Assert.Skip("The program zstd is not installed (apt install zstd).");
        await using var vault = await TestVault.CreateAsync(new SsdBlobStore(_folder.FullName), encrypted: false);
        var rows = SegmentRoundTripTests.Rows(10_000).ToList();
        var segment = Assert.Single(await vault.WriteAsync("Contact", vault.NewSnapshotId(), ["Id", "Name", "Text"], rows));
        var csv = await ZstdAsync($"segments/Contact/{segment.Id}.csv.zst");
        Assert.Equal(string.Concat(rows.Select(r => string.Join(',', r) + "\n").Prepend("Id,Name,Text\n")), Encoding.UTF8.GetString(csv));

        var noise = new byte[(5 << 20) + 3];
        new Random(9).NextBytes(noise);
        foreach (var content in (byte[][])[noise, SmallVault.Text, []])
        {
            var file = await vault.Vault.PutFileAsync(new MemoryStream(content), CancellationToken.None);
            var opened = await ZstdAsync($"files/{file.Sha256[..2]}/{file.Sha256}.zst");
            Assert.True(content.AsSpan().SequenceEqual(opened));
        }
    }

    private async Task<byte[]> ZstdAsync(string name)
    {
        using var process = Process.Start(new ProcessStartInfo("zstd", ["-dc", Path.Combine(_folder.FullName, name)]) { RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
