namespace Appliance.Engine.Backups;

/// <summary>
/// How many objects of one run may read, hold rows in memory and seal at the same time. One that only waits for a job in the org steps aside, and
/// another one has its turn: Salesforce lets Bulk jobs wait for seconds to minutes.
/// </summary>
internal sealed class Turns(int atOnce) : IDisposable
{
    private readonly SemaphoreSlim _free = new(atOnce);

    public async Task<T> TakeAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>For who has a turn: gives it up until the wait is over, then waits for another.</summary>
    public async Task StepAsideAsync(Task wait)
    {
        _free.Release();
        try
        {
            await wait;
        }
        finally
        {
            await _free.WaitAsync(CancellationToken.None);      // never for long: the others give theirs back, cancelled or not
        }
    }

    public void Dispose() => _free.Dispose();
}
