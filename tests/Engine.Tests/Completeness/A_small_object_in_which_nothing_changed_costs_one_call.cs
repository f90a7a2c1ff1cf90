using Appliance.Salesforce;
using Appliance.Vault;
using OrgSimulator;
using Xunit;

namespace Engine.Tests.Completeness;

public sealed class A_small_object_in_which_nothing_changed_costs_one_call
{
    [Fact]
    public async Task And_its_Ids_are_compared_all_the_same()
    {
        var (org, parent) = await StartAsync();
        await using var _ = org;
        var seen = org.Simulator.Faults.Calls.Count;
        var run = await org.BackupAsync(parent: parent);

        var calls = org.Simulator.Faults.Calls.Skip(seen).Select(c => Uri.UnescapeDataString(c.Path)).Where(p => p.EndsWith("FROM+Campaign", StringComparison.Ordinal) || p.Contains("FROM+Campaign+", StringComparison.Ordinal)).ToList();
        Assert.Contains("SystemModstamp", Assert.Single(calls), StringComparison.Ordinal);
        var proof = Campaigns(run.Certificate);
        Assert.Equal((ProofMethod.Ids, 5, 5, 0, true), (proof.Method, proof.HeldLive, proof.Org, proof.Read, proof.Complete));
        Assert.Empty(await Truth.DifferencesAsync(org, run.Manifest));
    }

    [Fact]
    public async Task A_row_that_came_and_went_between_two_runs_is_held_as_deleted()
    {
        var (org, parent) = await StartAsync();
        await using var _ = org;
        var gone = org.Create("Campaign", 1, ("Name", _ => "Short"))[0];
        org.Simulator.Dml.Delete([gone]);
        var run = await org.BackupAsync(parent: parent);
        await using var vault = await org.OpenVaultAsync();
        var held = await vault.Open(run.Manifest).LookupAsync("Campaign", [gone], default).SingleAsync();
        Assert.Equal(("Short", true), (held["Name"], held.Deleted));
    }

    [Fact]
    public async Task What_left_no_stamp_is_found_by_the_look()
    {
        var (org, parent) = await StartAsync();
        await using var _ = org;
        var purged = (await org.DumpAsync()).Keys.First(k => k.StartsWith("Campaign/", StringComparison.Ordinal))["Campaign/".Length..];
        org.Purge(purged);
        var run = await org.BackupAsync(parent: parent);
        Assert.Equal((1, 4), (Campaigns(run.Certificate).HardDeletes, Campaigns(run.Certificate).HeldLive));
        Assert.Empty(await Truth.DifferencesAsync(org, run.Manifest));
    }

    [Fact]
    public async Task Whatever_the_look_meets_the_object_is_read_like_any_other()
    {
        var (org, parent) = await StartAsync();
        await using var _ = org;
        org.Create("Campaign", 1, ("Name", _ => "Late"));
        org.Simulator.Faults.FailNext("FROM+Campaign", 1, 400, "QUERY_TIMEOUT", "Your query request was running for too long.");
        var run = await org.BackupAsync(parent: parent);
        Assert.Equal((true, 6), (Campaigns(run.Certificate).Complete, Campaigns(run.Certificate).HeldLive));
        Assert.Empty(await Truth.DifferencesAsync(org, run.Manifest));
    }

    [Theory, InlineData(1, 1), InlineData(4, 13)]
    public async Task A_run_that_has_to_wait_looks_once(int parallel, int underWay)
    {
        var (org, parent) = await StartAsync();
        await using var _ = org;
        org.Options = org.Options with { ParallelObjects = parallel };
        var id = Guid.CreateVersion7();
        org.Simulator.Faults.FailNext("FROM+UserRole", 1, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
        var seen = org.Simulator.Faults.Calls.Count;
        await Assert.ThrowsAsync<SalesforceException>(() => org.BackupAsync(id, parent));
        var before = Looks(org, seen);
        seen = org.Simulator.Faults.Calls.Count;
        var run = await org.BackupAsync(id, parent);
        var after = Looks(org, seen);

        Assert.True(before.Count > 30, $"{before.Count} looks");        // more than are noted at a time
        Assert.InRange(before.Intersect(after).Count(), 1, underWay);       // those that it broke off in
        Assert.Empty(await Truth.DifferencesAsync(org, run.Manifest));
    }

    /// <summary>Objects that the org was asked for since.</summary>
    private static List<string> Looks(TestOrg org, int seen) =>
        [.. org.Simulator.Faults.Calls.Skip(seen).Select(c => Uri.UnescapeDataString(c.Path)).Where(p => p.Contains("FROM+", StringComparison.Ordinal)).Select(p => p[(p.IndexOf("FROM+", StringComparison.Ordinal) + 5)..].Split('+', '&')[0])
            .Where(o => o != "CustomField").Distinct()];

    private static ObjectCertificate Campaigns(CompletenessCertificate certificate) => certificate.Objects.Single(o => o.Name == "Campaign");

    /// <summary>An org that was backed up; none of its rows lies behind the watermark, and what happens from now on does.</summary>
    private static async Task<(TestOrg Org, Guid Parent)> StartAsync()
    {
        var time = new MovableTime();
        var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 100, Time = time });
        org.Create("Campaign", 5, ("Name", i => $"C{i}"));
        org.Options = org.Options with { WatermarkOverlap = TimeSpan.FromMinutes(-1) };
        var parent = await org.BackupAsync();
        time.Ahead = TimeSpan.FromHours(1);
        return (org, parent.Manifest.SnapshotId);
    }
}
