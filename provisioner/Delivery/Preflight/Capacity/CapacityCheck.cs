using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Xml;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight.Capacity;

/// <summary>
/// Whether the cloud would give the machine: the size is offered where it shall stand, and the account's quota has that many vCPU left. Asks the cloud itself, by
/// reads only. Without credentials in the environment it says so, and how to look by hand.
/// </summary>
internal static class CapacityCheck
{
    /// <summary>A list of all sizes that a cloud offers in a region is some megabytes long.</summary>
    private const int MostBytes = 64 << 20;

    public static async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, CloudAccess access, TimeProvider time, CancellationToken cancellationToken)
    {
        if (settings.Machine.Size is not { } size) return [];
        using var http = new HttpClient(access.Handler()) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = MostBytes, DefaultRequestHeaders = { { "User-Agent", "appliance-provisioner" } } };
        var cloud = new CloudRequests(http);
        try
        {
            return settings.Cloud switch
            {
                Cloud.Aws => await AwsCapacity.LookAsync(settings, size, new AwsRequests(cloud, access, settings.Machine.Region, time), cancellationToken),
                Cloud.Azure => await AzureCapacity.LookAsync(settings, size, cloud, access, cancellationToken),
                Cloud.Gcp => await GcpCapacity.LookAsync(settings, size, cloud, access, time, cancellationToken),
                Cloud.Host => [],
            };
        }
        catch (Exception left) when (AsNotLooked(left) is { } known)
        {
            return [NotLooked($"size and quota of {size.Name} in {settings.Machine.Region}", known)];
        }
    }

    /// <summary>One thing; that it could not be looked at is told of it alone.</summary>
    public static async Task<Finding> OneAsync(string what, Func<Task<Finding>> look)
    {
        try
        {
            return await look();
        }
        catch (Exception left) when (AsNotLooked(left) is { } known)
        {
            return NotLooked(what, known);
        }
    }

    private static NotLookedException? AsNotLooked(Exception failure) => failure switch
    {
        NotLookedException known => known,
        JsonException or XmlException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException =>
            new("the cloud's answer was not of the form that its documentation tells.", "Look there by hand."),
        _ => null,
    };

    public static Finding Quota(string what, double limit, double used, MachineSize size, string remedy)
    {
        var free = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, limit - used):0.##} of {limit:0.##} vCPU are free");
        return limit - used >= size.Vcpus
            ? Finding.Fine(what, string.Create(CultureInfo.InvariantCulture, $"{free}; {size.Name} takes {size.Vcpus}."))
            : Finding.Error(what, string.Create(CultureInfo.InvariantCulture, $"{free}, and {size.Name} takes {size.Vcpus}."), remedy);
    }

    private static Finding NotLooked(string what, NotLookedException left) => Finding.Unknown(what, $"not looked at, because {left.Message}", left.Remedy);
}
