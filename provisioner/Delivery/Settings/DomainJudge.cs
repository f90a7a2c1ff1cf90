using System.Buffers.Text;
using System.Globalization;

namespace Provisioner.Delivery.Settings;

internal static class DomainJudge
{
    public static DomainSettings? Judge(SettingValues values, HostingMode mode, Cloud? known)
    {
        var (domain, zone, id) = (values.Text("domain"), values.Text("dnsZone"), values.Text("dnsZoneId"));
        foreach (var (key, name) in new[] { ("domain", domain), ("dnsZone", zone) })
            if (name is not null && Names.WhyUnregistrable(name) is { } why)
                values.Report(key, why, "Give a name under a domain that is registered to you: certificates, sign-in and Salesforce's callback hang on it.");
        var provider = values.Text("dnsProvider") is { } text ? SettingNames.ReadDns(text) : DnsProvider.None;
        JudgeProvider(values, provider, known);
        if (domain is not null && zone is not null && !Names.Covers(zone, domain))
            values.Report("dnsZone", $"{domain} is not in this zone.", $"Name the zone that holds it, such as {domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..]}.");
        if (mode == HostingMode.Flosum && domain is not null && values.Text("customer") is { } customer)
        {
            if (provider == DnsProvider.None) values.Report("dnsProvider", "a name under the vendor's zone is written by the stack.", "Remove the key, and name the vendor's zone in dnsZone.");
            if (zone == domain) values.Report("domain", "it is the vendor's zone itself, and that has room for all customers.", $"Give {customer}.{zone}.");
            else if (!domain.StartsWith(customer + ".", StringComparison.Ordinal)) values.Report("domain", $"it does not begin with the customer's name, {customer}.", $"Give {customer}.{zone ?? "(zone)"}, or correct customer.");
        }
        return domain is null ? null : new DomainSettings(domain, provider, zone, id) { Dynamic = Dynamic(values), Resolver = values.EndPoint("dnsResolver") };
    }

    private static void JudgeProvider(SettingValues values, DnsProvider provider, Cloud? known)
    {
        Cloud? home = provider switch
        {
            DnsProvider.Route53 => Cloud.Aws, DnsProvider.AzureDns => Cloud.Azure, DnsProvider.CloudDns => Cloud.Gcp,
            DnsProvider.None or DnsProvider.Rfc2136 => null,
        };
        if (known is { } cloud && home is { } needed && needed != cloud)
            values.Report("dnsProvider", $"a machine on {SettingNames.Of(cloud)} has no identity that may write there.", "Take the cloud's own DNS, rfc2136, or none and write the records yourself.");
    }

    private static DynamicDns? Dynamic(SettingValues values)
    {
        if (values.Text("dnsServer") is not { } server || values.Text("dnsKeyName") is not { } name || values.Text("dnsKey") is not { } key) return null;
        if (!Base64.IsValid(key) || key.Length < 16) values.Report("dnsKey", "it is no TSIG key in base64.", "Set what stands after `secret` in the name server's key file.");
        var (host, port) = (server, 53);
        var colon = server.LastIndexOf(':');
        if (colon > 0 && server.IndexOf(':', StringComparison.Ordinal) == colon)
        {
            host = server[..colon];
            if (!int.TryParse(server[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535) values.Report("dnsServer", "its port is no port.", "Write a number from 1 to 65535 after the colon.");
        }
        if (!System.Net.IPAddress.TryParse(host, out _) && Names.Read(host).Reason is { } reason) values.Report("dnsServer", reason, "Give the address or the name of the primary name server.");
        return new DynamicDns(host, port, name, values.Text("dnsKeyAlgorithm")!, new Secret(key));
    }
}
