using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Provisioner.Delivery.Settings;

/// <summary>The size table (machine-sizes.json): what each size has, and which of them carry the appliance.</summary>
public static class MachineSizes
{
    private static readonly Table Data = Resources.Read<Table>("machine-sizes.json");
    private static readonly ImmutableDictionary<(Cloud, string), Row> Rows =
        new[] { (Cloud.Aws, Data.Aws), (Cloud.Azure, Data.Azure), (Cloud.Gcp, Data.Gcp) }
            .SelectMany(c => c.Item2.SelectMany(family => family.Sizes.Select(size => Row.Of(c.Item1, family, size))))
            .ToImmutableDictionary(r => (r.Size.Cloud, r.Size.Name));

    public static int LeastVcpus => Data.Minimum.Vcpus;

    /// <summary>In GiB.</summary>
    public static double LeastMemoryGib => Data.Minimum.MemoryGib;

    /// <summary>The size of this name, however small; null when the table does not know it.</summary>
    public static MachineSize? Find(Cloud cloud, string name) => Rows.GetValueOrDefault((cloud, name))?.Size;

    /// <summary>Why this size cannot carry the appliance; null when it can.</summary>
    public static string? Refusal(Cloud cloud, string name, StorageKind disk) =>
        !Rows.TryGetValue((cloud, name), out var row) ? "the table of sizes does not know it."
        : row.Family.Arm ? "it is an ARM machine; the appliance is built for x64."
        : row.Size.Vcpus < LeastVcpus || row.Size.MemoryGib < LeastMemoryGib
            ? string.Create(CultureInfo.InvariantCulture, $"it has {row.Size.Vcpus} vCPU and {row.Size.MemoryGib} GB; the appliance needs at least {LeastVcpus} vCPU and {LeastMemoryGib} GB.")
        : row.Family.Burstable ? "it is a burstable size, which slows down in the middle of a long backup when its credits are spent."
        : row.Family.NoPremiumDisks ? "it takes no premium disks."
        : !row.Takes(disk) ? $"machines of this family take no {SettingNames.Of(disk)} disk, only {string.Join(" and ", row.Family.Disks)}."
        : null;

    /// <summary>The valid size that is nearest: the smallest one of the same family, else the cloud's minimum for such a disk.</summary>
    public static string Nearest(Cloud cloud, string name, StorageKind disk)
    {
        var family = Rows.GetValueOrDefault((cloud, name))?.Family.Name ?? FamilyOf(cloud, name);
        return Rows.Values.Where(r => r.Size.Cloud == cloud && Refusal(cloud, r.Size.Name, disk) is null)
            .OrderBy(r => r.Family.Name == family ? 0 : Usual(disk).Contains(r.Size.Name) ? 1 : 2)
            .ThenBy(r => r.Size.Vcpus).ThenBy(r => r.Size.MemoryGib).ThenBy(r => r.Size.Name, StringComparer.Ordinal)
            .First().Size.Name;
    }

    private static string[] Usual(StorageKind disk) => ["r5n.xlarge", "Standard_E4s_v5", disk == StorageKind.HyperdiskBalanced ? "n4-highmem-4" : "n2-highmem-4"];

    /// <summary>A size such as "r5n.micro" that no vendor has still tells its family.</summary>
    private static string FamilyOf(Cloud cloud, string name) => cloud switch
    {
        Cloud.Aws => name.Split('.')[0] + ".{}",
        Cloud.Gcp => name[..(name.LastIndexOf('-') + 1)] + "{}",
        Cloud.Azure or Cloud.Host => "",
    };

    private sealed record Row(MachineSize Size, Family Family)
    {
        public static Row Of(Cloud cloud, Family family, string size)
        {
            var vcpus = cloud == Cloud.Aws ? Data.AwsLadder[size] : int.Parse(size, CultureInfo.InvariantCulture);
            return new(new MachineSize(cloud, family.Name.Replace("{}", size, StringComparison.Ordinal), vcpus, vcpus * family.GibPerVcpu), family);
        }

        public bool Takes(StorageKind disk) => Family.Disks.IsDefaultOrEmpty || Family.Disks.Contains(SettingNames.Of(disk));
    }

    private sealed record Table(Least Minimum, ImmutableDictionary<string, int> AwsLadder, ImmutableArray<Family> Aws, ImmutableArray<Family> Azure, ImmutableArray<Family> Gcp);

    private sealed record Least(int Vcpus, double MemoryGib);

    private sealed record Family(string Name, double GibPerVcpu, ImmutableArray<string> Sizes, ImmutableArray<string> Disks, bool Arm, bool Burstable, bool NoPremiumDisks);
}

/// <summary>The regions that the vendors list (regions.json).</summary>
public static class Regions
{
    private static readonly Table Data = Resources.Read<Table>("regions.json");

    public static ImmutableArray<string> Of(Cloud cloud) => cloud switch
    {
        Cloud.Aws => Data.Aws,
        Cloud.Azure => Data.Azure,
        Cloud.Gcp => Data.Gcp,
        Cloud.Host => [],
    };

    private sealed record Table(ImmutableArray<string> Aws, ImmutableArray<string> Azure, ImmutableArray<string> Gcp);
}

/// <summary>Data files that are part of the assembly.</summary>
internal static class Resources
{
    public static T Read<T>(string name)
    {
        using var stream = typeof(Resources).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The assembly holds no {name}.");
        return JsonSerializer.Deserialize<T>(stream, JsonSerializerOptions.Web)!;
    }
}
