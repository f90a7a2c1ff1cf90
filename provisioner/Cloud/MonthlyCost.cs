using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Provisioner.Delivery.Settings;

namespace Provisioner.Cloud;

/// <summary>What a stack costs a month, roughly: an estimate from a small dated table of list prices (prices.json), never an offer.</summary>
/// <param name="Parts">In the table's currency, a month. Traffic and what a bucket will hold are not foreseen.</param>
internal sealed record MonthlyCost(string AsOf, string Currency, string About, ImmutableSortedDictionary<string, decimal> Parts)
{
    private static readonly Lazy<PriceTable> Prices = new(Read);

    public decimal Total => Parts.Values.Sum();

    public static MonthlyCost Of(StackSettings settings)
    {
        var table = Prices.Value;
        var parts = ImmutableSortedDictionary.CreateBuilder<string, decimal>(StringComparer.Ordinal);
        if (settings.Machine.Size is { } size && table.Clouds.TryGetValue(settings.Cloud.ToString().ToLowerInvariant(), out var cloud))
        {
            var disk = settings.Storage.Disk;
            parts["machine"] = table.HoursPerMonth * size.Vcpus * cloud.VcpuHourOf(size.Name);
            parts["systemDisk"] = settings.Machine.RootDiskGib * cloud.RootGib;
            parts["dataDisk"] = cloud.Disks[disk.Kind.ToString().ToLowerInvariant()].Month(disk);
            // Snapshots hold what changed; a tenth of the disk's size a month is what a growing vault shows.
            if (settings.Snapshots.EveryHours > 0) parts["snapshots"] = disk.SizeGib * (1 + settings.Snapshots.KeepDays / 300m) * cloud.SnapshotGib;
            if (settings.Network.Mode == NetworkMode.Public) parts["address"] = cloud.Address;
            if (cloud.Key > 0 && disk.KeyId is null) parts["key"] = cloud.Key;
            if (settings.Storage.S3 is not null) parts["bucketPer100Gib"] = 100 * cloud.BucketGib;
        }
        return new(table.AsOf, table.Currency, table.About, parts.ToImmutable());
    }

    public ImmutableDictionary<string, object> Report() => Parts
        .ToImmutableDictionary(p => p.Key, p => (object)Text(p.Value))
        .Add("estimatePerMonth", Text(Total))
        .Add("currency", Currency)
        .Add("asOf", AsOf)
        .Add("note", Parts.IsEmpty ? "An existing host costs nothing here." : $"An estimate, not an offer. {About} Traffic comes on top.");

    private static string Text(decimal price) => decimal.Round(price, 2).ToString("0.00", CultureInfo.InvariantCulture);

    private static PriceTable Read()
    {
        using var json = typeof(MonthlyCost).Assembly.GetManifestResourceStream("prices.json")!;
        return JsonSerializer.Deserialize<PriceTable>(json, JsonSerializerOptions.Web)!;
    }

    private sealed record PriceTable(string About, string AsOf, string Currency, decimal HoursPerMonth, Dictionary<string, CloudPrices> Clouds);

    private sealed record CloudPrices(
        Dictionary<string, decimal> VcpuHour, decimal OtherVcpuHour, decimal Address, decimal Key, decimal SnapshotGib, decimal RootGib, decimal BucketGib, Dictionary<string, DiskPrice> Disks)
    {
        /// <summary>By the longest beginning that fits; what the table does not know is taken for the dearest usual kind.</summary>
        public decimal VcpuHourOf(string size) =>
            VcpuHour.Where(p => size.StartsWith(p.Key, StringComparison.Ordinal)).OrderByDescending(p => p.Key.Length).Select(p => (decimal?)p.Value).FirstOrDefault() ?? OtherVcpuHour;
    }

    /// <summary>A month's price of a GiB, and of each operation a second and MiB/s beyond what is free.</summary>
    private sealed record DiskPrice(decimal Gib, decimal Iops, int FreeIops, decimal Throughput, int FreeThroughput)
    {
        public decimal Month(DataDisk disk) => disk.SizeGib * Gib
            + Math.Max(0, (disk.Iops ?? 0) - FreeIops) * Iops
            + Math.Max(0, (disk.ThroughputMib ?? 0) - FreeThroughput) * Throughput;
    }
}
