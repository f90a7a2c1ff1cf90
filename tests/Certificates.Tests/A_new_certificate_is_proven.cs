using Certificates.Tests.Authority;
using Certificates.Tests.Proxy;
using ExampleStacks;
using Provisioner.Certificates.Renewal;
using Xunit;

namespace Certificates.Tests;

/// <summary>By handshakes with a real Nginx that takes the store's certificates up by itself.</summary>
public sealed class A_new_certificate_is_proven(TestCa ca) : IClassFixture<TestCa>, IDisposable
{
    private static readonly TestAuthority Bought = new("Proof");
    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Renewed_under_load_without_a_dropped_connection()
    {
        Ready();
        var turns = Environment.GetEnvironmentVariable("NIGHTLY") is { Length: > 0 } ? 100 : 3;
        Assert.Equal(PassResult.Well, await _store.Agent(ca).PassAsync(false, false, default));
        Assert.Equal(Proof.Unasked, _store.Status.Proof);
        await using var nginx = new TestNginx(_store.Root);
        await nginx.StartAsync();
        await using var load = new Load(nginx.Port, keeping: 8, coming: 4);
        var serials = new HashSet<string> { _store.Current! };
        for (var turn = 0; turn < turns; turn++)
        {
            var agent = _store.Agent(ca, proof: nginx.Address);
            Assert.True(await agent.PassAsync(true, even: true, default) == PassResult.Well, agent.Status.Failure?.ToString());
            Assert.Equal((Proof.Served, true), (_store.Status.Proof, serials.Add(_store.Current!)));
        }
        var (answers, handshakes) = (load.Answers, load.Handshakes);
        Assert.True(load.Dropped == 0, $"{load.Dropped} dropped: {load.First}");
        Assert.True(answers > turns && handshakes > 12, $"{answers} answers in {handshakes} connections");
        TestContext.Current.TestOutputHelper?.WriteLine($"{turns} renewals, {answers} answers in {handshakes} connections, 0 dropped");
        Assert.Equal(turns, _store.Log.Events.Count(e => e.Id == 5101));
    }

    [Fact]
    public async Task A_bought_one_is_swapped_under_load()
    {
        Ready();
        await TakeAsync(_store.Bought());
        await using var nginx = new TestNginx(_store.Root);
        await nginx.StartAsync();
        await using var load = new Load(nginx.Port, keeping: 4, coming: 2);
        await Tool.UntilAsync("the load is on", () => Task.FromResult(load.Answers > 20));
        for (var turn = 0; turn < 2; turn++)
        {
            var before = _store.Current;
            await TakeAsync(_store.Bought(nginx.Address));
            Assert.NotEqual(before, _store.Current);
            Assert.Equal(Proof.Served, _store.Status.Proof);
        }
        var answers = load.Answers;
        await Tool.UntilAsync("clients go on", () => Task.FromResult(load.Answers > answers));
        Assert.True(load.Dropped == 0, $"{load.Dropped} dropped: {load.First}");
        Assert.Empty(Directory.GetFiles($"{_store.Root}/inbox"));
    }

    [Fact]
    public async Task Or_the_last_good_one_is_served_again_and_nothing_more_is_ordered()
    {
        Ready();
        Assert.Equal(PassResult.Well, await _store.Agent(ca).PassAsync(false, false, default));
        var good = _store.Current!;
        await using var nginx = new TestNginx(_store.Root) { Watches = false };
        await nginx.StartAsync();
        var impatient = _store.Agent(ca, d => d with { ProofSeconds = 1 }, nginx.Address);
        Assert.Equal(PassResult.Failed, await impatient.PassAsync(true, even: true, default));
        Assert.Equal(good, _store.Current);
        Assert.Contains($"serves {good}", _store.Status.Failure!.Cause, StringComparison.Ordinal);
        var (unproven, orders) = (_store.Status.Unproven!, ca.Proxy.Count("order"));
        Assert.NotEqual(good, unproven);
        Assert.Null(_store.Journal(ca).Read());

        // It is tried again on the ladder, with the certificate that is there.
        _store.Time.Shift = TimeSpan.FromMinutes(2);
        Assert.Equal(PassResult.Failed, await _store.Agent(ca, d => d with { ProofSeconds = 1 }, nginx.Address).PassAsync(false, false, default));
        Assert.Equal((good, unproven, 2), (_store.Current, _store.Status.Unproven, _store.Status.Failures));
        await nginx.DisposeAsync();
        await using var mended = new TestNginx(_store.Root);
        await mended.StartAsync();
        _store.Time.Shift = TimeSpan.FromMinutes(30);
        var agent = _store.Agent(ca, proof: mended.Address);
        Assert.True(await agent.PassAsync(false, false, default) == PassResult.Well, agent.Status.Failure?.ToString());
        Assert.Equal((unproven, null, 0), (_store.Current, _store.Status.Unproven, _store.Status.Failures));
        Assert.Equal(orders, ca.Proxy.Count("order"));
    }

    [Fact]
    public async Task A_bought_one_that_is_not_served_leaves_the_inbox_and_is_tried_again_on_the_ladder()
    {
        Ready();
        await TakeAsync(_store.Bought());
        var good = _store.Current;
        await using var nginx = new TestNginx(_store.Root) { Watches = false };
        await nginx.StartAsync();
        var issued = Bought.Issue([TestStore.Name]);
        File.WriteAllText($"{_store.Root}/inbox/fullchain.pem", issued.ChainPem);
        File.WriteAllText($"{_store.Root}/inbox/privkey.pem", issued.KeyPem);
        Assert.Equal(PassResult.Failed, await _store.Bought(nginx.Address, patience: 1).PassAsync(false, false, default));
        Assert.Equal((good, issued.Certificate.SerialNumber.ToLowerInvariant(), 1), (_store.Current, _store.Status.Unproven, _store.Status.Failures));
        Assert.False(Provisioner.Certificates.Bought.Inbox.HasNews(_store.Root));
        await _store.Bought(nginx.Address, patience: 1).PassAsync(false, false, default);
        Assert.Equal((good, 1), (_store.Current, _store.Status.Failures));         // not before its time
        await nginx.DisposeAsync();
        await using var mended = new TestNginx(_store.Root);
        await mended.StartAsync();
        _store.Time.Shift = TimeSpan.FromMinutes(2);
        Assert.Equal(PassResult.Well, await _store.Bought(mended.Address).PassAsync(false, false, default));
        Assert.Equal((issued.Certificate.SerialNumber.ToLowerInvariant(), Proof.Served, 0), (_store.Current, _store.Status.Proof, _store.Status.Failures));
    }

    /// <summary>Written by hand, such a file is short.</summary>
    [Fact]
    public void What_the_settings_leave_out_has_its_default()
    {
        File.WriteAllText($"{_store.Root}/settings.json", $$$"""{"store":"{{{_store.Root}}}","names":["backup.example.org"],"proof":"proxy:8443","authority":{"directory":"https://ca.example.org/dir","listen":["127.0.0.1:80"]}}""");
        var settings = Provisioner.Certificates.AgentDocument.Load($"{_store.Root}/settings.json", _store.Time, _store.Log);
        Assert.Equal((60, "ES256", "ECDSA P-256", "http-01"), (settings.ProofPatience.TotalSeconds, settings.Authority!.Account.KeyAlgorithm, settings.Authority.Key, settings.Authority.Solver.Type));
    }

    [Fact]
    public async Task Waits_for_nobody_where_no_proxy_stands_yet_and_sees_one_that_serves_another()
    {
        Ready();
        var port = Tool.FreePort();
        Assert.Equal(PassResult.Well, await _store.Agent(ca, proof: $"127.0.0.1:{port}").PassAsync(false, false, default));
        Assert.Equal(Proof.Pending, _store.Status.Proof);
        await using var nginx = new TestNginx(_store.Root) { Watches = false };
        await nginx.StartAsync();
        await _store.Agent(ca, proof: nginx.Address).PassAsync(false, false, default);
        Assert.Equal(Proof.Served, _store.Status.Proof);
        await TakeAsync(_store.Bought());       // somebody places another one, and Nginx is not told
        await _store.Bought(nginx.Address, patience: 1).PassAsync(false, false, default);
        Assert.Equal(Proof.Differs, _store.Status.Proof);
        Assert.Contains(_store.Log.Events, e => e.Id == 5203);
    }

    private async Task TakeAsync(Agent agent)
    {
        var issued = Bought.Issue([TestStore.Name]);
        var inbox = Directory.CreateDirectory($"{_store.Root}/inbox").FullName;
        File.WriteAllText(inbox + "/fullchain.pem", issued.ChainPem);
        File.WriteAllText(inbox + "/privkey.pem", issued.KeyPem);
        Assert.True(await agent.PassAsync(false, false, default) == PassResult.Well, agent.Status.Failure?.ToString());
        Assert.Equal(issued.Certificate.SerialNumber.ToLowerInvariant(), _store.Current);
    }

    private void Ready()
    {
        ca.Ready();
        if (Tool.Find("nginx") is null || Environment.UserName != "root") Assert.Skip("nginx, as root, is needed.");
    }
}
