using Appliance.Catalog;

namespace Appliance.Engine.Jobs;

/// <summary>While a job runs: a ceiling that somebody changes, on whatever machine, holds within seconds.</summary>
internal sealed class CeilingWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public CeilingWatch(Orgs orgs, OrgSessions sessions, Guid orgId, TimeSpan every, TimeProvider time) => _loop = RunAsync(orgs, sessions, orgId, every, time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync(Orgs orgs, OrgSessions sessions, Guid orgId, TimeSpan every, TimeProvider time)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    if (await orgs.FindAsync(orgId, _stop.Token) is { } row) sessions.SetCeilings(row);
                }
                catch (Exception e) when (e is CatalogException or CatalogUnreachableException or MySqlConnector.MySqlException)
                {
                    // the ceilings known last hold until the catalog answers
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the job has ended
        }
    }
}
