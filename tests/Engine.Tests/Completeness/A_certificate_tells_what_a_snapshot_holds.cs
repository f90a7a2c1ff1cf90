using Appliance.Vault;
using OrgSimulator;
using Xunit;

namespace Engine.Tests.Completeness;

public sealed class A_certificate_tells_what_a_snapshot_holds
{
    [Fact]
    public async Task Full_and_incremental_snapshots_equal_the_org_and_their_certificates_hold()
    {
        await using var org = await TestOrg.StartAsync(1500);
        org.Options = org.Options with { CertificateRangeRows = 40 };
        var full = await org.BackupAsync();
        await AssertWholeAsync(org, full);
        Assert.Contains(full.Certificate.Objects, o => o.Ranges.Length > 5);
        Assert.Contains(full.Certificate.Objects, o => o is { Method: ProofMethod.Counts, Name: "Account" });
        Assert.Contains(full.Certificate.Objects, o => o is { Method: ProofMethod.Ids, HeldLive: > 0 });
        Assert.All(full.Certificate.Skipped, s => Assert.False(string.IsNullOrWhiteSpace(s.Reason)));
        Assert.Contains(full.Certificate.Objects.Single(o => o.Name == "Account").SkippedFields, f => f.Name == "BillingAddress" && f.Reason.Length > 10);

        await org.DamageAsync(changePercent: 3, deleteParents: 3);
        org.Create("Account", 100, ("Name", i => $"New {i}"));
        var incremental = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        await AssertWholeAsync(org, incremental);
        Assert.Equal(full.Manifest.CertificateSha256, incremental.Certificate.ParentSha256);
        Assert.True(incremental.Certificate.Objects.Sum(o => o.HardDeletes) > 0);
    }

    [Fact]
    public async Task A_row_that_appears_behind_the_watermark_and_one_that_vanishes_do_not_cancel_each_other()
    {
        await using var org = await TestOrg.StartAsync(600);
        var full = await org.BackupAsync();
        org.Simulator.Faults.Plan(new PlannedFault { Kind = FaultKind.LateRows, Path = "/limits", Object = "Account", Rows = 1 });
        org.Options = org.Options with { WatermarkOverlap = TimeSpan.FromMinutes(-1) };   // the stamp lies behind the next watermark
        var second = await org.BackupAsync(parent: full.Manifest.SnapshotId);
        await org.Connect().LimitsAsync(default);
        var victim = (await org.DumpAsync()).Keys.First(k => k.StartsWith("Account/", StringComparison.Ordinal))["Account/".Length..];
        org.Simulator.Dml.Delete([victim]);
        org.Simulator.Dml.EmptyRecycleBin([victim]);

        var counted = await org.BackupAsync(parent: second.Manifest.SnapshotId);
        var synced = await org.BackupAsync(parent: second.Manifest.SnapshotId, sync: true);
        await AssertWholeAsync(org, synced);
        Assert.Equal(1, synced.Certificate.Objects.Single(o => o.Name == "Account").LateRows);
        Assert.Equal(ProofMethod.Ids, synced.Certificate.Objects.Single(o => o.Name == "Account").Method);
        Assert.Empty(await Truth.FindingsAsync(org, counted.Manifest));
    }

    [Fact]
    public async Task A_certificate_that_is_not_the_manifests_is_found_by_reading_and_by_verification()
    {
        await using var org = await TestOrg.StartAsync(100);
        var full = await org.BackupAsync();
        await using var vault = await org.OpenVaultAsync();
        await vault.WriteCertificateAsync(full.Certificate with { Complete = !full.Certificate.Complete }, default);
        await Assert.ThrowsAsync<VaultException>(() => vault.ReadCertificateAsync(full.Manifest, default));
        var damaged = await vault.VerifyAsync(null, default).Where(f => f.IsDamage).ToListAsync();
        Assert.Contains($"certificates/{full.Manifest.SnapshotId}", Assert.Single(damaged).BlobName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_that_the_stored_rows_do_not_bear_out_are_told()
    {
        await using var org = await TestOrg.StartAsync(200);
        var full = await org.BackupAsync();
        await using var vault = await org.OpenVaultAsync();
        var account = full.Certificate.Objects.Single(o => o.Name == "Account");
        var forged = full.Certificate with
        {
            Objects = [.. full.Certificate.Objects.Select(o => o.Name != "Account" ? o : o with
            {
                HeldLive = o.HeldLive + 1, Org = o.Org + 1, Ranges = [.. o.Ranges.Select((r, i) => i > 0 ? r : r with { Held = r.Held + 1, Org = r.Org + 1 })],
            })],
        };
        var findings = await vault.CheckCertificateAsync(full.Manifest, forged, default).ToListAsync();
        Assert.All(findings, f => Assert.Equal("Account", f.Object));
        Assert.Contains(findings, f => f.What.Contains($"{account.HeldLive + 1} live rows are certified, {account.HeldLive} are stored", StringComparison.Ordinal));
    }

    private static async Task AssertWholeAsync(TestOrg org, Appliance.Engine.Backups.BackupSummary summary)
    {
        Assert.True(summary.Certificate.Complete, string.Join("; ", summary.Certificate.Objects.SelectMany(o => o.Gaps.Select(g => $"{o.Name}: {g.Text}"))));
        Assert.Empty(await Truth.DifferencesAsync(org, summary.Manifest));
        Assert.Empty(await Truth.FindingsAsync(org, summary.Manifest));
    }
}
