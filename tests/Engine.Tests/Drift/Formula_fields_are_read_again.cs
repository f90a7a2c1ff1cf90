using Appliance.Engine.Backups;
using Appliance.Vault;
using OrgSimulator;
using OrgSimulator.Schema;
using Xunit;

namespace Engine.Tests.Drift;

/// <summary>A formula's value changes with the day or with another record, and no stamp tells it.</summary>
public sealed class Formula_fields_are_read_again
{
    private string _today = "Monday";

    [Fact]
    public async Task After_so_long_and_the_certificate_says_which_run_read_them()
    {
        await using var org = await StartAsync();
        var full = await org.BackupAsync();
        _today = "Tuesday";
        org.Options = org.Options with { FormulasEvery = TimeSpan.FromDays(7) };
        var next = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        Assert.Equal(full.Manifest.SnapshotId, Account(next).Formulas!.SnapshotId);         // not due: they are as of the full
        Assert.Equal(["Monday"], await SitesAsync(org, next.Manifest));
        org.Options = org.Options with { FormulasEvery = TimeSpan.Zero };
        var due = await org.BackupAsync(parent: next.Manifest.SnapshotId);
        Assert.Equal(due.Manifest.SnapshotId, Account(due).Formulas!.SnapshotId);
        Assert.Equal(["Tuesday"], await SitesAsync(org, due.Manifest));
        Assert.Equal(Account(due).HeldLive, Account(due).Read);
        Assert.True(due.Certificate.Complete, Completeness.Ordeal.Gaps(due.Certificate));
        Assert.Equal(["Monday"], await SitesAsync(org, full.Manifest));                     // what was held stays as it was
    }

    [Fact]
    public async Task When_asked_for_and_rows_whose_formulas_say_the_same_are_not_stored_again()
    {
        await using var org = await StartAsync();
        var full = await org.BackupAsync();
        var same = await org.BackupAsync(new BackupOrder(SnapshotKind.Incremental, full.Manifest.SnapshotId, Formulas: true));
        Assert.Equal((same.Manifest.SnapshotId, 0), (Account(same).Formulas!.SnapshotId, Account(same).Read));
        _today = "Wednesday";
        var asked = await org.BackupAsync(new BackupOrder(SnapshotKind.Incremental, same.Manifest.SnapshotId, Formulas: true));
        Assert.Equal(["Wednesday"], await SitesAsync(org, asked.Manifest));
        Assert.Null(asked.Certificate.Objects.Single(o => o.Name == "Task").Formulas);      // has none
    }

    private static ObjectCertificate Account(BackupSummary run) => run.Certificate.Objects.Single(o => o.Name == "Account");

    private async Task<TestOrg> StartAsync()
    {
        var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 600, Seed = 7, Files = 0 });
        var site = org.Simulator.Store.Schema["Account"]["Site"];
        (site.Calculated, site.Createable, site.Updateable, site.Source, site.Compute) = (true, false, false, FieldSource.Formula, _ => _today);
        return org;
    }

    private static async Task<string?[]> SitesAsync(TestOrg org, SnapshotManifest manifest)
    {
        await using var vault = await org.OpenVaultAsync();
        return [.. await vault.Open(manifest).ReadAsync("Account", null, includeDeleted: false, default).Select(r => r["Site"]).Distinct().ToListAsync()];
    }
}
