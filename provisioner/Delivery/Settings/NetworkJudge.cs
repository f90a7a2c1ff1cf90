using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Provisioner.Delivery.Settings;

/// <summary>Who reaches the machine, and that no two ranges which it must tell apart overlap.</summary>
internal static class NetworkJudge
{
    private static readonly IPNetwork[] Everyone = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")];
    private static readonly IPNetwork[] Private = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10")];

    public static NetworkSettings Judge(SettingValues values, HostingMode mode, Cloud? cloud)
    {
        var how = values.Text("network") is "vpn" ? NetworkMode.Vpn : NetworkMode.Public;
        var existing = Existing(values, how, mode, cloud);
        var shared = values.Text("sharedNetwork");
        if (existing is not null && shared is not null) values.Report("sharedNetwork", "networkId and subnetId already say which network.", "Keep either.");
        var own = existing is null && shared is null && how == NetworkMode.Public && cloud is not Cloud.Host ? values.Cidr("networkCidr") : null;
        if (own is null && values.Has("networkCidr") && !values.IsBroken("networkCidr") && how == NetworkMode.Public && (existing is not null || shared is not null))
            values.Report("networkCidr", "an existing network has its range already.", "Remove it.");
        var docker = values.Cidr("dockerCidr");
        var allowed = values.Cidrs("allowedCidrs");
        if (own is { } network) JudgeOwn(values, network);
        if (docker is { } range) JudgeDocker(values, range);
        JudgeAllowed(values, how, allowed);
        if (cloud is not Cloud.Host && !values.Flag("ipv6") && !allowed.IsEmpty && allowed.All(c => c.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6))
            values.Report("allowedCidrs", "only IPv6 ranges stand there, and the machine has an IPv4 address: nobody could come in.", "Add the IPv4 ranges from which people come, or set ipv6 where the cloud is AWS.");
        JudgeOverlaps(values, own, docker, allowed);
        if (values.Flag("ipv6") && (existing is not null || shared is not null)) values.Report("ipv6", "an IPv6 address is given in a created network only.", "Remove it, or the existing network.");
        if (allowed.IsEmpty) allowed = [.. Everyone];
        return new NetworkSettings(how, own, existing, allowed, docker ?? default, values.Flag("ipv6")) { SharedStack = shared };
    }

    private static ExistingNetwork? Existing(SettingValues values, NetworkMode how, HostingMode mode, Cloud? cloud)
    {
        var (network, subnet) = (values.Text("networkId"), values.Text("subnetId"));
        if (network is not null && subnet is not null)
        {
            if (cloud == Cloud.Azure && !subnet.StartsWith(network + "/", StringComparison.OrdinalIgnoreCase)) values.Report("subnetId", "it is no subnet of networkId.", "Give the subnet's resource id, which begins with the network's.");
            return new ExistingNetwork(network, subnet);
        }
        if (network is not null && !values.Has("subnetId")) values.Report("subnetId", "it is missing; a network alone has no place for a machine.", "Name a subnet of networkId.");
        if (subnet is not null && !values.Has("networkId")) values.Report("networkId", "it is missing; the subnet's network is needed for the rules.", "Name the network of subnetId.");
        var wanted = how == NetworkMode.Vpn && cloud is not (null or Cloud.Host) && !values.Has("networkId") && !values.Has("subnetId") && !values.Has("sharedNetwork");
        if (wanted)
            values.Report("networkId", "it is missing; the way in over a VPN exists in your own network only.",
                $"Name networkId and subnetId{(mode == HostingMode.Flosum ? ", or sharedNetwork" : "")}, or set network to public.");
        return null;
    }

    private static void JudgeOwn(SettingValues values, IPNetwork network)
    {
        if (network.BaseAddress.AddressFamily != AddressFamily.InterNetwork || !Private.Any(p => Contains(p, network)))
            values.Report("networkCidr", "it is not a private IPv4 range.", "Take one within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10.");
        else if (network.PrefixLength is < 16 or > 27) values.Report("networkCidr", "clouds give networks of /16 to /27 for this.", "A /24 is plenty.");
    }

    private static void JudgeDocker(SettingValues values, IPNetwork range)
    {
        if (range.BaseAddress.AddressFamily != AddressFamily.InterNetwork || !Private.Any(p => Contains(p, range))) values.Report("dockerCidr", "it is not a private IPv4 range.", "Take one such as 192.168.240.0/20.");
        else if (range.PrefixLength > 22) values.Report("dockerCidr", "it has too little room for the containers' networks.", "Take a /22 or larger.");
    }

    private static void JudgeAllowed(SettingValues values, NetworkMode how, ImmutableArray<IPNetwork> allowed)
    {
        foreach (var cidr in allowed)
        {
            if (how == NetworkMode.Vpn && (cidr.PrefixLength == 0 || !IsPrivate(cidr)))
                values.Report("allowedCidrs", $"{cidr} is not private, and the stack is to be reached over a VPN only.", "List the private ranges from which people come, or set network to public.");
            if (allowed.Any(o => !o.Equals(cidr) && Contains(o, cidr))) values.Report("allowedCidrs", $"{cidr} lies within another range of the list.", "Keep the wider or the narrower one, whichever is meant.");
        }
    }

    private static void JudgeOverlaps(SettingValues values, IPNetwork? own, IPNetwork? docker, ImmutableArray<IPNetwork> allowed)
    {
        if (own is { } network && docker is { } range && Overlap(network, range)) values.Report("networkCidr", $"it overlaps dockerCidr, {range}: answers to the one would be sent to the other.", "Move either.");
        foreach (var cidr in allowed.Where(c => c.PrefixLength > 0))
        {
            if (docker is { } bridge && Overlap(cidr, bridge)) values.Report("allowedCidrs", $"{cidr} overlaps dockerCidr, {bridge}: people there would get no answer.", "Set dockerCidr to a private range that nobody uses.");
            if (own is { } created && Overlap(cidr, created)) values.Report("allowedCidrs", $"{cidr} overlaps networkCidr, {created}: the machine would look for people there in its own network.", "Set networkCidr to a range that nobody else uses.");
        }
    }

    private static bool IsPrivate(IPNetwork network) => network.BaseAddress.AddressFamily == AddressFamily.InterNetwork
        ? Private.Any(p => Contains(p, network))
        : network.PrefixLength >= 7 && (network.BaseAddress.GetAddressBytes()[0] & 0xFE) == 0xFC;      // fc00::/7

    private static bool Contains(IPNetwork outer, IPNetwork inner) => outer.PrefixLength <= inner.PrefixLength && outer.Contains(inner.BaseAddress);

    private static bool Overlap(IPNetwork a, IPNetwork b) => Contains(a, b) || Contains(b, a);
}
