using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Gcp.Dns;
using Pulumi.Gcp.Projects;

namespace Provisioner.Cloud.Gcp;

/// <summary>The appliance's name in Cloud DNS: where it is, who may issue certificates for it, and the machine's right to prove it where the challenge is a record.</summary>
internal static class GcpName
{
    public static IReadOnlyList<Resource> For(Site site, GcpMachine machine)
    {
        var settings = site.Settings;
        if (settings.Domain.Provider != DnsProvider.CloudDns) return [];
        List<Resource> records = [Entry("address", "A", machine.Address)];
        if (settings.Certificate is AcmeCertificate { LetsEncrypt: true }) records.Add(Entry("issuer", "CAA", Output.Create("0 issue \"letsencrypt.org\"")));
        if (settings.Certificate is AcmeCertificate { Challenge: AcmeChallenge.Dns01 })
            records.Add(new IAMMember(site.Named("challenges"), new IAMMemberArgs
            {
                // Google grants zones to a whole project only; a project of its own for the zone narrows it.
                Project = settings.Machine.Account!, Role = "roles/dns.admin", Member = machine.Identity.Member,
            }, site.Part()));
        return records;

        RecordSet Entry(string part, string type, Output<string> value) => new(site.Named(part), new RecordSetArgs
        {
            ManagedZone = settings.Domain.ZoneId!, Name = $"{settings.Domain.Name}.", Type = type, Ttl = 300, Rrdatas = { value },
        }, site.Part());
    }
}
