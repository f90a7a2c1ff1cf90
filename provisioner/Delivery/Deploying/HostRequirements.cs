using System.Collections.Immutable;
using System.Globalization;

namespace Provisioner.Delivery.Deploying;

/// <summary>What a host must be before anything is put there.</summary>
/// <param name="Systems">Each "ID VERSION_ID".</param>
/// <param name="FreeMib">Path → free space that its file system must have.</param>
public sealed record HostRequirements(ImmutableArray<string> Systems, int Processors, long MemoryKib, bool Docker, ImmutableSortedDictionary<string, int> FreeMib)
{
    /// <summary>For the products: 4 processors, 32 GB (Linux counts less than the machine has, so 30 GiB), Docker with Compose.</summary>
    public static HostRequirements Products { get; } = new(
        ["ubuntu 22.04", "ubuntu 24.04", "ubuntu 26.04", "debian 12", "debian 13"], 4, 30L << 20, Docker: true,
        ImmutableSortedDictionary<string, int>.Empty.Add("/opt", 10 << 10).Add("/srv/appliance", 10 << 10).Add("/var/lib/appliance", 1 << 10));

    /// <summary>For a file or two.</summary>
    public static HostRequirements Files { get; } = Products with { Processors = 1, MemoryKib = 0, Docker = false, FreeMib = ImmutableSortedDictionary<string, int>.Empty.Add("/srv/appliance", 1).Add("/var/lib/appliance", 1) };

    /// <returns>Every reason against the host, each with its remedy; empty when it will do.</returns>
    public ImmutableArray<string> Against(HostFacts facts)
    {
        var reasons = ImmutableArray.CreateBuilder<string>();
        if (!Systems.Contains(facts.System)) reasons.Add($"its system is {Or(facts.System, "unknown")}. Take one of {string.Join(", ", Systems)}.");
        if (facts.Architecture != "x86_64") reasons.Add($"its processor is {Or(facts.Architecture, "unknown")}. The images are for x86_64.");
        if (facts.Processors < Processors) reasons.Add(string.Create(CultureInfo.InvariantCulture, $"it has {facts.Processors} processors. At least {Processors} are needed."));
        if (facts.MemoryKib < MemoryKib) reasons.Add(string.Create(CultureInfo.InvariantCulture, $"it has {facts.MemoryKib / 1048576.0:0.0} GiB of memory. At least {MemoryKib / 1048576.0:0} are needed: a machine of 32 GB."));
        if (Docker && facts.Docker.Length == 0) reasons.Add("Docker does not answer there. Install docker.io and docker-compose-v2, and start the service.");
        if (Docker && facts.Compose.Length == 0) reasons.Add("it has no Compose. Install docker-compose-v2 (or docker-compose 1.29).");
        foreach (var (path, mib) in FreeMib)
            if (facts.FreeKib.GetValueOrDefault(path) < mib * 1024L)
                reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{path} has {facts.FreeKib.GetValueOrDefault(path) / 1024} MiB free. At least {mib} are needed."));
        return reasons.ToImmutable();
    }

    private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;
}
