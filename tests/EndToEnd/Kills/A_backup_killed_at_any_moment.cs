using OrgSimulator;
using Xunit;

namespace EndToEnd.Kills;

public sealed class A_backup_killed_at_any_moment(DatabaseFixture database, ITestOutputHelper output)
{
    [Fact]
    public async Task Ends_as_an_undisturbed_one()
    {
        var seed = Seed.Take();
        output.WriteLine($"KILL_SEED={seed}");
        var random = new Random(seed);
        await using var org = await OrgSimulatorHost.StartAsync(
            new SimulatorOptions { Generate = 2_000, Seed = seed, BulkPageSize = 50, InProgressPolls = 1, Warnings = TextWriter.Null });
        await using var appliance = await ApplianceUnderTest.StartAsync(database, org);

        var callsBefore = org.Faults.Calls.Count;
        var undisturbed = (await appliance.SucceedAsync(await appliance.StartBackupAsync())).GetProperty("id").GetString()!;
        var calls = org.Faults.Calls.Count - callsBefore;
        var expected = await SnapshotDigest.OfAsync(appliance, undisturbed);
        var known = await appliance.SnapshotsAsync();

        var killed = 0;
        for (var round = 1; killed < Seed.Moments; round++)
        {
            Assert.True(round <= Seed.Moments * 2, $"seed {seed}: only {killed} deaths in {round} runs");
            var moments = new List<KillMoment>();
            KillMoment Moment()
            {
                moments.Add(KillMoment.Random(random, calls));
                return moments[^1];
            }

            var (job, deaths) = await KilledRun.RunAsync(appliance, org, Moment, () => appliance.StartBackupAsync(), async id =>
            {
                var seen = await appliance.SnapshotsAsync();
                Assert.True(seen.IsSubsetOf([.. known, id]), $"seed {seed}, {moments[^1]}: a snapshot nobody asked for");
                if (seen.Contains(id)) Assert.Equal(expected, await SnapshotDigest.OfAsync(appliance, id));      // whole, if there at all
            });
            var jobId = job.GetProperty("id").GetString()!;
            killed += deaths;
            var when = $"seed {seed}, {string.Join(", then ", moments)} of {calls} calls";
            output.WriteLine($"{when}: {deaths} deaths");

            known.Add(jobId);
            Assert.True(known.SetEquals(await appliance.SnapshotsAsync()), $"{when}: one job, one snapshot");
            var held = await SnapshotDigest.OfAsync(appliance, jobId);
            var wrong = expected.Keys.Union(held.Keys).Where(o => expected.GetValueOrDefault(o) != held.GetValueOrDefault(o))
                .Select(o => $"{o}: {expected.GetValueOrDefault(o)} undisturbed, {held.GetValueOrDefault(o)} killed").ToList();
            Assert.True(wrong.Count == 0, $"{when}:\n{string.Join('\n', wrong)}");
        }
        Assert.Empty(await SnapshotDigest.DamageAsync(appliance));
    }
}
