using System.Net;
using Certificates.Tests.Authority;
using Provisioner.Certificates.Renewal;
using Xunit;

namespace Certificates.Tests;

/// <summary>A real pebble that refuses 15 % of the nonces, and every name resolved by a real bind9.</summary>
public sealed class An_order_at_pebble(TestCa ca) : IClassFixture<TestCa>
{
    [Theory]
    [InlineData("ES256", "ECDSA P-256")]
    [InlineData("RS256", "RSA 2048")]
    public async Task Ends_with_a_certificate_in_the_store_proven_by_http(string account, string key)
    {
        ca.Ready();
        using var store = new TestStore();
        var agent = store.Agent(ca, d => d with { Authority = d.Authority! with { AccountKey = account, CertificateKey = key, Email = "operations@example.org" } });
        Assert.True(await agent.PassAsync(false, false, default) == PassResult.Well, agent.Status.Failure?.ToString());
        var current = store.Store.Current!;
        Assert.Equal(["backup.example.org"], current.Names);
        Assert.Equal(key.StartsWith("RSA", StringComparison.Ordinal), current.Certificate.PublicKey.Oid.Value == "1.2.840.113549.1.1.1");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(store.FileOf(current.Serial, "privkey.pem")).UnixFileMode);
        Assert.Equal(File.ReadAllText(store.FileOf(current.Serial, "fullchain.pem")), File.ReadAllText(store.FileOf("current", "server.crt")));
        Assert.Null(store.Journal(ca).Read());
        Assert.Equal((current.Serial, Alarm.None), (store.Status.Serial, store.Status.Alarm));
        Assert.NotNull(store.Status.Due);
    }

    [Fact]
    public async Task Is_proven_by_DNS_with_signed_updates_and_covers_wildcards()
    {
        ca.Ready();
        using var store = new TestStore();
        var agent = store.Agent(ca, d => TestStore.ByDns(d, ca) with { Names = ["backup.example.org", "*.backup.example.org"] });
        Assert.True(await agent.PassAsync(false, false, default) == PassResult.Well, agent.Status.Failure?.ToString());
        Assert.Equal(["*.backup.example.org", "backup.example.org"], store.Store.Current!.Names.Order(StringComparer.Ordinal));
        var left = await Provisioner.Certificates.Dns.DnsWire.TextsAsync("127.0.0.1", ca.Names.Port, "_acme-challenge.backup.example.org", default);
        Assert.Empty(left);
        Assert.DoesNotContain(store.Log.Events, e => e.Id == 5002);
    }

    [Fact]
    public async Task Leaves_its_proof_to_the_proxy_where_port_80_is_taken()
    {
        ca.Ready();
        using var store = new TestStore();
        var folder = Path.Combine(store.Root, "challenges");
        using var proxy = new HttpListener { Prefixes = { $"http://*:{ca.HttpPort}/" } };
        proxy.Start();
        _ = Task.Run(async () =>
        {
            while (proxy.IsListening)
            {
                var request = await proxy.GetContextAsync();
                var file = folder + request.Request.Url!.AbsolutePath;
                request.Response.StatusCode = File.Exists(file) ? 200 : 404;
                if (File.Exists(file)) await request.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file));
                request.Response.Close();
            }
        });
        var agent = store.Agent(ca, d => d with { Authority = d.Authority! with { Folder = folder } });
        Assert.True(await agent.PassAsync(false, false, default) == PassResult.Well, agent.Status.Failure?.ToString());
        Assert.Empty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Says_cause_and_remedy_when_nobody_answers_for_the_name_and_is_begun_anew_afterwards()
    {
        ca.Ready();
        using var store = new TestStore();
        var wrong = store.Agent(ca, d => d with { Authority = d.Authority! with { Listen = [$"127.0.0.1:{Tool.FreePort()}"] } });
        Assert.Equal(PassResult.Failed, await wrong.PassAsync(false, false, default));
        Assert.Contains("connection", store.Status.Failure!.Cause, StringComparison.Ordinal);
        Assert.Contains("port 80", store.Status.Failure.Remedy, StringComparison.Ordinal);
        Assert.Null(store.Current);
        var orders = ca.Proxy.Count("order");
        Assert.Equal(PassResult.Failed, await store.Agent(ca).PassAsync(false, false, default));       // the ladder: not before a minute is over
        Assert.Equal(orders, ca.Proxy.Count("order"));
        store.Time.Shift = TimeSpan.FromMinutes(2);
        Assert.Equal(PassResult.Well, await store.Agent(ca).PassAsync(false, false, default));
        Assert.Equal(0, store.Status.Failures);
    }

    [Fact]
    public async Task Keeps_its_account_and_asks_for_nothing_that_it_has()
    {
        ca.Ready();
        using var store = new TestStore();
        var before = ca.Proxy.Count("account");
        for (var pass = 0; pass < 3; pass++) Assert.Equal(PassResult.Well, await store.Agent(ca).PassAsync(false, false, default));
        var made = ca.Proxy.Made.Count;
        Assert.Equal(PassResult.Well, await store.Agent(ca).PassAsync(true, true, default));
        Assert.Equal(made + 1, ca.Proxy.Made.Count);
        Assert.True(ca.Proxy.Count("account") > before);
        Assert.Single(Directory.GetDirectories(Path.Combine(store.Root, "acme")));
        var key = File.ReadAllText(Directory.GetFiles(Path.Combine(store.Root, "acme"), "account.json", SearchOption.AllDirectories).Single());
        Assert.Contains("PRIVATE KEY", key, StringComparison.Ordinal);
    }
}
