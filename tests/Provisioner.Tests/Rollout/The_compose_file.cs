using Xunit;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Provisioner.Tests.Rollout;

/// <summary>appliance/compose.yaml, read with its anchors merged: what every container must have, and only what docker-compose 1.29 and Compose v2 both take.</summary>
public sealed class The_compose_file
{
    private static readonly Dictionary<string, object> File = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(
        new MergingParser(new Parser(new StreamReader(Path.Combine(RepositoryFolder.Root, "appliance/compose.yaml")))));

    private static readonly Dictionary<object, object> Services = (Dictionary<object, object>)File["services"];

    public static TheoryData<string> Names => [.. Services.Keys.Cast<string>()];

    [Fact]
    public void Has_the_services_and_nothing_that_only_one_of_the_two_takes()
    {
        Assert.Equal(["app-a", "app-b", "certificates", "db", "proxy", "worker"], Services.Keys.Cast<string>().Order(StringComparer.Ordinal));
        Assert.Equal(["networks", "secrets", "services", "volumes"], File.Keys.Where(k => !k.StartsWith("x-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gives_every_container_a_read_only_root_no_privileges_a_limit_and_logs_that_end(string name)
    {
        var service = (Dictionary<object, object>)Services[name];
        Assert.Equal("true", service["read_only"]);
        Assert.Equal(["ALL"], (List<object>)service["cap_drop"]);
        Assert.Equal(["no-new-privileges:true"], (List<object>)service["security_opt"]);
        Assert.Equal("unless-stopped", service["restart"]);
        Assert.True(service.ContainsKey("mem_limit") && service.ContainsKey("pids_limit") && service.ContainsKey("stop_grace_period"), name);
        Assert.Contains("max-size", ((Dictionary<object, object>)((Dictionary<object, object>)service["logging"])["options"]).Keys);
        Assert.False(service.ContainsKey("privileged") || service.ContainsKey("network_mode") || service.ContainsKey("pid"), name);
        Assert.Equal(name == "proxy", service.ContainsKey("ports"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Lets_no_secret_into_an_environment(string name)
    {
        var environment = ((Dictionary<object, object>)Services[name]).GetValueOrDefault("environment") as Dictionary<object, object> ?? [];
        Assert.All(environment.Keys.Cast<string>().Where(k => k.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase)), k => Assert.EndsWith("_FILE", k, StringComparison.Ordinal));
    }

    /// <summary>Keys of accounts and certificates: the agent alone writes them, the proxy reads them, and nobody else is given more than what the agent tells.</summary>
    [Fact]
    public void Gives_the_store_of_certificates_to_its_agent_and_reads_elsewhere()
    {
        var mounts = Services.Keys.Cast<string>().SelectMany(s => (((Dictionary<object, object>)Services[s]).GetValueOrDefault("volumes") as List<object> ?? []).Cast<string>().Where(v => v.Contains("APPLIANCE_TLS", StringComparison.Ordinal)).Select(v => (s, v[(v.IndexOf('}', StringComparison.Ordinal) + 1)..])));
        Assert.Equal([("app-a", "/status:/certificates:ro"), ("app-b", "/status:/certificates:ro"), ("certificates", ":/srv/appliance/tls"), ("proxy", ":/opt/tls:ro"), ("worker", "/status:/certificates:ro")], mounts.Order());
        var agent = (Dictionary<object, object>)Services["certificates"];
        Assert.False(agent.ContainsKey("cap_add") || agent.ContainsKey("depends_on"));
        Assert.All((List<object>)agent["volumes"], v => Assert.True(v is string text && (text.EndsWith(":ro", StringComparison.Ordinal) || text.EndsWith(":/srv/appliance/tls", StringComparison.Ordinal))));
    }

    [Fact]
    public void Keeps_front_and_database_networks_to_containers()
    {
        var networks = (Dictionary<object, object>)File["networks"];
        foreach (var closed in new[] { "front", "back" }) Assert.Equal("true", ((Dictionary<object, object>)networks[closed])["internal"]);
        foreach (var service in new[] { "app-a", "app-b", "worker", "certificates" }) Assert.Contains("out", (List<object>)((Dictionary<object, object>)Services[service])["networks"]);
        foreach (var service in new[] { "proxy", "db" }) Assert.DoesNotContain("out", (List<object>)((Dictionary<object, object>)Services[service])["networks"]);
    }
}
