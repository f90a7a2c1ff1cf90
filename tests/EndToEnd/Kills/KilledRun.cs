using System.Text.Json;
using OrgSimulator;

namespace EndToEnd.Kills;

/// <summary>A job whose server dies under it and is started again.</summary>
internal static class KilledRun
{
    /// <summary>How often a run is killed, if it lasts so long. Twice, because a run that goes on must be able to die as well.</summary>
    private const int MostStrikes = 2;

    /// <summary>Runs a job to its good end, over the server's deaths at moments that come before that.</summary>
    /// <param name="moment">Draws the next moment.</param>
    /// <param name="afterRestart">Looks at the appliance when it is back, before the dead server's lease has run out; is told the job's id.</param>
    /// <returns>The job, and how often it was unfinished when its server died.</returns>
    public static async Task<(JsonElement Job, int Deaths)> RunAsync(
        ApplianceUnderTest appliance, OrgSimulatorHost org, Func<KillMoment> moment, Func<Task<string>> start, Func<string, Task>? afterRestart = null)
    {
        string? jobId = null;
        var deaths = 0;
        for (var strikes = 0; strikes < MostStrikes; strikes++)
        {
            var strike = Strike.Arm(moment(), org, appliance.Server);
            try
            {
                jobId ??= await start();
                await appliance.EndOfAsync(jobId, strike.Done);
            }
            catch (HttpRequestException) when (strike.Came)
            {
                // It died while it answered; the job stands in the queue all the same.
            }
            org.Faults.Before = null;
            if (!strike.Came) break;
            await strike.Done;
            await appliance.Server.BuryAsync();
            await appliance.StartServerAsync();
            jobId ??= (await appliance.GetAsync("jobs?limit=1"))[0].GetProperty("id").GetString()!;
            if (!(await appliance.GetAsync($"jobs/{jobId}")).TryGetProperty("endedAt", out _)) deaths++;
            if (afterRestart is not null) await afterRestart(jobId);
        }
        return (await appliance.SucceedAsync(jobId!), deaths);
    }
}
