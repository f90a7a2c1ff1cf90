using System.Text;
using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>Vaults that releases wrote once (tests/Formats). They must open for ever, and nothing may write them again.</summary>
public sealed class GoldenVaultTests
{
    private static string Formats => Path.Combine(RepositoryFolder.Path, "tests", "Formats");

    [Theory, InlineData("v1-plain", false), InlineData("v1-encrypted", true)]
    public async Task A_vault_of_an_older_release_opens_and_reads_as_it_was_written(string name, bool encrypted)
    {
        var folder = Path.Combine(Formats, name);
        using var key = MasterKey.FromFile(Path.Combine(Formats, "test.key"));
        if (!Directory.Exists(folder) && Environment.GetEnvironmentVariable("WRITE_GOLDEN_VAULT") == name)
            await using (await SmallVault.WriteAsync(new SsdBlobStore(folder), encrypted, MasterKey.FromFile(Path.Combine(Formats, "test.key")), twoBlocks: true)) { }

        var store = new SsdBlobStore(folder);
        Assert.Empty(await TestVault.VerifyAsync(store, key));
        await using var vault = await OrgVault.OpenAsync(store, key, TimeProvider.System, CancellationToken.None);
        Assert.Equal(encrypted, vault.Encrypted);
        Assert.Equal("00D000000000001EAA", vault.OrgId);

        var snapshots = await TestVault.ListAsync(vault.ListSnapshotsAsync(CancellationToken.None));
        var manifest = await vault.ReadManifestAsync(snapshots[1], CancellationToken.None);
        Assert.Equal(snapshots[0], manifest.ParentId);
        Assert.Equal("AccountHistory", Assert.Single(manifest.Skipped).Name);
        var reader = vault.Open(manifest);

        var accounts = await TestVault.ListAsync(reader.ReadAsync("Account", null, true, CancellationToken.None));
        Assert.Equal(SmallVault.NewestAccounts, accounts.Where(r => !r.Deleted).Select(r => $"{r.Id} {r["Name"]} {r["Rating__c"]}"));
        Assert.Equal(["001C", "001D"], accounts.Where(r => r.Deleted).Select(r => r.Id));
        Assert.Equal(["Id", "Name", "IsDeleted", "Body", "Rating__c"], await reader.ColumnsAsync("Account", CancellationToken.None));
        var history = await TestVault.ListAsync(reader.HistoryAsync("Account", "001A", CancellationToken.None));
        Assert.Equal(snapshots, history.Select(v => v.SnapshotId));
        Assert.Equal("Acme, \"the\" first\nof all", history[0].Record["Name"]);

        var notes = SmallVault.Notes().ToList();
        Assert.Equal(notes[29][1], Assert.Single(await TestVault.ListAsync(reader.LookupAsync("Note", ["002029", "002999"], CancellationToken.None)))["Body"]);
        foreach (var (id, expected) in (IEnumerable<(string, byte[])>)[("001A", SmallVault.Text), ("001B", SmallVault.Noise)])
        {
            Assert.True(ContentReference.TryParse(accounts.Single(r => r.Id == id)["Body"], out var reference));
            using var content = new MemoryStream();
            await using (var stream = await vault.OpenFileAsync(reference, CancellationToken.None)) await stream.CopyToAsync(content);
            Assert.Equal(expected, content.ToArray());
        }
        Assert.Equal("step 1", Encoding.UTF8.GetString((await vault.GetDocumentAsync("checkpoints/run", CancellationToken.None))!));
    }

    /// <summary>Segments of two blocks of Salesforce's Ids: their tail lists the Ids (FORMAT.md §3.4).</summary>
    [Fact]
    public async Task A_list_of_Ids_of_an_older_release_is_read_for_ever()
    {
        const string name = "v1-idlist";
        var folder = Path.Combine(Formats, name);
        using var key = MasterKey.FromFile(Path.Combine(Formats, "test.key"));
        static string Id(int i) => $"0035g00000{i:D5}AAA";
        if (!Directory.Exists(folder) && Environment.GetEnvironmentVariable("WRITE_GOLDEN_VAULT") == name)
        {
            await using var written = await TestVault.CreateAsync(new SsdBlobStore(folder), encrypted: true, MasterKey.FromFile(Path.Combine(Formats, "test.key")));
            var snapshot = written.NewSnapshotId();
            var rows = Enumerable.Range(0, 40).Select(i => (string[])[Id(i * 7), i % 5 == 0 ? "true" : "false", string.Concat(Enumerable.Repeat($"row {i} ", 6000))]);
            await written.Vault.WriteManifestAsync(written.Manifest(snapshot, ("Contact", await written.WriteAsync("Contact", snapshot, ["Id", "IsDeleted", "Text"], rows))), CancellationToken.None);
            await written.Vault.PutDocumentAsync("org.json", Encoding.UTF8.GetBytes("""{"name":"Acme","loginUrl":"https://login.salesforce.com","instanceUrl":"https://acme.my.salesforce.com","clientId":"id"}"""), CancellationToken.None);
        }
        var store = new SsdBlobStore(folder);
        Assert.Empty(await TestVault.VerifyAsync(store, key));
        await using var vault = await OrgVault.OpenAsync(store, key, TimeProvider.System, CancellationToken.None);
        var reader = vault.Open(await vault.ReadManifestAsync(await vault.ListSnapshotsAsync(CancellationToken.None).SingleAsync(), CancellationToken.None));
        var states = await reader.StatesAsync("Contact", [.. Enumerable.Range(0, 300).Select(Id)], CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (Id(i * 7), i % 5 == 0 ? HeldState.Deleted : HeldState.Live)), states.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => (s.Key, s.Value)));
    }

    [Fact]
    public async Task A_certificate_of_an_older_release_can_be_checked_for_ever()
    {
        var folder = Path.Combine(Formats, "v1-certificate");
        using var key = MasterKey.FromFile(Path.Combine(Formats, "test.key"));
        if (!Directory.Exists(folder) && Environment.GetEnvironmentVariable("WRITE_GOLDEN_VAULT") == "v1-certificate")
        {
            await using var written = await SmallVault.WriteAsync(new SsdBlobStore(folder), encrypted: true, MasterKey.FromFile(Path.Combine(Formats, "test.key")));
            await SmallVault.CertifyAsync(written, 3, new CompletenessGap(GapKind.Files, "a file is lost") { Count = 1, Ids = ["001E"] });
        }
        var store = new SsdBlobStore(folder);
        Assert.Empty(await TestVault.VerifyAsync(store, key));
        await using var vault = await OrgVault.OpenAsync(store, key, TimeProvider.System, CancellationToken.None);
        var manifest = await vault.ReadManifestAsync(await vault.ListSnapshotsAsync(CancellationToken.None).LastAsync(), CancellationToken.None);
        var certificate = await vault.ReadCertificateAsync(manifest, CancellationToken.None);
        Assert.NotNull(certificate);
        Assert.Equal("001E", Assert.Single(Assert.Single(certificate.Objects).Gaps).Ids.Single());
        Assert.Empty(await TestVault.ListAsync(vault.CheckCertificateAsync(manifest, certificate, CancellationToken.None)));
    }

    [Fact]
    public async Task Metadata_of_an_older_release_is_read_for_ever()
    {
        var folder = Path.Combine(Formats, "v1-metadata");
        using var key = MasterKey.FromFile(Path.Combine(Formats, "test.key"));
        if (!Directory.Exists(folder) && Environment.GetEnvironmentVariable("WRITE_GOLDEN_VAULT") == "v1-metadata")
        {
            await using var written = await TestVault.CreateAsync(new SsdBlobStore(folder), encrypted: true, MasterKey.FromFile(Path.Combine(Formats, "test.key")));
            await SmallVault.WithMetadataAsync(written);
        }
        var store = new SsdBlobStore(folder);
        Assert.Empty(await TestVault.VerifyAsync(store, key));
        await using var vault = await OrgVault.OpenAsync(store, key, TimeProvider.System, CancellationToken.None);
        var snapshots = await vault.ListSnapshotsAsync(CancellationToken.None).ToListAsync();
        var held = new List<string>();
        foreach (var id in snapshots)
        {
            var manifest = await vault.ReadManifestAsync(id, CancellationToken.None);
            await foreach (var file in vault.ReadMetadataAsync(manifest, CancellationToken.None))
            {
                using var text = new StreamReader(await vault.OpenFileAsync(file.Content, CancellationToken.None));
                held.Add($"{file.Type}:{file.FullName} {file.Path} {await text.ReadToEndAsync()}");
            }
            var certificate = (await vault.ReadCertificateAsync(manifest, CancellationToken.None))!;
            Assert.Empty(await TestVault.ListAsync(vault.CheckCertificateAsync(manifest, certificate, CancellationToken.None)));
        }
        Assert.Equal(
        [
            "ApexClass:A classes/A.cls public class A {}", "ApexClass:A classes/A.cls-meta.xml <ApexClass/>",
            "Layout:Account-Sales, \"Europe\" layouts/Account-Sales, \"Europe\".layout <Layout/>",
            "ApexClass:A classes/A.cls public class A { Integer i; }", "ApexClass:A classes/A.cls-meta.xml <ApexClass/>",
        ], held);
    }
}
