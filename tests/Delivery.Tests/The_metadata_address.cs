using Provisioner.Delivery.Rendering;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Delivery.Tests;

/// <summary>
/// A machine in a network namespace: bridges with a container each, and beyond the machine a server on 169.254.169.254. The rendered script sets its rule with
/// the real iptables; then who reaches the server is seen by connecting.
/// </summary>
public sealed class The_metadata_address
{
    private const string World = """
        set -eu
        # Everything lives in namespaces of this one process and goes with it.
        mount -t tmpfs tmpfs /run && mkdir -p /run/netns
        for place in cloud app other; do ip netns add $place; done
        ip link set lo up
        sysctl -qw net.ipv4.ip_forward=1
        ip link add up0 type veth peer name eth0 netns cloud
        ip addr add 169.254.0.1/16 dev up0; ip link set up0 up
        ip -n cloud addr add 169.254.169.254/16 dev eth0; ip -n cloud link set eth0 up; ip -n cloud link set lo up
        ip -n cloud addr add 168.63.129.16/32 dev eth0; ip route add 168.63.129.16/32 dev up0
        ip -n cloud route add 10.9.0.0/16 via 169.254.0.1
        number=1
        for pair in app:appliance-cloud other:br-other; do
            place=${pair%%:*}; bridge=${pair##*:}
            ip link add "$bridge" type bridge; ip addr add 10.9.$number.1/24 dev "$bridge"; ip link set "$bridge" up
            ip link add "v$number" type veth peer name eth0 netns "$place"; ip link set "v$number" master "$bridge" up
            ip -n "$place" addr add 10.9.$number.2/24 dev eth0; ip -n "$place" link set eth0 up; ip -n "$place" route add default via 10.9.$number.1
            number=$((number + 1))
        done
        # What Docker does when it starts: it keeps a DOCKER-USER that stands already, and jumps to it first.
        attach() { iptables -w -C FORWARD -j DOCKER-USER 2>/dev/null || iptables -w -I FORWARD 1 -j DOCKER-USER; }
        ip netns exec cloud python3 -c '
        import socket, threading
        def serve(kind, address, port):
            s = socket.socket(socket.AF_INET, kind); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind((address, port))
            if kind == socket.SOCK_DGRAM:
                while True: data, peer = s.recvfrom(99); s.sendto(b"answer", peer)
            s.listen()
            while True: c, _ = s.accept(); c.sendall(b"answer"); c.close()
        for a in [(socket.SOCK_STREAM, "169.254.169.254", 80), (socket.SOCK_STREAM, "168.63.129.16", 80), (socket.SOCK_DGRAM, "169.254.169.254", 53), (socket.SOCK_STREAM, "169.254.169.254", 53)]:
            threading.Thread(target=serve, args=a).start()
        ' & server=$!
        trap 'kill $server' EXIT
        cat >/run/ask.py <<'ASK'
        import socket, sys, time
        kind = socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM
        deadline = time.time() + float(sys.argv[4])
        while time.time() < deadline:
            s = socket.socket(socket.AF_INET, kind); s.settimeout(0.7)
            try:
                s.connect((sys.argv[2], int(sys.argv[3])))
                if kind == socket.SOCK_DGRAM: s.send(b"?")
                if s.recv(9): print("reached"); sys.exit()
            except OSError: time.sleep(0.05)
            finally: s.close()
        print("not reached")
        ASK
        ask() { if [ "$1" = machine ]; then echo "$* $(python3 /run/ask.py "$2" "$3" "$4" "$5")"; else echo "$* $(ip netns exec "$1" python3 /run/ask.py "$2" "$3" "$4" "$5")"; fi; }
        """;

    [Fact]
    public void Is_reached_by_the_containers_that_need_it_and_by_no_other()
    {
        if (Environment.UserName != "root" || Tool.Run("unshare", ["-n", "-m", "iptables", "-L", "-n"]).ExitCode != 0)
        {
            Assert.Skip("Network namespaces with iptables need root and a kernel that has them.");
            return;
        }
        var rule = Template.Fill(Template.Read("cloud-init/metadata-rule"), new Dictionary<string, string> { ["bridges"] = string.Join(' ', CloudInit.IdentityBridges) });
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, rule);
            var script = World + $"""

                ask other tcp 169.254.169.254 80 20
                sh {file}
                attach
                sh {file}; sh {file}
                echo "jumps $(iptables -S DOCKER-USER | grep -c APPLIANCE-METADATA) rules $(iptables -S APPLIANCE-METADATA | grep -c -- -A)"
                ask app tcp 169.254.169.254 80 20
                ask machine tcp 169.254.169.254 80 20
                ask other udp 169.254.169.254 53 20
                ask other tcp 169.254.169.254 53 20
                ask other tcp 169.254.169.254 80 1.5
                ask other tcp 168.63.129.16 80 1.5
                """;
            var (code, output) = Tool.Run("unshare", ["-n", "-m", "bash", "-s"], script);
            Assert.True(code == 0, output);
            Assert.Equal(
                [
                    "other tcp 169.254.169.254 80 20 reached",          // without the rule: so it is the rule that keeps it off below
                    "jumps 2 rules 4",                                  // run three times, there once
                    "app tcp 169.254.169.254 80 20 reached",
                    "machine tcp 169.254.169.254 80 20 reached",        // so does the tool that orders the first certificate
                    "other udp 169.254.169.254 53 20 reached",
                    "other tcp 169.254.169.254 53 20 reached",
                    "other tcp 169.254.169.254 80 1.5 not reached",
                    "other tcp 168.63.129.16 80 1.5 not reached",
                ],
                output.Trim().Split('\n'));
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The rule names bridges; the compose files must make them, for these services and no others.</summary>
    [Theory]
    [InlineData("appliance-cloud", "app-a app-b certificates worker")]
    public void Its_bridges_are_those_of_the_services_that_need_it(string bridge, string services)
    {
        Assert.Contains(bridge, CloudInit.IdentityBridges);
        var files = new[] { "appliance/compose.yaml", "templates/host/host.yaml" }.Select(file => new ComposeFile(File.ReadAllText(Path.Combine(RepositoryFolder.Root, file)))).ToList();
        var networks = files.SelectMany(file => file.Networks).ToLookup(network => network.Name);
        var named = networks.Where(network => network.Any(part => part.Bridge == bridge)).Select(network => network.Key).ToList();
        var attached = files.SelectMany(file => file.Services).ToLookup(service => service.Name, service => service.Networks);
        Assert.Equal(services.Split(' '), attached.Where(service => service.Any(list => list.Contains(named.Single()))).Select(service => service.Key).Order(StringComparer.Ordinal));
        // A container's way out leads through one of its networks: where only one has a way out, Docker cannot choose another.
        foreach (var service in services.Split(' '))
            Assert.All(attached[service].SelectMany(list => list).Where(network => network != named.Single()), network => Assert.Contains(networks[network], part => part.Internal));
    }

    private sealed class ComposeFile
    {
        private readonly YamlMappingNode _root;

        public ComposeFile(string text)
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            _root = (YamlMappingNode)yaml.Documents[0].RootNode;
        }

        public IEnumerable<(string Name, string? Bridge, bool Internal)> Networks => Members(Find(_root, "networks")).Select(network =>
            (network.Name, Given(Find(Find(network.Value, "driver_opts"), "com.docker.network.bridge.name")), Given(Find(network.Value, "internal")) == "true"));

        public IEnumerable<(string Name, string[] Networks)> Services => Members(Find(_root, "services")).Select(service => (service.Name, Find(service.Value, "networks") switch
        {
            YamlSequenceNode names => names.Select(name => $"{name}").ToArray(),
            YamlMappingNode named => [.. named.Children.Keys.Select(name => $"{name}")],
            _ => [],
        }));

        /// <summary>A member, or that of the mapping that is merged in.</summary>
        private static YamlNode? Find(YamlNode? node, string name) => node is not YamlMappingNode map ? null
            : map.Children.TryGetValue(name, out var found) ? found : map.Children.TryGetValue("<<", out var merged) ? Find(merged, name) : null;

        /// <summary>What stands where no variable says otherwise: of "${NAME:-text}" the text.</summary>
        private static string? Given(YamlNode? node) => node is YamlScalarNode { Value: { } value }
            ? value.StartsWith("${", StringComparison.Ordinal) && value.Split(":-", 2) is [_, var otherwise] ? otherwise.TrimEnd('}') : value : null;

        private static IEnumerable<(string Name, YamlNode Value)> Members(YamlNode? node) => node is YamlMappingNode map ? map.Children.Select(pair => ($"{pair.Key}", pair.Value)) : [];
    }
}
