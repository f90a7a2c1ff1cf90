using System.Net;
using Appliance.Catalog.Tests;
using OrgSimulator;
using Xunit;

namespace EndToEnd.Kills;

/// <summary>The database server is killed (-9) under a running job and comes back: soon, or after the job's lease of three seconds.</summary>
public sealed class The_catalog_goes_away_in_the_middle_of_a_run(ITestOutputHelper output)
{
    [Fact]
    public async Task The_job_goes_on_by_itself_and_the_snapshot_is_as_an_undisturbed_one()
    {
        if (PrivateMariaDb.Unavailable is { } reason) Assert.Skip(reason);
        var seed = Seed.Take();
        output.WriteLine($"KILL_SEED={seed}");
        var random = new Random(seed);
        await using var database = await PrivateMariaDb.StartAsync(Path.Combine(ServerProcess.Repository(), "artifacts", "mariadb"));
        await using var org = await OrgSimulatorHost.StartAsync(
            new SimulatorOptions { Generate = 1_000, Seed = seed, BulkPageSize = 50, InProgressPolls = 1, Warnings = TextWriter.Null });
        await using var appliance = await ApplianceUnderTest.StartAsync(database.ConnectionString("away"), org);
        var process = (await appliance.GetAsync("system")).GetProperty("processId").GetInt32();

        var callsBefore = org.Faults.Calls.Count;
        var undisturbed = (await appliance.SucceedAsync(await appliance.StartBackupAsync())).GetProperty("id").GetString()!;
        var calls = org.Faults.Calls.Count - callsBefore;
        var expected = await SnapshotDigest.OfAsync(appliance, undisturbed);
        HashSet<string> known = [undisturbed];

        TimeSpan[] outages = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];
        for (var round = 0; round < Math.Max(outages.Length, Seed.Moments - 10); round++)
        {
            var outage = outages[round % outages.Length];
            var moment = random.Next(calls / 10, calls);
            var when = $"seed {seed}, away for {outage.TotalSeconds} s at call {moment} of {calls}";
            var died = Arm(org, moment, database);
            var jobId = await appliance.StartBackupAsync();
            await died;

            await ToldAsync(appliance, jobId);
            await Task.Delay(outage);
            await ToldAsync(appliance, jobId);
            await database.StartAgainAsync();

            var job = await appliance.SucceedAsync(jobId);
            output.WriteLine($"{when}: attempt {job.GetProperty("attempts")}");
            known.Add(jobId);
            Assert.True(known.SetEquals(await appliance.SnapshotsAsync()), $"{when}: one job, one snapshot");
            Assert.Equal(expected, await SnapshotDigest.OfAsync(appliance, jobId));
            Assert.Equal(process, (await appliance.GetAsync("system")).GetProperty("processId").GetInt32());
        }
        Assert.Empty(await SnapshotDigest.DamageAsync(appliance));
    }

    /// <summary>Programs get a problem document, people a sentence; neither waits for long.</summary>
    private static async Task ToldAsync(ApplianceUnderTest appliance, string jobId)
    {
        var (status, problem) = await appliance.AskAsync($"jobs/{jobId}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("database does not answer", problem.GetProperty("cause").GetString()!, StringComparison.Ordinal);
        Assert.Contains("go on by themselves", problem.GetProperty("remedy").GetString()!, StringComparison.Ordinal);
        var (pageStatus, page) = await appliance.PageAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, pageStatus);
        Assert.Contains("database does not answer", page, StringComparison.Ordinal);
    }

    private static Task Arm(OrgSimulatorHost org, int moment, PrivateMariaDb database)
    {
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;
        org.Faults.Before = async (_, _) =>
        {
            if (Interlocked.Increment(ref calls) != moment) return;
            try
            {
                await database.KillAsync();
                died.SetResult();
            }
            catch (Exception e)
            {
                died.SetException(e);
            }
        };
        return died.Task;
    }
}
