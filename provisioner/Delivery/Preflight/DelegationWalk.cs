using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Provisioner.Delivery.Preflight;

/// <summary>A zone on the way to a name.</summary>
/// <param name="Name">Lower case, without the last dot; "" is the root.</param>
internal sealed record ZoneCut(string Name, ImmutableArray<NameServer> Servers);

/// <param name="Zones">From the top down; the last one holds the name, as far as the walk came.</param>
/// <param name="Silent">Set when nobody answered for the last zone.</param>
internal sealed record WalkedPath(ImmutableArray<ZoneCut> Zones, string? Silent);

/// <summary>
/// Finds the zone that holds a name: down from the root servers by their referrals, as the world's resolvers do it; or, where a resolver is given
/// (private zones, closed networks), by asking that one.
/// </summary>
internal sealed class DelegationWalk(IPEndPoint? resolver, ImmutableArray<IPAddress> roots, int port)
{
    private const int MostSteps = 20, MostServers = 4;

    /// <summary>IANA's root servers a to m, IPv4. They change once in a decade, and any one of them is enough.</summary>
    public static readonly ImmutableArray<IPAddress> RootServers =
    [
        .. new[] { "198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10", "192.5.5.241", "192.112.36.4", "198.97.190.53", "192.36.148.17", "192.58.128.30", "193.0.14.129", "199.7.83.42", "202.12.27.33" }
            .Select(IPAddress.Parse),
    ];

    public async Task<WalkedPath> WalkAsync(string name, CancellationToken cancellationToken)
    {
        if (resolver is not null) return await AskResolverAsync(name, cancellationToken);
        var budget = new Budget();
        return await WalkAsync(name, budget, cancellationToken);
    }

    /// <summary>The records of a name, from its own servers (or the resolver). Null: nobody answered.</summary>
    public async Task<IReadOnlyList<DnsResourceRecord>?> RecordsAsync(string name, QueryType type, CancellationToken cancellationToken)
    {
        if (resolver is not null) return (await AskAsync([new NameServer(resolver)], name, type, recurse: true, cancellationToken))?.Answers;
        var path = await WalkAsync(name, new Budget(), cancellationToken);
        return path.Silent is null && path.Zones.Length > 0 ? (await AskAsync(path.Zones[^1].Servers, name, type, recurse: false, cancellationToken))?.Answers : null;
    }

    private async Task<WalkedPath> AskResolverAsync(string name, CancellationToken cancellationToken)
    {
        var servers = ImmutableArray.Create(new NameServer(resolver!));
        var answer = await AskAsync(servers, name, QueryType.SOA, recurse: true, cancellationToken);
        if (answer is null) return new WalkedPath([], $"the resolver {resolver}");
        var soa = answer.Answers.Concat(answer.Authorities).OfType<SoaRecord>().FirstOrDefault();
        return new WalkedPath(soa is null ? [] : [new ZoneCut(Plain(soa.DomainName), servers)], null);
    }

    private async Task<WalkedPath> WalkAsync(string name, Budget budget, CancellationToken cancellationToken)
    {
        var zones = ImmutableArray.Create(new ZoneCut("", [.. roots.Select(r => new NameServer(r, port))]));
        for (var step = 0; step < MostSteps; step++)
        {
            if (!budget.Take()) return new WalkedPath(zones, "too many name servers on the way");
            var answer = await AskAsync(zones[^1].Servers, name, QueryType.NS, recurse: false, cancellationToken);
            if (answer is null) return new WalkedPath(zones, zones[^1].Name.Length == 0 ? "the root servers" : $"the name servers of {zones[^1].Name}");
            var next = Deeper(answer.Answers.Concat(answer.Authorities).Where(r => r is NsRecord), zones[^1].Name, name);
            var own = Deeper(answer.Answers.Concat(answer.Authorities).Where(r => r is SoaRecord), zones[^1].Name, name);
            if (own is not null) return new WalkedPath(zones.Add(new ZoneCut(own, zones[^1].Servers)), null);      // the same server holds parent and child
            if (next is null) return new WalkedPath(zones, null);
            var names = answer.Answers.Concat(answer.Authorities).OfType<NsRecord>().Where(r => Plain(r.DomainName) == next).Select(r => Plain(r.NSDName)).Distinct().Take(8).ToList();
            var glue = answer.Additionals.OfType<ARecord>().Where(a => names.Contains(Plain(a.DomainName))).Select(a => a.Address).ToList();
            var servers = glue.Count > 0 ? glue : await AddressesAsync(names, budget, cancellationToken);
            if (servers.Count == 0) return new WalkedPath(zones.Add(new ZoneCut(next, [])), $"the name servers of {next} ({string.Join(", ", names)}), whose addresses are not found,");
            var authoritativeHere = answer.Header.HasAuthorityAnswer && answer.Answers.OfType<NsRecord>().Any();
            zones = zones.Add(new ZoneCut(next, authoritativeHere ? zones[^1].Servers : [.. servers.Select(s => new NameServer(s, port))]));
            if (authoritativeHere) return new WalkedPath(zones, null);
        }
        return new WalkedPath(zones, "an endless chain of delegations");
    }

    /// <summary>Name servers that are named outside the zone: their own addresses are looked up the same way.</summary>
    private async Task<List<IPAddress>> AddressesAsync(IReadOnlyList<string> names, Budget budget, CancellationToken cancellationToken)
    {
        foreach (var name in names.Take(3))
        {
            if (!budget.Take()) break;
            var path = await WalkAsync(name, budget, cancellationToken);
            if (path.Silent is not null) continue;
            var answer = await AskAsync(path.Zones[^1].Servers, name, QueryType.A, recurse: false, cancellationToken);
            if (answer?.Answers.ARecords().Select(a => a.Address).ToList() is { Count: > 0 } found) return found;
        }
        return [];
    }

    /// <summary>The first server that answers at all; refusals and failures count as no answer, "no such name" is one.</summary>
    private static async Task<IDnsQueryResponse?> AskAsync(ImmutableArray<NameServer> servers, string name, QueryType type, bool recurse, CancellationToken cancellationToken)
    {
        foreach (var server in servers.Take(MostServers))
        {
            var client = new LookupClient(new LookupClientOptions(server) { Recursion = recurse, UseCache = false, ThrowDnsErrors = false, Retries = 1, Timeout = TimeSpan.FromSeconds(2), ContinueOnDnsError = false });
            try
            {
                var answer = await client.QueryAsync(name.Length == 0 ? "." : name + ".", type, cancellationToken: cancellationToken);
                if (answer.Header.ResponseCode is DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain) return answer;
            }
            catch (Exception silent) when (silent is DnsResponseException or SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                continue;
            }
        }
        return null;
    }

    /// <summary>The owner of these records, where it lies below the zone and above (or at) the name.</summary>
    private static string? Deeper(IEnumerable<DnsResourceRecord> records, string zone, string name) =>
        records.Select(r => Plain(r.DomainName)).FirstOrDefault(owner => owner.Length > zone.Length && (name == owner || name.EndsWith("." + owner, StringComparison.Ordinal)));

    private static string Plain(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant();

    /// <summary>An end for a walk through servers that send each other round in circles.</summary>
    private sealed class Budget
    {
        private int _left = 60;

        public bool Take() => _left-- > 0;
    }
}
