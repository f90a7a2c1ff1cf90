namespace Provisioner.Delivery.Settings;

internal static class MachineJudge
{
    public static MachineSettings? Judge(SettingValues values, Cloud? known, StorageKind? disk)
    {
        if (known is not { } cloud) return null;
        if (cloud == Cloud.Host) return new MachineSettings(cloud);
        var region = values.Text("region");
        if (region is not null && !Regions.Of(cloud).Contains(region))
        {
            var elsewhere = new[] { Cloud.Aws, Cloud.Azure, Cloud.Gcp }.Where(c => c != cloud && Regions.Of(c).Contains(region)).Select(c => (Cloud?)c).FirstOrDefault();
            values.Report("region",
                elsewhere is { } other ? $"it is a region of {SettingNames.Of(other)}, and the stack stands on {SettingNames.Of(cloud)}." : $"{SettingNames.Of(cloud)} has no such region.",
                $"Near it: {string.Join(", ", Regions.Of(cloud).OrderByDescending(r => Alike(r, region)).Take(3))}. All of them stand in provisioner/Delivery/Settings/regions.json.");
        }
        var zone = values.Text("availabilityZone");
        if (zone is not null && region is not null && cloud != Cloud.Azure && !zone.StartsWith(region, StringComparison.Ordinal))
            values.Report("availabilityZone", $"it is not in the region {SettingReader.Printable(region)}.", $"Name one of {SettingReader.Printable(region)}, such as {SettingReader.Printable(region)}{(cloud == Cloud.Aws ? "a" : "-a")}.");
        var name = values.Text("size");
        MachineSize? size = null;
        if (name is not null)
        {
            size = MachineSizes.Find(cloud, name);
            // Without a readable storage the size is judged by vCPU and memory alone: any disk that the size itself takes.
            var kind = disk ?? DefaultDisk(cloud, name);
            if (MachineSizes.Refusal(cloud, name, kind) is { } refusal)
                values.Report("size", refusal, $"The nearest size that fits is {MachineSizes.Nearest(cloud, name, kind)}; the least is 4 vCPU and 32 GB.");
        }
        return new MachineSettings(cloud)
        {
            Region = region ?? "", Account = values.Text("account"), AvailabilityZone = zone, Size = size,
            RootDiskGib = values.Whole("rootDiskSize") ?? 0, Image = values.Text("machineImage"),
        };
    }

    private static StorageKind DefaultDisk(Cloud cloud, string size) => cloud switch
    {
        Cloud.Azure => StorageKind.PremiumSsd,
        Cloud.Gcp => size.StartsWith("n4", StringComparison.Ordinal) || size.StartsWith("c4", StringComparison.Ordinal) ? StorageKind.HyperdiskBalanced : StorageKind.PdSsd,
        Cloud.Aws or Cloud.Host => StorageKind.Gp3,
    };

    private static int Alike(string a, string b) => a.Zip(b).TakeWhile(p => p.First == p.Second).Count();
}
