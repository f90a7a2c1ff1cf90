using Appliance.Vault;

namespace Appliance.Engine;

/// <summary>Room on the disk of the vaults, and how much of it backups leave alone.</summary>
public readonly record struct DiskSpace(long Free, long Total, long Reserve)
{
    public bool UnderReserve => Free < Reserve;

    /// <summary>Null for S3, which has no end, and for a folder that is not there.</summary>
    public static DiskSpace? Of(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (BlobStores.IsS3(options.StorageRoot)) return null;
        // The folder is made with the first vault; until then the disk is that of the folder above.
        var folder = new DirectoryInfo(options.StorageRoot);
        while (!folder.Exists && folder.Parent is not null) folder = folder.Parent;
        try
        {
            var drive = new DriveInfo(folder.FullName);
            return new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize, options.DiskReserveBytes ?? Math.Min(drive.TotalSize / 100 * 3, 10L << 30));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    public static string Text(long bytes) => bytes switch
    {
        >= 10L << 30 => FormattableString.Invariant($"{bytes >> 30} GiB"),
        >= 10L << 20 => FormattableString.Invariant($"{bytes >> 20} MiB"),
        _ => FormattableString.Invariant($"{bytes >> 10} KiB"),
    };
}
