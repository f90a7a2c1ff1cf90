using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Aws.Route53;

namespace Provisioner.Cloud.Aws;

/// <summary>The appliance's name in Route 53: where it is, and who may issue certificates for it.</summary>
internal static class AwsName
{
    public static IReadOnlyList<Resource> For(Site site, AwsMachine machine)
    {
        var domain = site.Settings.Domain;
        if (domain.Provider != DnsProvider.Route53) return [];
        var zone = ZoneOf(site);
        List<Resource> records = [Entry("address", RecordType.A, machine.Address)];
        if (machine.AddressV6 is { } v6) records.Add(Entry("address-v6", RecordType.AAAA, v6));
        if (site.Settings.Certificate is AcmeCertificate { LetsEncrypt: true })
            records.Add(Entry("issuer", RecordType.CAA, Output.Create("0 issue \"letsencrypt.org\"")));
        return records;

        Record Entry(string part, RecordType type, Output<string> value) => new(site.Named(part), new RecordArgs
        {
            ZoneId = zone, Name = domain.Name, Type = type, Ttl = 300, Records = { value },
        }, site.Part());
    }

    public static Output<string> ZoneOf(Site site) => site.Settings.Domain.ZoneId is { } known
        ? Output.Create(known)
        : GetZone.Invoke(new GetZoneInvokeArgs { Name = site.Settings.Domain.Zone! }, site.Lookup).Apply(z => z.ZoneId);
}
