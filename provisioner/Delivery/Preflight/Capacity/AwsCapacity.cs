using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight.Capacity;

internal static class AwsCapacity
{
    /// <summary>Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances, counted in vCPU; all sizes of the table are of these families.</summary>
    private const string StandardVcpus = "L-1216C47A";

    private const string StandardFamilies = "acdhimrtz";
    private const int MostPages = 50;

    public static async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, MachineSize size, AwsRequests aws, CancellationToken cancellationToken)
    {
        var region = settings.Machine.Region;
        return
        [
            await CapacityCheck.OneAsync($"size {size.Name} in {region}", () => OfferedAsync(settings, size, aws, cancellationToken)),
            await CapacityCheck.OneAsync($"vCPU quota in {region}", async () =>
            {
                var limit = await aws.QuotaAsync("ec2", StandardVcpus, cancellationToken);
                return CapacityCheck.Quota($"vCPU quota in {region}", limit, await UsedAsync(aws, cancellationToken), size,
                    $"Ask for more: Service Quotas, Amazon EC2, \"Running On-Demand Standard instances\" ({StandardVcpus}) in {region}; or take a smaller size, or stop what is not needed.");
            }),
        ];
    }

    private static async Task<Finding> OfferedAsync(StackSettings settings, MachineSize size, AwsRequests aws, CancellationToken cancellationToken)
    {
        var what = $"size {size.Name} in {settings.Machine.Region}";
        var answer = await aws.Ec2Async("DescribeInstanceTypeOfferings", [("LocationType", "availability-zone"), ("Filter.1.Name", "instance-type"), ("Filter.1.Value.1", size.Name)], cancellationToken);
        var offered = Named(answer, "location").Order(StringComparer.Ordinal).ToList();
        if (offered.Count == 0) return Finding.Error(what, $"AWS offers it nowhere in {settings.Machine.Region}.", "Take another size, or another region.");
        var zone = settings.Machine.AvailabilityZone ?? await ZoneAsync(settings.Network, aws, cancellationToken);
        return zone is null ? Finding.Fine(what, $"offered in {string.Join(", ", offered)}.")
            : offered.Contains(zone) ? Finding.Fine(what, $"offered in {zone}.")
            : Finding.Error(what, $"AWS does not offer it in {zone}, where the machine would stand.", settings.Network is { Existing: null, SharedStack: null }
                ? $"Set availabilityZone to one of {string.Join(", ", offered)}, or take another size." : $"Name a subnet in one of {string.Join(", ", offered)}, or take another size.");
    }

    /// <summary>Where the program would put it: the zone of the subnet that is there, or the region's first. Null when only another stack tells.</summary>
    private static async Task<string?> ZoneAsync(NetworkSettings network, AwsRequests aws, CancellationToken cancellationToken)
    {
        if (network.SharedStack is not null) return null;
        if (network.Existing is { } existing) return Named(await aws.Ec2Async("DescribeSubnets", [("SubnetId.1", existing.SubnetId)], cancellationToken), "availabilityZone").FirstOrDefault();
        return Named(await aws.Ec2Async("DescribeAvailabilityZones", [("Filter.1.Name", "state"), ("Filter.1.Value.1", "available")], cancellationToken), "zoneName").Order(StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>vCPU of the instances that run or are about to, as the quota counts them: spot instances have one of their own.</summary>
    private static async Task<double> UsedAsync(AwsRequests aws, CancellationToken cancellationToken)
    {
        var used = 0;
        var next = "";
        for (var page = 0; page < MostPages; page++)
        {
            var answer = await aws.Ec2Async("DescribeInstances",
                [("Filter.1.Name", "instance-state-name"), ("Filter.1.Value.1", "pending"), ("Filter.1.Value.2", "running"), ("MaxResults", "1000"), .. next.Length > 0 ? new[] { ("NextToken", next) } : []], cancellationToken);
            foreach (var instance in answer.Descendants().Where(e => e.Name.LocalName == "instancesSet").SelectMany(set => set.Elements()))
            {
                if (Child(instance, "instanceLifecycle")?.Value == "spot" || Child(instance, "instanceType")?.Value is not { Length: > 0 } type || !StandardFamilies.Contains(type[0], StringComparison.Ordinal)) continue;
                var options = Child(instance, "cpuOptions");
                used += Number(options, "coreCount") * Number(options, "threadsPerCore");
            }
            next = answer.Elements().FirstOrDefault(e => e.Name.LocalName == "nextToken")?.Value ?? "";
            if (next.Length == 0) return used;
        }
        throw new NotLookedException("the account runs more instances than are counted here.", "Look by hand: Service Quotas, Amazon EC2.");
    }

    private static IEnumerable<string> Named(XElement answer, string name) => answer.Descendants().Where(e => e.Name.LocalName == name).Select(e => e.Value);

    private static XElement? Child(XElement? element, string name) => element?.Elements().FirstOrDefault(e => e.Name.LocalName == name);

    private static int Number(XElement? element, string name) => Child(element, name) is { } child ? int.Parse(child.Value, CultureInfo.InvariantCulture) : throw new FormatException($"an instance without {name}");
}
