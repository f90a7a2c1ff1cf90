using System.Collections.Immutable;
using Provisioner.Certificates.Dns;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight;

/// <summary>Proof by writing and deleting again: the zone. Only name servers that take signed updates can be proven from here.</summary>
internal static class ProbeCheck
{
    public static async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, bool probe, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!probe || settings.Domain.Provider == DnsProvider.None) return [];
        if (settings.Domain.Dynamic is not { } dynamic)
            return [Finding.Unknown($"zone {settings.Domain.Zone}", "whether it can be written is not proven here: that would take the cloud's credentials.", "`pulumi up` writes its first record there and tells.")];
        var server = new DynamicServer(dynamic.Server, dynamic.Port, dynamic.KeyName, dynamic.Algorithm, dynamic.Key.Reveal());
        var name = $"_appliance-probe.{settings.Domain.Name}";
        var failure = await DynamicUpdate.AddAsync(server, settings.Domain.Zone!, name, "probe", time, cancellationToken) ?? await DynamicUpdate.DeleteAsync(server, settings.Domain.Zone!, name, time, cancellationToken);
        return [failure is null
            ? Finding.Fine($"zone {settings.Domain.Zone}", $"{server.Address} took a signed update and its withdrawal.")
            : Finding.Error($"zone {settings.Domain.Zone}", failure, "Look at dnsServer, dnsKeyName, dnsKeyAlgorithm and dnsKey, and at the name server's update policy.")];
    }
}
