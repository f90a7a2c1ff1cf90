using System.Xml.Linq;
using Appliance.Cli;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

public sealed class MetadataTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vault-metadata-");

    private string Vault => Path.Combine(_folder.FullName, "vault");

    private string Key => Path.Combine(_folder.FullName, "master.key");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_offline_reader_lists_shows_and_exports_it_as_a_package()
    {
        var (first, second) = await WriteAsync();
        var (code, list, _) = await RunAsync("read", "--vault", Vault, "--key", Key, "--metadata", "--snapshot", $"{first}");
        Assert.Equal(0, code);
        Assert.StartsWith("Path,Type,FullName,ComponentId,LastModifiedDate,Length,Sha256\nclasses/A.cls,ApexClass,A,01p000000000001AAA,2026-01-31T10:00:00.000Z,17,", list, StringComparison.Ordinal);
        Assert.Contains("\n\"layouts/Account-Sales, \"\"Europe\"\".layout\",Layout,", list, StringComparison.Ordinal);
        Assert.Equal("public class A { Integer i; }", (await RunAsync("read", "--vault", Vault, "--key", Key, "--file", "classes/A.cls")).Output);
        Assert.Equal(2, (await RunAsync("read", "--vault", Vault, "--key", Key, "--file", "classes/B.cls")).Code);
        Assert.Equal(2, (await RunAsync("read", "--vault", Vault, "--key", Key)).Code);

        var target = Path.Combine(_folder.FullName, "package");
        Assert.Equal(0, (await RunAsync("export", "--vault", Vault, "--key", Key, "--snapshot", $"{first}", "--metadata-only", "--to", target)).Code);
        Assert.Equal("public class A {}", await File.ReadAllTextAsync(Path.Combine(target, "classes", "A.cls")));
        Assert.Equal("<Layout/>", await File.ReadAllTextAsync(Path.Combine(target, "layouts", "Account-Sales, \"Europe\".layout")));
        var package = XDocument.Load(Path.Combine(target, "package.xml")).Root!;
        Assert.Equal(["AApexClass", "Account-Sales, \"Europe\"Layout", "66.0"], package.Elements().Select(e => e.Value));

        Assert.Equal(0, (await RunAsync("export", "--vault", Vault, "--key", Key, "--snapshot", $"{second}", "--to", Path.Combine(_folder.FullName, "whole"))).Code);
        Assert.Equal(["classes/A.cls", "classes/A.cls-meta.xml", "package.xml"],
            Directory.GetFiles(Path.Combine(_folder.FullName, "whole", "metadata"), "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Path.Combine(_folder.FullName, "whole", "metadata"), f)).Order(StringComparer.Ordinal));
        Assert.Contains("1 components of metadata", (await RunAsync("snapshots", "--vault", Vault, "--key", Key)).Output, StringComparison.Ordinal);
        Assert.Contains("1 components of 1 types counted again", (await RunAsync("verify", "--vault", Vault, "--key", Key, "--certificate")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_byte_of_it_and_a_file_that_is_gone_are_found()
    {
        await WriteAsync();
        using var key = MasterKey.FromFile(Key);
        var whole = new MemoryBlobStore();
        foreach (var file in Directory.GetFiles(Vault, "*", SearchOption.AllDirectories)) whole.Blobs[Path.GetRelativePath(Vault, file)] = await File.ReadAllBytesAsync(file);
        Assert.Empty(await TestVault.VerifyAsync(whole, key));
        var random = new Random(4);
        foreach (var name in whole.Blobs.Keys.Where(n => n.StartsWith("segments/_metadata/", StringComparison.Ordinal) || n.StartsWith("files/", StringComparison.Ordinal)))
        {
            var gone = whole.Copy();
            gone.Blobs.Remove(name);
            Assert.Contains(await TestVault.VerifyAsync(gone, key), f => f.IsDamage && f.BlobName == name);
            for (var i = 0; i < 10; i++)
            {
                var spoiled = whole.Copy();
                spoiled.Blobs[name][random.Next(spoiled.Blobs[name].Length)] ^= (byte)random.Next(1, 256);
                Assert.Contains(await TestVault.VerifyAsync(spoiled, key), f => f.IsDamage && f.BlobName == name);
            }
        }
    }

    [Fact]
    public async Task A_certificate_that_does_not_fit_it_is_found()
    {
        await WriteAsync();
        using var key = MasterKey.FromFile(Key);
        await using var vault = await OrgVault.OpenAsync(new SsdBlobStore(Vault), key, TimeProvider.System, CancellationToken.None);
        var manifest = await vault.ReadManifestAsync(await vault.ListSnapshotsAsync(CancellationToken.None).LastAsync(), CancellationToken.None);
        var certificate = (await vault.ReadCertificateAsync(manifest, CancellationToken.None))!;
        async Task<string> FindingsAsync(MetadataCertificate? said) =>
            string.Join("; ", (await TestVault.ListAsync(vault.CheckCertificateAsync(manifest, certificate with { Metadata = said }, CancellationToken.None))).Select(f => f.What));
        var metadata = certificate.Metadata!;
        Assert.Equal("", await FindingsAsync(metadata));
        Assert.Contains("has metadata, and the other has none", await FindingsAsync(null), StringComparison.Ordinal);
        Assert.Contains("2 components in 2 files are certified, 1 in 2 are stored", await FindingsAsync(metadata with { Types = [new MetadataTypeCount("ApexClass", 2, 2, 2)] }), StringComparison.Ordinal);
        Assert.Contains("the org lists more than is held", await FindingsAsync(metadata with { Types = [new MetadataTypeCount("ApexClass", 2, 1, 2)] }), StringComparison.Ordinal);
        Assert.Contains("it is stored, and the certificate does not speak of it", await FindingsAsync(metadata with { Types = [] }), StringComparison.Ordinal);
        Assert.Contains("complete beside a gap", await FindingsAsync(metadata with { Gaps = [new CompletenessGap(GapKind.NotRead, "x")] }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("classes/A.cls", true)]
    [InlineData("layouts/Account-Größe %28x%29.layout", true)]
    [InlineData("../A.cls", false)]
    [InlineData("classes/../../A.cls", false)]
    [InlineData("/classes/A.cls", false)]
    [InlineData("classes//A.cls", false)]
    [InlineData("classes/./A.cls", false)]
    [InlineData("classes\\A.cls", false)]
    [InlineData("C:/A.cls", false)]
    [InlineData("classes/A\u0000.cls", false)]
    [InlineData("", false)]
    public void A_path_stays_in_its_folder(string path, bool sound) => Assert.Equal(sound, MetadataFile.IsSound(path));

    private async Task<(Guid First, Guid Second)> WriteAsync()
    {
        await using var vault = await TestVault.CreateAsync(new SsdBlobStore(Vault), encrypted: true, MasterKey.CreateFile(Key));
        return await SmallVault.WithMetadataAsync(vault);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ApplianceCommands.RunAsync(args, output, error, TimeProvider.System, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
