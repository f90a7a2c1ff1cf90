using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Azure.Authorization;
using Pulumi.Azure.Dns;

namespace Provisioner.Cloud.Azure;

/// <summary>The appliance's name in Azure DNS, and the machine's right to prove it where the challenge is a record.</summary>
internal static class AzureName
{
    public static IReadOnlyList<Resource> For(Site site, AzureNetwork network, AzureMachine machine)
    {
        var domain = site.Settings.Domain;
        if (domain.Provider != DnsProvider.AzureDns) return [];
        List<Resource> records =
        [
            new ARecord(site.Named("address"), new ARecordArgs
            {
                ResourceGroupName = domain.ZoneId!,
                ZoneName = domain.Zone!,
                Name = Relative(domain.Name, domain.Zone!),
                Ttl = 300,
                Records = { network.Address },
                Tags = StandardTags.All(site.Settings),
            }, site.Part()),
        ];
        if (site.Settings.Certificate is AcmeCertificate { Challenge: AcmeChallenge.Dns01 })
            records.Add(new Assignment(site.Named("challenges"), new AssignmentArgs
            {
                Scope = GetZone.Invoke(new GetZoneInvokeArgs { Name = domain.Zone!, ResourceGroupName = domain.ZoneId! }, site.Lookup).Apply(z => z.Id),
                RoleDefinitionName = "DNS Zone Contributor",
                PrincipalId = machine.Principal,
            }, site.Part()));
        return records;
    }

    /// <summary>Azure takes the part below the zone, and "@" for the zone itself.</summary>
    private static string Relative(string name, string zone) => name == zone ? "@" : name[..^(zone.Length + 1)];
}
