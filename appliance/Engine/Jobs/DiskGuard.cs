using Appliance.Catalog;
using Appliance.Vault;

namespace Appliance.Engine.Jobs;

/// <summary>The disk has less room than backups leave alone: the job waits, it has not failed.</summary>
public sealed class DiskReserveException(DiskSpace disk) : Exception(
    $"The disk that holds {disk.Folder} is nearly full: {DiskSpace.Text(disk.Free)} of {DiskSpace.Text(disk.Total)} are free, and backups leave {DiskSpace.Text(disk.Reserve)} alone.")
{
    public string Remedy { get; } = $"Enlarge the disk that holds {disk.Folder} (it grows in place), or remove old snapshots. The job goes on by itself when there is room.";
}

/// <summary>Lets a backup run only while there is room on the disk. A restore is never held up: its safety backup may use the reserve.</summary>
internal sealed class DiskGuard(EngineOptions options, TimeProvider time)
{
    public static bool Holds(JobKind kind) => kind is JobKind.Backup;

    /// <exception cref="DiskReserveException">There is too little room to begin.</exception>
    public void Require()
    {
        if (DiskSpace.Of(options) is { UnderReserve: true } disk) throw new DiskReserveException(disk);
    }

    /// <summary>Runs, and stops the run at its next step when the room falls under the reserve. What was stored stays.</summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        Require();
        DiskReserveException? full = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var looks = time.CreateTimer(_ => Look(), null, options.DiskLookEvery, options.DiskLookEvery);
        try
        {
            return await run(stop.Token);
        }
        catch (Exception) when (Volatile.Read(ref full) is not null && !cancellationToken.IsCancellationRequested)     // also what breaks off half-way because of it
        {
            throw full!;
        }

        void Look()
        {
            if (DiskSpace.Of(options) is not { UnderReserve: true } disk) return;
            if (Interlocked.CompareExchange(ref full, new DiskReserveException(disk), null) is null) stop.Cancel();
        }
    }
}
