using OrgSimulator;

namespace EndToEnd.Kills;

/// <summary>
/// A moment of a run: so many milliseconds after its so-many-th call to Salesforce came in. Counted in calls and not in seconds, because a slow machine
/// stretches a run and the moments must stretch with it.
/// </summary>
internal sealed record KillMoment(int Call, int Milliseconds)
{
    public override string ToString() => $"{Milliseconds} ms after call {Call}";

    /// <param name="random">Drawn from; the same seed gives the same moments.</param>
    /// <param name="calls">How many calls an undisturbed run makes.</param>
    public static KillMoment Random(Random random, int calls) => new(random.Next(1, calls + 1), random.Next(4) == 0 ? 0 : random.Next(80));
}

/// <summary>Kills the server when the moment comes.</summary>
internal sealed class Strike
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _came;

    private Strike()
    {
    }

    /// <summary>The moment came: the server is dead or will be in milliseconds.</summary>
    public bool Came => _came;

    /// <summary>Ends when the kill was sent.</summary>
    public Task Done => _done.Task;

    public static Strike Arm(KillMoment moment, OrgSimulatorHost org, ServerProcess server)
    {
        var strike = new Strike();
        var calls = 0;
        org.Faults.Before = (_, _) =>
        {
            if (Interlocked.Increment(ref calls) == moment.Call)
            {
                strike._came = true;
                _ = strike.KillAsync(moment.Milliseconds, server);
            }
            return Task.CompletedTask;
        };
        return strike;
    }

    private async Task KillAsync(int milliseconds, ServerProcess server)
    {
        try
        {
            await Task.Delay(milliseconds);
            server.Kill();
            _done.SetResult();
        }
        catch (Exception e)
        {
            _done.SetException(e);
        }
    }
}

/// <summary>The seed behind the moments: fresh each time and printed, or the one of KILL_SEED.</summary>
internal static class Seed
{
    public static int Take() =>
        int.TryParse(Environment.GetEnvironmentVariable("KILL_SEED"), out var given) ? given : Random.Shared.Next(1_000_000);

    /// <summary>Ten as issue 2 says; fifty at night.</summary>
    public static int Moments => Environment.GetEnvironmentVariable("NIGHTLY") == "1" ? 50 : 10;
}
