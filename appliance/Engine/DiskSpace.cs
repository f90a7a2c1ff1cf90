using Appliance.Vault;

namespace Appliance.Engine;

/// <summary>Room on the disk of the vaults, and how much of it backups leave alone; with vaults in S3, of the disk where files wait on their way there.</summary>
/// <param name="Folder">On that disk.</param>
public readonly record struct DiskSpace(long Free, long Total, long Reserve, string Folder)
{
    public bool UnderReserve => Free < Reserve;

    /// <summary>Null for a folder that is not there, and for S3, which has no end, where TMPDIR names no disk.</summary>
    public static DiskSpace? Of(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var root = BlobStores.IsS3(options.StorageRoot) ? Environment.GetEnvironmentVariable("TMPDIR") : options.StorageRoot;
        if (root is null or "" or "/tmp") return null;
        // The folder is made with the first vault; until then the disk is that of the folder above.
        var folder = new DirectoryInfo(root);
        while (!folder.Exists && folder.Parent is not null) folder = folder.Parent;
        try
        {
            var drive = new DriveInfo(folder.FullName);
            return new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize, options.DiskReserveBytes ?? Math.Min(drive.TotalSize / 100 * 3, 10L << 30), root);
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
