using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Adoption;
using Appliance.Server.Tests.Budget;
using Appliance.Vault;
using Microsoft.Extensions.Logging.Abstractions;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests;

public sealed class A_new_catalog_takes_over_what_lies_in_the_storage(ServerFixture server)
{
    private static SimulatorOptions Small => new() { Generate = 300, Files = 4, Seed = 11, BulkPageSize = 60 };

    [Fact]
    public async Task And_the_next_backup_goes_on_from_it()
    {
        await using var before = await BudgetScene.NewAsync(server, Small);
        await before.StartWorkerAsync();
        var full = await before.BackUpAsync();
        await before.CompletedAsync(full);
        await before.ChangeAsync(5, 1);
        var second = await before.BackUpAsync("incremental");
        await before.CompletedAsync(second);
        var old = await before.Snapshots.ListAsync(before.Org.Id, default);

        await using var after = await before.OnNewCatalogAsync(server);
        var adoption = new VaultAdoption(after.Vaults, after.Orgs, after.Snapshots);
        var report = Assert.Single(await adoption.RunAsync(default));
        Assert.Equal((before.Org.VaultName, before.Org.SalesforceOrgId, "Simulated", 2, 2), (report.Vault, report.SalesforceOrgId, report.Name, report.Found, report.Added));
        Assert.Equal(before.Org.VaultName, (await after.Orgs.FindAsync(report.OrgId!.Value, default))!.VaultName);
        Assert.Empty(report.Problems);
        var taken = await after.Snapshots.ListAsync(report.OrgId!.Value, default);
        Assert.Equal(old.Select(s => (s.Id, s.Kind, s.ParentId, s.Records, s.Files, s.Complete, s.ManifestSha256)), taken.Select(s => (s.Id, s.Kind, s.ParentId, s.Records, s.Files, s.Complete, s.ManifestSha256)));
        Assert.Equal(0, Assert.Single(await adoption.RunAsync(default)).Added);           // again: nothing new

        await after.ConnectAsync();                                                       // the same org: it keeps id and vault
        Assert.Equal(report.OrgId, after.Org.Id);
        await after.ChangeAsync(5, 2);
        await after.StartWorkerAsync();
        var third = await after.BackUpAsync("incremental");
        var done = await after.CompletedAsync(third);
        Assert.Contains("\"kind\":\"incremental\"", done.Result, StringComparison.Ordinal);
        var newest = (await after.Snapshots.ListAsync(after.Org.Id, default))[0];
        Assert.Equal((third, (Guid?)second), (newest.Id, newest.ParentId));
        Assert.InRange(System.Text.Json.JsonElement.Parse(done.Result!).GetProperty("recordsRead").GetInt64(), 1, 100);
    }

    [Fact]
    public async Task Also_when_the_org_was_connected_first_and_when_another_vault_cannot_be_opened()
    {
        await using var before = await BudgetScene.NewAsync(server, Small);
        await before.StartWorkerAsync();
        var full = await before.BackUpAsync();
        await before.CompletedAsync(full);
        // A vault of another appliance, one that is damaged, and a folder that is none.
        var root = before.Options.StorageRoot;
        using (var stranger = MasterKey.CreateFile(Path.Combine(root, "..", "stranger.key")))
            await using (await OrgVault.CreateAsync(new SsdBlobStore(Path.Combine(root, "stranger")), new VaultDescription(Guid.CreateVersion7(), "00D000000000077EAA", true), stranger, TimeProvider.System, default)) { }
        Directory.CreateDirectory(Path.Combine(root, "broken"));
        await File.WriteAllTextAsync(Path.Combine(root, "broken", "vault.json"), "{}");
        Directory.CreateDirectory(Path.Combine(root, "lost+found"));

        await using var after = await before.OnNewCatalogAsync(server);
        await after.ConnectAsync();
        Assert.NotEqual(before.Org.VaultName, after.Org.VaultName);
        var reports = (await new VaultAdoption(after.Vaults, after.Orgs, after.Snapshots).RunAsync(default)).ToDictionary(r => r.Vault);
        Assert.Equal(new[] { "broken", "stranger", before.Org.VaultName }.Order(StringComparer.Ordinal), reports.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("was made with master key", Assert.Single(reports["stranger"].Problems), StringComparison.Ordinal);
        Assert.NotEmpty(reports["broken"].Problems);
        Assert.Equal((after.Org.Id, 1), (reports[before.Org.VaultName].OrgId, reports[before.Org.VaultName].Added));
        Assert.Equal(before.Org.VaultName, (await after.Orgs.FindAsync(after.Org.Id, default))!.VaultName);
        Assert.Equal(full, Assert.Single(await after.Snapshots.ListAsync(after.Org.Id, default)).Id);
    }

    [Fact]
    public async Task Also_when_a_worker_had_begun_an_empty_vault_it_goes_on_in_the_old_one()
    {
        await using var before = await BudgetScene.NewAsync(server, Small);
        await before.StartWorkerAsync();
        var full = await before.BackUpAsync();
        await before.CompletedAsync(full);

        await using var after = await before.OnNewCatalogAsync(server);
        await after.ConnectAsync();
        await after.Vaults.OpenOrCreateAsync(after.Org, default);       // a first backup that was aborted
        await new VaultAdoption(after.Vaults, after.Orgs, after.Snapshots).RunAsync(default);
        var org = await after.Orgs.FindAsync(after.Org.Id, default);
        Assert.Equal(before.Org.VaultName, org!.VaultName);
        var vault = await after.Vaults.OpenAsync(org, default);
        Assert.Equal(full, await vault.ListSnapshotsAsync(default).SingleAsync());
    }

    [Fact]
    public async Task But_a_damaged_snapshot_is_left_out_by_name_and_one_that_was_being_removed_stays_out()
    {
        await using var before = await BudgetScene.NewAsync(server, Small);
        await before.StartWorkerAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await before.BackUpAsync(i == 0 ? "full" : "incremental"));
            await before.CompletedAsync(ids[^1]);
        }
        var folder = Path.Combine(before.Options.StorageRoot, before.Org.VaultName);
        var manifest = Directory.GetFiles(Path.Combine(folder, "manifests"), $"{ids[1]:D}*").Single();
        var bytes = await File.ReadAllBytesAsync(manifest);
        bytes[bytes.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(manifest, bytes);
        var vault = await before.Vaults.OpenAsync(before.Org, default);
        await vault.BeginPruneAsync(new PruneList([ids[0]], [], 0), default);

        await using var after = await before.OnNewCatalogAsync(server);
        var report = Assert.Single(await new VaultAdoption(after.Vaults, after.Orgs, after.Snapshots).RunAsync(default));
        Assert.Contains(ids[1].ToString(), Assert.Single(report.Problems), StringComparison.Ordinal);
        Assert.Equal(ids[2], Assert.Single(await after.Snapshots.ListAsync(report.OrgId!.Value, default)).Id);
    }

    [Fact]
    public async Task By_the_command_too_which_says_what_it_did()
    {
        var folder = Directory.CreateTempSubdirectory("adopt-").FullName;
        var root = Directory.CreateDirectory(Path.Combine(folder, "vaults")).FullName;
        using (var key = MasterKey.CreateFile(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "keys")).FullName, "master.key")))
            await using (await OrgVault.CreateAsync(new SsdBlobStore(Path.Combine(root, "one")), new VaultDescription(Guid.CreateVersion7(), "00D000000000078EAA", true), key, TimeProvider.System, default)) { }
        var dll = Path.Combine(AppContext.BaseDirectory, "Appliance.Server.dll");
        var start = new System.Diagnostics.ProcessStartInfo("dotnet",
            [dll, "adopt", "--Catalog:ConnectionString", server.NewConnectionString(), "--Storage:Root", root, "--Keys:Directory", Path.Combine(folder, "keys"), "--Server:PublicUrl", "https://appliance.example"])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = System.Diagnostics.Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await output + await errors);
        Assert.Contains("one  Org 00D000000000078EAA (00D000000000078EAA): 0 snapshots, 0 new to the catalog", await output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
