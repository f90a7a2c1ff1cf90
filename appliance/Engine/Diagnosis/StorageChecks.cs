using Appliance.Catalog;
using Appliance.Vault;

namespace Appliance.Engine.Diagnosis;

internal static class StorageChecks
{
    private const int DaysToAct = 3, DaysToPlan = 14;

    public static async Task<IEnumerable<Finding>> LookAsync(AppliancePlace place, EngineOptions options, CatalogDiagnosis? catalog, TimeProvider time, CancellationToken cancellationToken) =>
        [await WriteAsync(place, catalog, time, cancellationToken), .. Room(options, catalog)];

    /// <summary>Writes a small file as backups do, and removes it.</summary>
    private static async Task<Finding> WriteAsync(AppliancePlace place, CatalogDiagnosis? catalog, TimeProvider time, CancellationToken cancellationToken)
    {
        // Writing would make the folder, on whatever disk is there while the right one is not mounted.
        if (!BlobStores.IsS3(place.StorageRoot) && !Directory.Exists(place.StorageRoot))
            return catalog is { Orgs: var orgs } && orgs.Any(o => o.Snapshots > 0)
                ? Finding.Error("storage", $"The folder {place.StorageRoot} is not there.", "Mount the data disk, or correct Storage:Root.")
                : Finding.Warning("storage", $"The folder {place.StorageRoot} is not there yet.", "The first backup makes it; check that the data disk is mounted.");
        var store = BlobStores.Open(place.StorageRoot, SelfBackups.SelfBackups.Folder, time);
        var name = $"probe-{Guid.CreateVersion7(time.GetUtcNow()):N}";
        try
        {
            await store.PutIfAbsentAsync(name, (to, ct) => to.WriteAsync("probe"u8.ToArray(), ct).AsTask(), cancellationToken);
            await store.DeleteAsync(name, cancellationToken);
            return Finding.Well("storage", $"{place.StorageRoot} can be read and written.");
        }
        catch (VaultException e)
        {
            return Finding.Error("storage", $"{place.StorageRoot} cannot be written: {e.Message}", e.Remedy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Error("storage", $"{place.StorageRoot} cannot be written: {e.Message}", "Mount the data disk, give the server's user the folder (chown), or make room.");
        }
    }

    private static IEnumerable<Finding> Room(EngineOptions options, CatalogDiagnosis? catalog)
    {
        if (DiskSpace.Of(options) is not { } disk) yield break;
        var text = $"{DiskSpace.Text(disk.Free)} of {DiskSpace.Text(disk.Total)} are free; backups leave {DiskSpace.Text(disk.Reserve)} alone";
        if (disk.UnderReserve)
        {
            yield return Finding.Error("disk", $"{text}, so they are paused.", "Enlarge the data volume, or remove what is not needed; backups go on by themselves.");
            yield break;
        }
        var perDay = BlobStores.IsS3(options.StorageRoot) ? 0 : catalog?.Orgs.Sum(o => o.BytesPerDay) ?? 0;
        var days = perDay > 0 ? (disk.Free - disk.Reserve) / perDay : long.MaxValue;
        yield return days > 3650 ? Finding.Well("disk", $"{text}.")
            : days > DaysToPlan ? Finding.Well("disk", $"{text}. At {DiskSpace.Text(perDay)} a day that lasts {days} days.")
            : new Finding("disk", days > DaysToAct ? Grade.Warning : Grade.Error, $"{text}. At {DiskSpace.Text(perDay)} a day that lasts {days} days.",
                "Enlarge the data volume (it grows in place), or shorten the retention.");
    }
}
