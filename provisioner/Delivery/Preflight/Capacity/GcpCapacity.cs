using System.Collections.Immutable;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight.Capacity;

internal static class GcpCapacity
{
    private const string Compute = "https://compute.googleapis.com/compute/v1/projects/";

    public static async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, MachineSize size, CloudRequests cloud, CloudAccess access, TimeProvider time, CancellationToken cancellationToken)
    {
        var (project, region, zone) = (settings.Machine.Account!, settings.Machine.Region, settings.Machine.AvailabilityZone!);
        var token = await GcpSignIn.TokenAsync(cloud, access, time, cancellationToken);
        return
        [
            await CapacityCheck.OneAsync($"size {size.Name} in {zone}", async () =>
                await cloud.GetAsync(new Uri($"{Compute}{project}/zones/{zone}/machineTypes/{size.Name}"), token, "compute.machineTypes.get", cancellationToken) is not null
                    ? Finding.Fine($"size {size.Name} in {zone}", $"offered in {zone}.")
                    : Finding.Error($"size {size.Name} in {zone}", "Google Cloud does not offer it there.", $"Take another size or zone: gcloud compute machine-types list --filter=name={size.Name} tells where it is.")),
            await CapacityCheck.OneAsync($"vCPU quota in {region}", async () =>
            {
                var answer = await cloud.GetAsync(new Uri($"{Compute}{project}/regions/{region}?fields=quotas"), token, "compute.regions.get", cancellationToken)
                    ?? throw new NotLookedException($"the project {project} has no region {region}.", "Look at account and region.");
                var quotas = answer.GetProperty("quotas").EnumerateArray().ToDictionary(q => q.GetProperty("metric").GetString()!, q => (Limit: q.GetProperty("limit").GetDouble(), Used: q.GetProperty("usage").GetDouble()));
                var metric = Metric(size.Name);
                if (!quotas.TryGetValue(metric, out var quota))
                    throw new NotLookedException($"Google Cloud counts this family by a quota that a region's description does not tell ({metric} is not among its quotas).", "Look by hand: IAM & Admin, Quotas, \"CPUs per VM family\".");
                return CapacityCheck.Quota($"vCPU quota in {region}", quota.Limit, quota.Used, size, $"Ask for more of {metric} in {region}: IAM & Admin, Quotas; or take a smaller size or another family.");
            }),
        ];
    }

    /// <summary>The first families share one quota; each later one has its own.</summary>
    private static string Metric(string size) => size.Split('-')[0] is var family && family is "n1" or "e2" ? "CPUS" : family.ToUpperInvariant() + "_CPUS";
}
