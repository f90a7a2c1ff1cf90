using System.Security.Cryptography;
using System.Text;
using Appliance.Engine.Adoption;
using Appliance.Engine.Backups;
using Appliance.Engine.Restores;
using Appliance.Engine.Verification;
using Appliance.Vault;
using OrgSimulator;
using Xunit;

namespace Engine.Tests.Formats;

/// <summary>tests/Formats/v1-everything was written once, by the engine of 0.1.0; today's engine reads every kind of file in it. Vault.Tests changes single bytes of each.</summary>
public sealed class A_vault_with_everything_opens_for_ever
{
    private const string Name = "v1-everything";
    private static readonly SimulatorOptions s_org = new() { Generate = 60, Files = 1, Seed = 12 };

    /// <summary>The beginning of the SHA-256 of all rows of all snapshots, as they were read on the day when the vault was written.</summary>
    private const string Content = "86f92ca952926ce24b82941ee19c395d25a5bf26adce315ea1";

    private static string Formats => Path.Combine(RepositoryFolder(), "tests", "Formats");

    [Fact]
    public async Task And_reads_as_it_was_written()
    {
        var folder = Path.Combine(Formats, Name);
        if (!Directory.Exists(folder) && Environment.GetEnvironmentVariable("WRITE_GOLDEN_VAULT") == Name)
            await using (var org = await TestOrg.StartAsync(s_org, new SsdBlobStore(folder), Path.Combine(Formats, "test.key"))) await VaultWithEverything.WriteAsync(org);

        var store = new SsdBlobStore(folder);
        using var key = MasterKey.FromFile(Path.Combine(Formats, "test.key"));
        Assert.Empty(await OrgVault.VerifyAsync(store, key, null, default).ToListAsync());
        await using var vault = await OrgVault.OpenAsync(store, key, TimeProvider.System, default);
        var snapshots = await vault.ListSnapshotsAsync(default).ToListAsync();
        Assert.Equal(3, snapshots.Count);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var id in snapshots)
        {
            var manifest = await vault.ReadManifestAsync(id, default);
            var certificate = await vault.ReadCertificateAsync(manifest, default);
            Assert.Empty(await vault.CheckCertificateAsync(manifest, certificate!, default).ToListAsync());
            var reader = vault.Open(manifest);
            foreach (var entry in manifest.Objects)
            {
                Assert.NotNull(Appliance.Salesforce.ObjectDescribe.Parse((await vault.GetDocumentAsync($"schemas/{entry.SchemaHash}.json", default))!).Field("Id"));
                await foreach (var record in reader.ReadAsync(entry.Name, null, includeDeleted: true, default))
                {
                    hash.AppendData(Encoding.UTF8.GetBytes($"{id} {entry.Name}/{record.Id} {record.Deleted} {string.Join('\u001f', record.Columns.Select(c => $"{c}={record[c]}"))}\n"));
                    if (entry.Name != "ContentVersion" || record.Deleted || !ContentReference.TryParse(record["VersionData"], out var reference)) continue;
                    await using var content = await vault.OpenFileAsync(reference, default);
                    await content.CopyToAsync(Stream.Null, CancellationToken.None);
                }
            }
        }
        Assert.StartsWith(Content, Convert.ToHexStringLower(hash.GetHashAndReset()), StringComparison.Ordinal);

        Assert.Equal("Acme", (await OrgCard.ReadAsync(vault, default))!.Name);
        Assert.NotNull((await SweepState.ReadAsync(vault, default)).After);
        Assert.Equal([snapshots[1]], (await vault.FindPruneAsync(default))!.Snapshots);
        var papers = new RestoreRecords(vault, snapshots[2]);
        var plan = (await papers.FindPlanAsync(default))!;
        Assert.Equal(snapshots[0], plan.SnapshotId);
        Assert.Contains(await papers.OutcomesAsync(default).ToListAsync(), o => o.State == "done");
        Assert.NotEmpty(await papers.IdMapAsync(default).ToListAsync());
        var run = (await vault.ListDocumentsAsync("runs/", default).ToListAsync()).Select(n => Guid.ParseExact(n.Split('/')[1], "N")).Except(snapshots).Single();
        Assert.Equal(snapshots[1], (await new BackupCheckpoints(vault, run).StartAsync(default))!.ParentId);
    }

    /// <summary>A kind of file that the engine writes today and no golden vault has: write one, before the first release with it.</summary>
    [Fact]
    public async Task And_there_is_no_kind_of_file_that_no_golden_vault_has()
    {
        await using var org = await TestOrg.StartAsync(s_org);
        await VaultWithEverything.WriteAsync(org);
        var today = (await org.Store.ListAsync("", default).ToListAsync()).Select(VaultWithEverything.KindOf).ToHashSet();
        var golden = Directory.GetDirectories(Formats).Where(f => File.Exists(Path.Combine(f, "vault.json")))
            .SelectMany(f => Directory.GetFiles(f, "*", SearchOption.AllDirectories).Select(file => VaultWithEverything.KindOf(Path.GetRelativePath(f, file)))).ToHashSet();
        Assert.Empty(today.Except(golden).Order(StringComparer.Ordinal));
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder(), "appliance", "Vault", "FORMAT.md"));
        Assert.All(today.Where(k => k.StartsWith("documents/", StringComparison.Ordinal)), k => Assert.Contains($"`{k["documents/".Length..^".zst".Length]}`", page, StringComparison.Ordinal));
        Assert.True(today.Count >= 18, string.Join(' ', today.Order(StringComparer.Ordinal)));
    }

    private static string RepositoryFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Appliance.sln"))) return folder.FullName;
        throw new InvalidOperationException("These tests run inside the repository.");
    }
}
