using Certificates.Tests.Authority;
using Certificates.Tests.Clouds;
using Provisioner.Certificates;
using Provisioner.Certificates.Clouds;
using Provisioner.Certificates.Dns;
using Provisioner.Certificates.Renewal;
using Xunit;

namespace Certificates.Tests;

/// <summary>
/// Against stand-ins that speak the clouds' own forms; what is written there is given out by a real bind9, in which a real pebble looks for it. No cloud was touched.
/// </summary>
public sealed class A_proof_in_a_clouds_own_DNS(TestCa ca) : IClassFixture<TestCa>, IAsyncLifetime
{
    private const string Name = "_acme-challenge.backup.example.org";

    private CloudStub _cloud = null!;

    public async ValueTask InitializeAsync() => _cloud = await CloudStub.StartAsync();

    public ValueTask DisposeAsync() => _cloud.DisposeAsync();

    public static TheoryData<string> Providers => ["route53", "azure-dns", "cloud-dns"];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Brings_a_certificate_with_a_wildcard_and_leaves_nothing_behind(string provider)
    {
        ca.Ready();
        _cloud.Written = ToNameServerAsync;
        using var store = new TestStore();
        var agent = store.Agent(ca, d => d with
        {
            Names = [TestStore.Name, "*." + TestStore.Name],
            Authority = d.Authority! with
            {
                Challenge = "dns-01",
                Dns = new DnsDocument
                {
                    Provider = provider, Zone = CloudStub.Zone, Endpoint = _cloud.Address, Metadata = _cloud.Address, Port = ca.Names.Port,
                    ZoneId = provider == "route53" ? null : "names", Account = provider == "cloud-dns" ? "acme" : null, Region = provider == "route53" ? "eu-central-1" : null,
                },
            },
        });
        Assert.True(await agent.PassAsync(false, false, default) == PassResult.Well, agent.Status.Failure?.ToString());
        Assert.Equal(["*.backup.example.org", "backup.example.org"], store.Store.Current!.Names.Order(StringComparer.Ordinal));
        Assert.Empty(_cloud[Name]);
        Assert.DoesNotContain(store.Log.Events, e => e.Id == 5002);
        // No token, no key of the cloud is written down anywhere.
        Assert.All(Directory.GetFiles(store.Root, "*", SearchOption.AllDirectories), f => Assert.DoesNotContain(CloudStub.Secret, File.ReadAllText(f), StringComparison.Ordinal));
        Assert.All(store.Log.Events, e => Assert.DoesNotContain(CloudStub.Bearer, e.Text, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Stands_beside_other_texts_of_the_name_which_stay_and_may_be_written_twice(string provider)
    {
        ca.Ready();
        _cloud.Written = ToNameServerAsync;
        _cloud.Hold(Name, "of somebody else");
        _cloud.Hold(Name + "-after.example.org", "another name, which lists after it");
        var zone = Zone(provider);
        await zone.AddAsync(Name, "one", default);
        await zone.AddAsync(Name, "one", default);
        await zone.AddAsync(Name, "two", default);
        Assert.Equal(["of somebody else", "one", "two"], _cloud[Name]);
        await zone.RemoveAsync(Name, "one", default);
        await zone.RemoveAsync(Name, "one", default);
        await zone.RemoveAsync(Name, "never there", default);
        Assert.Equal(["of somebody else", "two"], _cloud[Name]);
        await zone.RemoveAsync(Name, "two", default);
        Assert.Equal(["of somebody else"], _cloud[Name]);
        await zone.RemoveAsync(Name, "of somebody else", default);
        Assert.Empty(_cloud[Name]);
        foreach (var text in new[] { "one", "two" }) await ToNameServerAsync(Name, text, false);
    }

    [Fact]
    public async Task Is_written_to_Route_53_in_its_own_words()
    {
        _cloud.Pending = 2;
        await Zone("route53").AddAsync(Name, "the-text", default);
        const string ns = "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"";
        Assert.Equal(
            [
                $"GET /2013-04-01/hostedzonesbyname?dnsname=example.org.",
                $"GET /2013-04-01/hostedzone/{CloudStub.ZoneId}/rrset?maxitems=1&name=_acme-challenge.backup.example.org.&type=TXT",
                $"POST /2013-04-01/hostedzone/{CloudStub.ZoneId}/rrset <ChangeResourceRecordSetsRequest {ns}><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet><Name>_acme-challenge.backup.example.org.</Name><Type>TXT</Type><TTL>60</TTL>"
                    + "<ResourceRecords><ResourceRecord><Value>\"the-text\"</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>",
                "GET /2013-04-01/change/C1", "GET /2013-04-01/change/C1", "GET /2013-04-01/change/C1",
            ], _cloud.Calls);
    }

    [Fact]
    public async Task Is_written_to_Azure_DNS_in_its_own_words_with_the_etag_of_what_it_replaces()
    {
        ca.Ready();
        _cloud.Written = ToNameServerAsync;
        const string zone = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/names/providers/Microsoft.Network/dnsZones/example.org", record = zone + "/TXT/_acme-challenge.backup", version = "?api-version=2018-05-01";
        // Somebody else writes between the look and the deed: looked at again.
        _cloud.Refuse("PUT ", 412, """{"code":"PreconditionFailed","message":"m"}""");
        await Zone("azure-dns").AddAsync(Name, "the-text", default);
        const string put = $$$"""PUT {{{record}}}{{{version}}} {"properties":{"TTL":60,"TXTRecords":[{"value":["the-text"]}]}}""";
        Assert.Equal([$"GET {record}{version}", put, $"GET {record}{version}", put, $"GET {zone}{version}"], _cloud.Calls);
        _cloud.Calls.Clear();
        await Zone("azure-dns").RemoveAsync(Name, "the-text", default);
        Assert.Equal([$"GET {record}{version}", $"DELETE {record}{version}"], _cloud.Calls);
    }

    [Fact]
    public async Task Is_written_to_Cloud_DNS_in_its_own_words_as_one_change()
    {
        ca.Ready();
        _cloud.Written = ToNameServerAsync;
        _cloud.Hold(Name, "standing");
        _cloud.Pending = 1;
        await Zone("cloud-dns").AddAsync(Name, "the-text", default);
        const string zone = "/dns/v1/projects/acme/managedZones/names";
        Assert.Equal(
            [
                $"GET {zone}/rrsets?name=_acme-challenge.backup.example.org.&type=TXT",
                $$"""POST {{zone}}/changes {"additions":[{"name":"_acme-challenge.backup.example.org.","type":"TXT","ttl":60,"rrdatas":["\u0022standing\u0022","\u0022the-text\u0022"]}],"deletions":[{"name":"_acme-challenge.backup.example.org.","type":"TXT","ttl":300,"rrdatas":["\u0022standing\u0022"]}]}""",
                $"GET {zone}/changes/1", $"GET {zone}/changes/1", $"GET {zone}",
            ], _cloud.Calls);
        await Zone("cloud-dns").RemoveAsync(Name, "the-text", default);
    }

    [Theory]
    [InlineData("azure-dns")]
    [InlineData("cloud-dns")]
    public async Task Is_waited_for_until_the_zones_own_servers_give_it_out(string provider)
    {
        ca.Ready();
        var late = Task.CompletedTask;
        _cloud.Written = (name, text, added) =>
        {
            late = LateAsync(name, text, added);
            return Task.CompletedTask;
        };
        var zone = Zone(provider);
        await zone.AddAsync(Name, "late", default);
        Assert.Contains("late", await DnsWire.TextsAsync("127.0.0.1", ca.Names.Port, Name, default));
        await late;
        await zone.RemoveAsync(Name, "late", default);
        await late;

        async Task LateAsync(string name, string text, bool added)
        {
            await Task.Yield();
            await ToNameServerAsync(name, text, added);
        }
    }

    [Fact]
    public async Task Is_given_its_time_where_the_zones_servers_cannot_be_asked()
    {
        var silent = new ZoneServers(TimeProvider.System, Tool.FreePort()) { Pause = TimeSpan.FromMilliseconds(1), Unseen = TimeSpan.FromMilliseconds(1) };
        await silent.SeenAsync(["127.0.0.1"], Name, "text", default);
    }

    /// <summary>What is refused where → words of the cause and of the remedy, and whether it passes by itself.</summary>
    [Theory]
    [InlineData("route53", "POST ", 403, "AccessDenied", "answers 403 AccessDenied", "route53:ChangeResourceRecordSets", FailureKind.Operator)]
    [InlineData("route53", "hostedzonesbyname", 403, "AccessDenied", "answers 403 AccessDenied", "route53:ListHostedZonesByName", FailureKind.Operator)]
    [InlineData("route53", "/rrset?", 404, "NoSuchHostedZone", "answers 404 NoSuchHostedZone", "There is no zone example.org", FailureKind.Operator)]
    [InlineData("route53", "/change/", 400, "Throttling", "answers 400 Throttling", "tried again", FailureKind.Transient)]
    [InlineData("route53", "POST ", 500, "InternalFailure", "answers 500 InternalFailure", "tried again", FailureKind.Transient)]
    [InlineData("azure-dns", "GET /subscriptions", 403, "AuthorizationFailed", "answers 403 AuthorizationFailed", "DNS Zone Contributor", FailureKind.Operator)]
    [InlineData("azure-dns", "PUT ", 404, "ParentResourceNotFound", "answers 404 ParentResourceNotFound", "There is no zone example.org", FailureKind.Operator)]
    [InlineData("azure-dns", "PUT ", 429, "TooManyRequests", "answers 429 TooManyRequests", "tried again", FailureKind.Transient)]
    [InlineData("cloud-dns", "/rrsets", 403, "forbidden", "answers 403 forbidden", "roles/dns.admin", FailureKind.Operator)]
    [InlineData("cloud-dns", "/rrsets", 404, "notFound", "answers 404 notFound", "There is no zone names (example.org)", FailureKind.Operator)]
    [InlineData("route53", "security-credentials/", 404, "", "no more than 404 when asked for a role", "instance profile", FailureKind.Operator)]
    [InlineData("azure-dns", "identity/oauth2/token", 400, "", "no more than 400 when asked for a token", "managed identity", FailureKind.Operator)]
    [InlineData("cloud-dns", "service-accounts/", 404, "", "no more than 404 when asked for a token", "service account", FailureKind.Operator)]
    public async Task That_is_refused_is_told_with_cause_and_remedy(string provider, string where, int status, string code, string cause, string remedy, FailureKind kind)
    {
        _cloud.Refuse(where, status, provider == "route53" ? CloudStub.AwsError(code) : provider == "azure-dns" ? $$$"""{"error":{"code":"{{{code}}}","message":"The client '11111111' with object id '2222' does not have authorization"}}""" : $$$"""{"error":{"code":{{{status}}},"message":"m","errors":[{"message":"m","domain":"global","reason":"{{{code}}}"}]}}""");
        var failure = await Assert.ThrowsAsync<CertificateException>(() => Zone(provider).AddAsync(Name, "text", default));
        Assert.Contains(cause, failure.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, failure.Remedy, StringComparison.Ordinal);
        Assert.Equal(kind, failure.Kind);
        Assert.True(_cloud.AllRefusalsMet);
        Assert.DoesNotContain("11111111", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("arn:", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Needs_the_metadata_service_and_says_so_where_it_is_out_of_reach(string provider)
    {
        var failure = await Assert.ThrowsAsync<CertificateException>(() => Zone(provider, new Uri($"http://127.0.0.1:{Tool.FreePort()}")).AddAsync(Name, "text", default));
        Assert.Contains("metadata service, 127.0.0.1, is out of reach", failure.Message, StringComparison.Ordinal);
        Assert.Contains("two hops", failure.Remedy, StringComparison.Ordinal);
        Assert.Empty(_cloud.Calls);
    }

    [Fact]
    public async Task That_Route_53_does_not_spread_in_time_is_tried_again_later()
    {
        _cloud.Pending = int.MaxValue;
        var failure = await Assert.ThrowsAsync<CertificateException>(() => new Route53Zone(Http, new MetadataService(Http, _cloud.Address), CloudStub.Zone, CloudStub.ZoneId, "eu-central-1", _cloud.Address, TimeProvider.System) { Pause = TimeSpan.Zero, Patience = TimeSpan.Zero }.AddAsync(Name, "text", default));
        Assert.Equal(FailureKind.Transient, failure.Kind);
    }

    private static readonly HttpClient Http = new();

    private IDnsZone Zone(string provider, Uri? metadata = null)
    {
        var (machine, soon, servers) = (new MetadataService(Http, metadata ?? _cloud.Address), TimeSpan.FromMilliseconds(1), new ZoneServers(TimeProvider.System, ca.Missing is null ? ca.Names.Port : 53) { Pause = TimeSpan.FromMilliseconds(20) });
        return provider switch
        {
            "route53" => new Route53Zone(Http, machine, CloudStub.Zone, null, "eu-central-1", _cloud.Address, TimeProvider.System) { Pause = soon },
            "azure-dns" => new AzureZone(Http, machine, null, "names", CloudStub.Zone, _cloud.Address, servers),
            _ => new CloudDnsZone(Http, machine, "acme", "names", CloudStub.Zone, _cloud.Address, servers, TimeProvider.System) { Pause = soon },
        };
    }

    private async Task ToNameServerAsync(string name, string text, bool added)
    {
        if (text.Contains(' ', StringComparison.Ordinal)) return;
        var server = new DynamicServer("127.0.0.1", ca.Names.Port, NameServer.KeyName, "hmac-sha256", NameServer.Key);
        var refused = added ? await DynamicUpdate.AddAsync(server, CloudStub.Zone, name, text, TimeProvider.System, default) : await DynamicUpdate.DeleteAsync(server, CloudStub.Zone, name, text, TimeProvider.System, default);
        Assert.Null(refused);
    }
}
