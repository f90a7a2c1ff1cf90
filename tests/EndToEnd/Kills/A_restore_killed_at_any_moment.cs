using System.Net.Http.Json;
using System.Text.Json;
using Demo;
using OrgSimulator;
using Xunit;

namespace EndToEnd.Kills;

public sealed class A_restore_killed_at_any_moment(DatabaseFixture database, ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _dumps = Directory.CreateTempSubdirectory("kills-dumps-");

    [Fact]
    public async Task Ends_as_an_undisturbed_one_without_a_doubled_record()
    {
        var seed = Seed.Take();
        output.WriteLine($"KILL_SEED={seed}");
        var random = new Random(seed);
        await using var org = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Generate = 2_000, Seed = seed, InProgressPolls = 1, Warnings = TextWriter.Null });
        await using var appliance = await ApplianceUnderTest.StartAsync(database, org);
        using var simulator = new SimulatorClient(org.Uri);

        // The first round is not disturbed; it shows that the comparison holds, and how many calls a restore makes.
        var (killed, planCalls, runCalls) = (0, 0, 0);
        for (var round = 0; killed < Seed.Moments; round++)
        {
            Assert.True(round <= Seed.Moments * 2, $"seed {seed}: only {killed} deaths in {round} runs");
            var snapshot = (await appliance.SucceedAsync(await appliance.StartBackupAsync("incremental"))).GetProperty("id").GetString()!;
            var before = await simulator.DumpAsync(Folder("before"), default);
            using (var http = new HttpClient())
                (await http.PostAsJsonAsync(new Uri(org.Uri, "/__damage"), new { changePercent = 2, deleteParents = 6, purgeShare = 0.6, seed = seed + round })).EnsureSuccessStatusCode();

            var known = await appliance.SnapshotsAsync();
            // Now and then the planning dies too: its safety backup and its plan must come out once.
            var moments = new List<KillMoment>();
            var callsBefore = org.Faults.Calls.Count;
            var (plan, _) = await RunAsync(round % 5 == 1 ? () => Moment(planCalls) : null, () => appliance.PostAsync($"orgs/{appliance.OrgId}/restores/plans", new { snapshotId = snapshot }));
            if (round == 0) planCalls = org.Faults.Calls.Count - callsBefore;
            var planId = plan.GetProperty("id").GetString()!;
            Assert.True(new HashSet<string>([.. known, planId]).SetEquals(await appliance.SnapshotsAsync()), $"seed {seed}, round {round}: a plan makes one safety snapshot");

            callsBefore = org.Faults.Calls.Count;
            var (run, deaths) = await RunAsync(round > 0 ? () => Moment(runCalls) : null, () => appliance.PostAsync($"restores/plans/{planId}/run", null));
            if (round == 0) runCalls = org.Faults.Calls.Count - callsBefore;
            killed += deaths;
            var when = $"seed {seed}, round {round}, {string.Join(", then ", moments)} of {planCalls} calls to plan and {runCalls} to restore";
            output.WriteLine($"{when}: {deaths} deaths, {run.GetProperty("result")}");

            var newIds = await appliance.IdMapAsync(run.GetProperty("id").GetString()!);
            var comparison = await DumpComparison.RunAsync(before, await simulator.DumpAsync(Folder("after"), default), newIds, default);
            Assert.True(comparison.Differences == 0,
                $"{when}: {comparison.Differences} differences\n{string.Join('\n', comparison.First)}\n{appliance.Server.LogTail()}");
            Assert.InRange(comparison.Records, 2_000, int.MaxValue);

            KillMoment Moment(int calls)
            {
                moments.Add(KillMoment.Random(random, calls));
                return moments[^1];
            }

            async Task<(JsonElement Job, int Deaths)> RunAsync(Func<KillMoment>? moment, Func<Task<string>> start) => moment is null
                ? (await appliance.SucceedAsync(await start()), 0)
                : await KilledRun.RunAsync(appliance, org, moment, start);
        }
        Assert.Empty(await SnapshotDigest.DamageAsync(appliance));
    }

    public void Dispose() => _dumps.Delete(recursive: true);

    private DirectoryInfo Folder(string name) => new(Path.Combine(_dumps.FullName, name));
}
