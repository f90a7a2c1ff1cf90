using System.Text;
using Appliance.Vault;

namespace Vault.Tests;

/// <summary>
/// A small vault with everything a vault can hold: two snapshots, drift of columns, tombstones, files, documents, an orphan segment.
/// </summary>
public static class SmallVault
{
    public static readonly string[] Columns = ["Id", "Name", "IsDeleted", "Body"];

    public static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 200).Select(i => $"line {i} of a text that compresses")));

    public static readonly byte[] Noise = MakeNoise(3000);

    /// <summary>Thirty notes of 50 KB that compress to nothing: two blocks, and so columns and an Id filter in the tail.</summary>
    public static IEnumerable<string[]> Notes() => Enumerable.Range(0, 30).Select(i => (string[])[$"002{i:D3}", string.Concat(Enumerable.Repeat($"note {i} ", 6000))]);

    public static async Task<TestVault> WriteAsync(IBlobStore store, bool encrypted, MasterKey? key = null, bool twoBlocks = false)
    {
        var vault = await TestVault.CreateAsync(store, encrypted, key);
        var text = await vault.Vault.PutFileAsync(new MemoryStream(Text), CancellationToken.None);
        var noise = await vault.Vault.PutFileAsync(new MemoryStream(Noise), CancellationToken.None);
        await vault.Vault.PutFileAsync(new MemoryStream(), CancellationToken.None);
        await vault.Vault.PutDocumentAsync("schemas/abc.json", Encoding.UTF8.GetBytes("""{"name":"Account"}"""), CancellationToken.None);
        await vault.Vault.ReplaceDocumentAsync("checkpoints/run", "step 1"u8.ToArray(), CancellationToken.None);

        var first = vault.NewSnapshotId();
        var accounts = await vault.WriteAsync("Account", first, Columns,
        [
            ["001A", "Acme, \"the\" first\nof all", "false", text.ToString()],
            ["001B", "Müller & Söhne", "false", noise.ToString()],
            ["001C", "Initech", "true", ""],
            ["001D", "Umbrella", "false", ""],
        ]);
        var contacts = await vault.WriteAsync("Contact", first, ["Id", "LastName"], Enumerable.Range(0, 12).Select(i => (string[])[$"003{i:D3}", $"Name {i}"]));
        var notes = twoBlocks ? await vault.WriteAsync("Note", first, ["Id", "Body"], Notes()) : [];
        await vault.Vault.WriteManifestAsync(Described(vault.Manifest(first, ("Account", accounts), ("Contact", contacts), ("Note", notes))), CancellationToken.None);

        var second = vault.NewSnapshotId();
        var changed = await vault.WriteAsync("Account", second, ["Id", "Name", "IsDeleted", "Body", "Rating__c"], [["001A", "Acme", "false", text.ToString(), "Hot"], ["001E", "Hooli", "false", "", ""]]);
        var gone = await vault.WriteAsync("Account", second, ["Id"], [["001D"]], SegmentKind.Tombstones);
        await vault.WriteAsync("Lead", second, ["Id", "Name"], [["00Q1", "what a killed run left"]]);
        var manifest = vault.Manifest(second, ("Account", accounts.Concat(changed).Concat(gone)), ("Contact", contacts), ("Note", notes)) with
        {
            ParentId = first, Kind = SnapshotKind.Incremental, Skipped = [new SkippedObject("AccountHistory", "not queryable")], Warnings = ["none of weight"],
        };
        await vault.Vault.WriteManifestAsync(Described(manifest), CancellationToken.None);
        return vault;
    }

    /// <summary>A snapshot more of the newest accounts, with a certificate that says so many are live.</summary>
    public static async Task<Guid> CertifyAsync(TestVault vault, long live, params CompletenessGap[] gaps)
    {
        var second = (await vault.Vault.ListSnapshotsAsync(CancellationToken.None).ToListAsync())[1];
        var last = await vault.Vault.ReadManifestAsync(second, CancellationToken.None);
        var manifest = last with { SnapshotId = vault.NewSnapshotId(), Objects = [.. last.Objects.Where(o => o.Name == "Account")] };
        var account = new ObjectCertificate
        {
            Name = "Account", Complete = gaps.Length == 0, Method = ProofMethod.Ids, HeldLive = live, HeldDeleted = 1, Buried = 1,
            Ranges = [new IdRange(null, "001B", 2, 2), new IdRange("001B", null, live - 2, live - 2)], Gaps = [.. gaps],
        };
        var sha256 = await vault.Vault.WriteCertificateAsync(new CompletenessCertificate
        {
            SnapshotId = manifest.SnapshotId, VaultId = manifest.VaultId, OrgId = manifest.OrgId, ParentId = manifest.ParentId, StartedAt = manifest.StartedAt, IssuedAt = manifest.CompletedAt,
            Complete = gaps.Length == 0, Objects = [account],
        }, CancellationToken.None);
        await vault.Vault.WriteManifestAsync(manifest with { CertificateSha256 = sha256 }, CancellationToken.None);
        return manifest.SnapshotId;
    }

    /// <summary>The org's metadata of two runs: files, one with a name that is no Id, one changed, one gone; with certificates.</summary>
    public static async Task<(Guid First, Guid Second)> WithMetadataAsync(TestVault vault)
    {
        async Task<MetadataFile> File(string path, string type, string name, string text) =>
            new(path, type, name, "01p000000000001AAA", "2026-01-31T10:00:00.000Z", (await vault.Vault.PutFileAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), CancellationToken.None)) with { Md5 = null });
        var a = await File("classes/A.cls", "ApexClass", "A", "public class A {}");
        var meta = await File("classes/A.cls-meta.xml", "ApexClass", "A", "<ApexClass/>");
        var layout = await File("layouts/Account-Sales, \"Europe\".layout", "Layout", "Account-Sales, \"Europe\"", "<Layout/>");
        var first = await SnapshotAsync(null, [], [a, meta, layout], []);
        var changed = await File("classes/A.cls", "ApexClass", "A", "public class A { Integer i; }");
        var second = await SnapshotAsync(first, first.Metadata!.Segments, [changed], [layout.Path]);
        return (first.SnapshotId, second.SnapshotId);

        async Task<SnapshotManifest> SnapshotAsync(SnapshotManifest? parent, System.Collections.Immutable.ImmutableArray<SegmentRef> held, MetadataFile[] rows, string[] gone)
        {
            var id = vault.NewSnapshotId();
            var segments = await vault.Vault.WriteMetadataAsync(id, held, rows, gone, 3, CancellationToken.None);
            var (files, types) = parent is null ? (3, (MetadataTypeCount[])[new("ApexClass", 1, 1, 2), new("Layout", 1, 1, 1)]) : (2, [new("ApexClass", 1, 1, 2)]);
            var manifest = vault.Manifest(id) with
            {
                ParentId = parent?.SnapshotId,
                Metadata = new MetadataEntry { Segments = segments, Components = types.Length, Files = files, ApiVersion = "66.0", ReadAt = vault.Time.GetUtcNow(), SnapshotId = id },
            };
            var sha256 = await vault.Vault.WriteCertificateAsync(new CompletenessCertificate
            {
                SnapshotId = id, VaultId = manifest.VaultId, OrgId = manifest.OrgId, ParentId = manifest.ParentId, ParentSha256 = parent?.CertificateSha256, StartedAt = manifest.StartedAt,
                IssuedAt = manifest.CompletedAt, Complete = true,
                Metadata = new MetadataCertificate { Complete = true, ReadAt = manifest.Metadata!.ReadAt, SnapshotId = id, Types = [.. types], Skipped = [new SkippedObject("ApexPage", "2 of installed packages")] },
            }, CancellationToken.None);
            manifest = manifest with { CertificateSha256 = sha256 };
            await vault.Vault.WriteManifestAsync(manifest, CancellationToken.None);
            return manifest;
        }
    }

    /// <summary>One line per live record as the newest snapshot should give it.</summary>
    public static readonly string[] NewestAccounts = ["001A Acme Hot", "001B Müller & Söhne ", "001E Hooli "];

    private static SnapshotManifest Described(SnapshotManifest manifest) => manifest with
    {
        Objects = [.. manifest.Objects.Select(o => o.Name == "Account" ? o with { SchemaHash = "abc", OrgCount = 3, LiveRecords = 3, Files = 2 } : o)],
    };

    private static byte[] MakeNoise(int length)
    {
        var noise = new byte[length];
        new Random(5).NextBytes(noise);
        return noise;
    }
}
