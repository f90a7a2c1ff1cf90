using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Provisioner.Delivery.Settings;

/// <summary>Storage: which kind goes where, and what the vendors let a volume be.</summary>
internal static partial class StorageJudge
{
    /// <summary>Limits of one kind of volume, by the vendors' documentation of 2026. Ratios hold between the numbers that are set.</summary>
    private sealed record Limits(int MostGib, (int Least, int Most)? Iops, int IopsPerGib, (int Least, int Most)? Throughput, int IopsPerThroughput);

    private static readonly ImmutableDictionary<StorageKind, Limits> Volumes = new Dictionary<StorageKind, Limits>
    {
        [StorageKind.Gp2] = new(16384, null, 0, null, 0),
        [StorageKind.Gp3] = new(65536, (3000, 80000), 500, (125, 2000), 4),
        [StorageKind.PremiumSsd] = new(32767, null, 0, null, 0),
        [StorageKind.PremiumSsdV2] = new(65536, (3000, 80000), 500, (125, 1200), 4),
        [StorageKind.PdSsd] = new(65536, null, 0, null, 0),
        [StorageKind.HyperdiskBalanced] = new(65536, (3000, 160000), 500, (140, 2400), 4),
    }.ToImmutableDictionary();

    private static readonly ImmutableDictionary<Cloud, StorageKind[]> Offered = new Dictionary<Cloud, StorageKind[]>
    {
        [Cloud.Aws] = [StorageKind.Gp2, StorageKind.Gp3, StorageKind.S3],
        [Cloud.Azure] = [StorageKind.PremiumSsd, StorageKind.PremiumSsdV2],
        [Cloud.Gcp] = [StorageKind.PdSsd, StorageKind.HyperdiskBalanced],
        [Cloud.Host] = [StorageKind.Disk, StorageKind.S3],
    }.ToImmutableDictionary();

    public static StorageSettings? Judge(SettingValues values, Cloud? known)
    {
        if (known is not { } cloud || values.Text("storage") is not { } name) return null;
        var kind = SettingNames.ReadStorage(name);
        if (!Offered[cloud].Contains(kind))
        {
            var instead = string.Join(" or ", Offered[cloud].Select(SettingNames.Of));
            values.Report("storage",
                kind == StorageKind.S3 ? $"S3 is offered on AWS and on a host of your own, not on {SettingNames.Of(cloud)}: backups over the border of a cloud are slow and cost traffic."
                    : $"{name} does not exist on {SettingNames.Of(cloud)}.",
                $"Choose {instead}.");
            return null;
        }
        var volume = kind == StorageKind.S3 ? cloud == Cloud.Aws ? StorageKind.Gp3 : StorageKind.Disk : kind;
        var disk = new DataDisk(volume, values.Whole("storageSize") ?? 0, values.Whole("storageIops"), values.Whole("storageThroughput"), values.Text("storageKey"), values.Text("storageDevice"));
        if (cloud != Cloud.Host) JudgeVolume(values, disk);
        if (volume == StorageKind.PremiumSsdV2 && values.Text("availabilityZone") is null && !values.IsBroken("availabilityZone"))
            values.Report("availabilityZone", "it is missing; Azure gives premium-ssd-v2 disks to machines in a zone only.", "Set it to 1, 2 or 3.");
        return new StorageSettings(kind, disk) { S3 = kind == StorageKind.S3 ? JudgeS3(values, cloud) : null };
    }

    private static void JudgeVolume(SettingValues values, DataDisk disk)
    {
        var limits = Volumes[disk.Kind];
        var name = SettingNames.Of(disk.Kind);
        if (disk.SizeGib > limits.MostGib) values.Report("storageSize", $"a {name} volume has at most {limits.MostGib} GiB.", $"Take {limits.MostGib} or less, or another kind of storage.");
        if (limits.Iops is not { } iops || limits.Throughput is not { } throughput) return;
        if (disk.Iops is { } asked)
        {
            if (asked < iops.Least || asked > iops.Most) values.Report("storageIops", $"a {name} volume has {iops.Least} to {iops.Most} IOPS.", "Take a number within.");
            else if (asked > Math.Max(iops.Least, (long)disk.SizeGib * limits.IopsPerGib))
                values.Report("storageIops", $"{name} gives at most {limits.IopsPerGib} IOPS for each GiB, so {disk.SizeGib} GiB may have {Math.Max(iops.Least, (long)disk.SizeGib * limits.IopsPerGib)}.",
                    $"Take fewer, or a storageSize of at least {(asked + limits.IopsPerGib - 1) / limits.IopsPerGib}.");
        }
        if (disk.ThroughputMib is not { } rate) return;
        var granted = disk.Iops ?? iops.Least;
        if (rate < throughput.Least || rate > throughput.Most) values.Report("storageThroughput", $"a {name} volume has {throughput.Least} to {throughput.Most} MiB/s.", "Take a number within.");
        else if ((long)rate * limits.IopsPerThroughput > granted)
            values.Report("storageThroughput", $"{name} gives at most 1 MiB/s for every {limits.IopsPerThroughput} IOPS, so {granted} IOPS carry {granted / limits.IopsPerThroughput} MiB/s.",
                $"Take less, or set storageIops to at least {rate * limits.IopsPerThroughput}.");
        else if (disk.Kind == StorageKind.HyperdiskBalanced && rate < granted / 256)
            values.Report("storageThroughput", $"{name} wants at least 1 MiB/s for every 256 IOPS.", $"Take at least {(granted + 255) / 256}.");
    }

    private static S3Settings JudgeS3(SettingValues values, Cloud cloud)
    {
        var (bucket, endpoint, access) = (values.Text("s3Bucket"), values.Address("s3Endpoint"), values.Text("s3AccessKey"));
        if (bucket is not null && BucketMistake(bucket) is { } wrong) values.Report("s3Bucket", wrong, "Bucket names have 3 to 63 lower-case letters, digits and inner hyphens.");
        if (bucket is null && !values.Has("s3Bucket") && (endpoint is not null || cloud == Cloud.Host))
            values.Report("s3Bucket", "it is missing; a bucket is created on AWS only, with a stack that stands there.", "Create it with the service and name it here.");
        if (endpoint is not null && access is null && cloud == Cloud.Aws && !values.Has("s3AccessKey"))
            values.Report("s3AccessKey", "it is missing; another service than AWS does not know the machine's role.", "Give s3AccessKey and s3SecretKey.");
        if (access is not null && cloud == Cloud.Aws && !values.Has("s3SecretKey")) values.Report("s3SecretKey", "it is missing; an access key alone opens nothing.", "Set it with `pulumi config set --secret s3SecretKey`.");
        if (access is null && !values.Has("s3AccessKey") && values.Has("s3SecretKey") && cloud == Cloud.Aws) values.Report("s3AccessKey", "it is missing; a secret key needs its access key.", "Set it, or remove s3SecretKey.");
        if (bucket is not null && values.Whole("s3ObjectLockDays") is not null) values.Report("s3ObjectLockDays", "object lock is set when a bucket is created, and this one stands already.", "Remove the key, and set the lock on the bucket itself.");
        if (endpoint is not null && values.Text("s3Key") is not null) values.Report("s3Key", "AWS KMS encrypts in AWS's own buckets only.", "Remove s3Key or s3Endpoint.");
        var region = values.Text("s3Region") ?? values.Text("region");
        if (bucket is null && values.Text("s3Region") is { } other && values.Text("region") is { } own && other != own)
            values.Report("s3Region", "a bucket that is created here stands in the stack's own region.", "Remove s3Region, or name an existing bucket in s3Bucket.");
        if (cloud == Cloud.Host && endpoint is null && region is null && !values.Has("s3Endpoint")) values.Report("s3Region", "it is missing; AWS wants to know where the bucket is.", "Set it, or s3Endpoint for another service.");
        if (endpoint is null && values.Text("s3Region") is { } named && !Regions.Of(Cloud.Aws).Contains(named)) values.Report("s3Region", "AWS has no such region.", "Give the region that AWS shows beside the bucket.");
        return new S3Settings(bucket, values.Text("s3Prefix") ?? "", values.Whole("s3ObjectLockDays"), values.Text("s3Key"), endpoint, access, values.Secret("s3SecretKey"), region ?? "us-east-1");
    }

    private static string? BucketMistake(string name) =>
        name.Contains('.', StringComparison.Ordinal) ? "TLS to a bucket with a dot in its name cannot be checked."
        : !BucketForm().IsMatch(name) || name.StartsWith("xn--", StringComparison.Ordinal) || name.EndsWith("-s3alias", StringComparison.Ordinal) || name.EndsWith("--ol-s3", StringComparison.Ordinal)
            ? "it cannot be the name of a bucket." : null;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketForm();
}
