using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight;

/// <summary>The name: registered, delegated to the zone that the stack writes, addresses where they should be, and the authority allowed by CAA.</summary>
internal static class DomainCheck
{
    public static async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, DelegationWalk walk, HttpClient http, CancellationToken cancellationToken)
    {
        var domain = settings.Domain;
        var path = await walk.WalkAsync(domain.Name, cancellationToken);
        var zone = Zone(domain, path);
        if (zone.Severity != Severity.Fine) return [zone];
        return [zone, await AddressAsync(settings, walk, cancellationToken), .. await CaaAsync(settings, walk, http, cancellationToken)];
    }

    private static Finding Zone(DomainSettings domain, WalkedPath path)
    {
        var what = $"name {domain.Name}";
        var found = path.Zones.IsEmpty ? "" : path.Zones[^1].Name;
        if (path.Silent is { } silent)
        {
            return found.Contains('.', StringComparison.Ordinal)
                ? Finding.Error(what, $"{found} is delegated, but {silent} do not answer for it.", "Correct the name servers at the registrar, or bring them up.")
                : Finding.Unknown(what, $"{silent} did not answer, so nothing can be said about it from here.", "Look at this machine's way to the internet (UDP and TCP port 53), or set dnsResolver to a resolver that it may ask.");
        }
        // A name below a top-level domain that leads no further than that domain is nobody's.
        if (!found.Contains('.', StringComparison.Ordinal) || Names.WhyUnregistrable(found) is not null)
        {
            var registrable = Registrable(domain.Name, found);
            return Finding.Error(what, $"{registrable} is not registered: {(found.Length == 0 ? "the root" : "." + found)} knows no delegation for it.", $"Register {registrable} and delegate it to your DNS provider; then run this again.");
        }
        if (domain.Zone is not { } wanted) return Finding.Fine(what, $"registered; its zone is {found}.");
        if (found == wanted) return Finding.Fine(what, $"registered, and {wanted} is delegated.");
        return found.Length < wanted.Length
            ? Finding.Error(what, $"{wanted} is not delegated: {found} answers for it, and nobody would ask the zone that this stack writes.", $"Add NS records for {wanted} to {found}, naming the servers of the zone; or set dnsZone to {found}.")
            : Finding.Error(what, $"it lies in the zone {found}, which is delegated out of {wanted}; what is written to {wanted} would not be seen.", $"Set dnsZone to {found}.");
    }

    private static async Task<Finding> AddressAsync(StackSettings settings, DelegationWalk walk, CancellationToken cancellationToken)
    {
        var what = $"address of {settings.Domain.Name}";
        var records = await walk.RecordsAsync(settings.Domain.Name, QueryType.A, cancellationToken);
        if (records is null) return Finding.Unknown(what, "its name servers did not answer.", "Run this again.");
        var addresses = records.OfType<ARecord>().Select(a => a.Address).ToList();
        if (settings.Domain.Provider != DnsProvider.None)
            return addresses.Count == 0 || settings.Cloud == Cloud.Host
                ? Finding.Fine(what, addresses.Count == 0 ? "not set yet; the stack will write it." : $"{string.Join(", ", addresses)}.")
                : Finding.Warning(what, $"it points to {string.Join(", ", addresses)} already.", "If that is not this stack's machine, its record will be overwritten.");
        if (addresses.Count > 0)
        {
            return IPAddress.TryParse(settings.Access.Address, out var own) && own.AddressFamily == AddressFamily.InterNetwork && !addresses.Contains(own) && settings.Network.Mode == NetworkMode.Public
                ? Finding.Error(what, $"it points to {string.Join(", ", addresses)}, and the machine is {own}.", $"Set an A record to {own}, or dnsProvider.")
                : Finding.Fine(what, $"{string.Join(", ", addresses)}.");
        }
        return settings.Cloud == Cloud.Host
            ? Finding.Error(what, "it has no address record, and nobody is named who writes one.", $"Set an A record to the machine{(settings.Access.Address is { } host ? $", {host}" : "")}; or set dnsProvider.")
            : Finding.Warning(what, "it has no address record, and dnsProvider is none.", "Set an A record to the address that `pulumi up` prints; the certificate waits for it.");
    }

    private static async Task<ImmutableArray<Finding>> CaaAsync(StackSettings settings, DelegationWalk walk, HttpClient http, CancellationToken cancellationToken)
    {
        if (settings.Certificate is not AcmeCertificate acme) return [];
        var what = $"CAA of {settings.Domain.Name}";
        for (var name = settings.Domain.Name; name.Contains('.', StringComparison.Ordinal); name = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            if (await walk.RecordsAsync(name, QueryType.CAA, cancellationToken) is not { } answer) return [Finding.Unknown(what, $"the name servers of {name} did not answer.", "Run this again.")];
            var records = answer.OfType<CaaRecord>().Select(c => (Tag: c.Tag.ToLowerInvariant(), c.Value)).ToList();
            if (records.Count == 0) continue;
            var allowed = records.Where(r => r.Tag == "issue").Select(r => r.Value).ToList();
            if (allowed.Count == 0) return [Finding.Fine(what, $"records at {name} restrict no ordinary certificate.")];
            var identities = acme.LetsEncrypt ? ["letsencrypt.org"] : (await AuthorityCheck.DirectoryAsync(acme, http, cancellationToken)).CaaIdentities;
            return [CaaRules.Judge(what, name, allowed, identities, acme.Challenge)];
        }
        return [Finding.Fine(what, "there is none, so every authority may issue.")];
    }

    private static string Registrable(string name, string above)
    {
        var labels = name.Split('.');
        var keep = above.Length == 0 ? 2 : above.Split('.').Length + 1;
        return string.Join('.', labels.TakeLast(keep));
    }
}
