using Certificates.Tests.Authority;
using Provisioner.Certificates.Acme;
using Provisioner.Certificates.Renewal;
using Xunit;

namespace Certificates.Tests;

/// <summary>What the authority says decides; what it refuses leaves the last good certificate.</summary>
public sealed class Renewal_at_pebble(TestCa ca) : IClassFixture<TestCa>, IAsyncLifetime
{
    private readonly TestStore _store = new();
    private string _first = "", _id = "";

    public async ValueTask InitializeAsync()
    {
        ca.Ready();
        ca.Proxy.HasRenewal = true;
        var agent = _store.Agent(ca);
        Assert.True(await agent.PassAsync(false, false, default) == PassResult.Well, agent.Status.Failure?.ToString());
        (_first, _id) = (_store.Current!, RenewalId.Of(_store.Store.Current!.Certificate)!);
    }

    public ValueTask DisposeAsync()
    {
        Assert.True(ca.Missing is not null || ca.Proxy.AllFaultsMet, "a planned refusal was never met");
        _store.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Happens_at_once_when_a_revocation_is_told_and_names_what_it_replaces()
    {
        await PassAsync(PassResult.Well);
        Assert.Equal(_first, _store.Current);
        ca.Proxy.Windows[_id] = (DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(-1));
        await PassAsync(PassResult.Well);
        Assert.Equal(_first, _store.Current);               // the authority's own Retry-After holds: it is not asked again yet
        _store.Time.Shift = TimeSpan.FromHours(6.1);
        await PassAsync(PassResult.Well);
        Assert.NotEqual(_first, _store.Current);
        Assert.Contains(ca.Proxy.Calls, c => c.Kind == "order" && c.Payload!["replaces"]?.ToString() == _id);
        Assert.True(_store.Status.Due > _store.Time.GetUtcNow());
        Assert.Equal(_first, _store.Store.Previous!.Serial);
    }

    [Fact]
    public async Task Happens_within_the_window_and_not_before()
    {
        ca.Proxy.Windows[_id] = (DateTimeOffset.UtcNow.AddDays(3), DateTimeOffset.UtcNow.AddDays(4));
        _store.Time.Shift = TimeSpan.FromDays(2.9);
        await PassAsync(PassResult.Well);
        Assert.Equal(_first, _store.Current);
        Assert.InRange(_store.Status.Due!.Value, ca.Proxy.Windows[_id].Start.AddMilliseconds(-1), ca.Proxy.Windows[_id].End);
        _store.Time.Shift = TimeSpan.FromDays(4);
        await PassAsync(PassResult.Well);
        Assert.NotEqual(_first, _store.Current);
    }

    [Fact]
    public async Task Goes_without_naming_the_old_one_when_that_was_replaced_already()
    {
        lock (ca.Proxy.Replaced) ca.Proxy.Replaced.Add(_id);
        await PassAsync(PassResult.Well, even: true);
        Assert.NotEqual(_first, _store.Current);
    }

    [Fact]
    public async Task Follows_the_life_when_the_authority_cannot_be_asked()
    {
        _store.Time.Shift = TimeSpan.FromDays(40);
        ca.Proxy.Refuse("renewal", 500, "serverInternal");
        await PassAsync(PassResult.Well);
        Assert.Equal(_first, _store.Current);
        Assert.Contains(_store.Log.Events, e => e.Id == 5003);
        _store.Time.Shift = TimeSpan.FromDays(61);
        ca.Proxy.HasRenewal = false;
        await PassAsync(PassResult.Well);
        Assert.NotEqual(_first, _store.Current);
    }

    [Fact]
    public async Task Waits_as_long_as_a_limit_says_and_keeps_the_last_good_certificate()
    {
        ca.Proxy.Refuse("order", 429, "rateLimited", "too many certificates", "122400");     // 34 hours
        await PassAsync(PassResult.Failed, even: true);
        Assert.Equal((_first, Provisioner.Certificates.FailureKind.RateLimited), (_store.Current, _store.Status.Failure!.Kind));
        Assert.InRange(_store.Status.NextTry!.Value - DateTimeOffset.UtcNow, TimeSpan.FromHours(33.9), TimeSpan.FromHours(34));
        var orders = ca.Proxy.Count("order");
        _store.Time.Shift = TimeSpan.FromHours(33);
        await PassAsync(PassResult.Failed);
        Assert.Equal(orders, ca.Proxy.Count("order"));
        _store.Time.Shift = TimeSpan.FromHours(34.1);
        await PassAsync(PassResult.Well);           // the order that was begun is carried through, due or not
        Assert.NotEqual(_first, _store.Current);
    }

    [Theory]
    [InlineData("authorization", 500, "serverInternal")]
    [InlineData("challenge", 403, "unauthorized")]
    [InlineData("finalize", 400, "badCSR")]
    [InlineData("certificate", 500, "serverInternal")]
    [InlineData("order", 400, "rejectedIdentifier")]
    public async Task That_fails_anywhere_keeps_the_last_good_certificate_and_goes_on_with_the_same_order(string kind, int status, string type)
    {
        ca.Proxy.Refuse(kind, status, type);
        var orders = ca.Proxy.Count("order");
        await PassAsync(PassResult.Failed, even: true);
        Assert.Equal(_first, _store.Current);
        Assert.Contains(type, _store.Status.Failure!.Cause, StringComparison.Ordinal);
        Assert.True(_store.Status.Failure.Remedy.Length > 5);
        _store.Time.Shift = TimeSpan.FromMinutes(2);
        await PassAsync(PassResult.Well);
        Assert.NotEqual(_first, _store.Current);
        // What the proxy refused never was an order; refused nonces aside, one became a certificate.
        Assert.InRange(ca.Proxy.Calls.Skip(0).Count(c => c.Kind == "finalize"), 1, int.MaxValue);
        Assert.True(kind == "order" || _store.Log.Events.Any(e => e.Id == 5001), "the same order was taken up again");
        Assert.True(ca.Proxy.Count("order") > orders);
    }

    [Fact]
    public async Task Registers_the_same_key_again_where_the_account_was_forgotten()
    {
        ca.Proxy.Refuse("order", 400, "accountDoesNotExist");
        await PassAsync(PassResult.Well, even: true);
        Assert.NotEqual(_first, _store.Current);
    }

    [Fact]
    public async Task Gives_up_after_thirty_three_failures_until_a_person_says_so()
    {
        new AgentStatus { Failures = Ladder.Last - 1, NextTry = DateTimeOffset.UtcNow, Serial = _first }.Write(_store.Root);
        ca.Proxy.Windows[_id] = (DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(-1));
        ca.Proxy.Refuse("order", 400, "rejectedIdentifier");
        await PassAsync(PassResult.Failed);
        Assert.Null(_store.Status.NextTry);
        Assert.Contains(_store.Log.Events, e => e.Id == 5202);
        _store.Time.Shift = TimeSpan.FromDays(20);
        var orders = ca.Proxy.Count("order");
        await PassAsync(PassResult.Failed);
        Assert.Equal((orders, _first), (ca.Proxy.Count("order"), _store.Current));
        Assert.Equal(PassResult.Well, await _store.Agent(ca).PassAsync(asked: true, even: false, default));
        Assert.NotEqual(_first, _store.Current);
    }

    [Fact]
    public async Task Is_rehearsed_before_the_first_order_and_not_again()
    {
        using var fresh = new TestStore();
        // Pebble twice: by another address it is another authority.
        var rehearsal = new Uri(ca.Proxy.Directory.AbsoluteUri + "?staging");
        Agent Agent() => fresh.Agent(ca, d => d with { Authority = d.Authority! with { Rehearsal = rehearsal } });
        ca.Proxy.Refuse("finalize", 403, "unauthorized");
        Assert.Equal(PassResult.Failed, await Agent().PassAsync(false, false, default));
        Assert.StartsWith("The rehearsal failed, so nothing was ordered", fresh.Status.Failure!.Cause, StringComparison.Ordinal);
        Assert.Null(fresh.Journal(ca).Read());
        fresh.Time.Shift = TimeSpan.FromMinutes(2);
        var before = ca.Proxy.Count("certificate");
        Assert.Equal(PassResult.Well, await Agent().PassAsync(false, false, default));
        Assert.True(ca.Proxy.Count("certificate") >= before + 2);
        Assert.Equal(2, Directory.GetDirectories($"{fresh.Root}/acme").Length);
        Assert.Single(Directory.GetDirectories(fresh.Root), d => File.Exists($"{d}/fullchain.pem") && new DirectoryInfo(d).LinkTarget is null);
        before = ca.Proxy.Count("finalize");
        Assert.Equal(PassResult.Well, await Agent().PassAsync(true, even: true, default));
        Assert.InRange(ca.Proxy.Count("finalize") - before, 1, 20);
    }

    [Fact]
    public async Task Is_an_order_anew_for_other_names_or_another_profile()
    {
        Assert.Equal(PassResult.Well, await _store.Agent(ca, d => d with { Names = [TestStore.Name, "other.example.org"] }).PassAsync(false, false, default));
        Assert.Equal(2, _store.Store.Current!.Names.Length);
        Assert.Equal(PassResult.Well, await _store.Agent(ca, d => d with { Names = [TestStore.Name], Authority = d.Authority! with { Profile = "shortlived" } }).PassAsync(false, false, default));
        Assert.Equal("shortlived", _store.Store.Current!.Origin!.Profile);
    }

    [Fact]
    public async Task Orders_nothing_while_journal_or_account_cannot_be_read()
    {
        var folder = Directory.GetDirectories($"{_store.Root}/acme").Single();
        File.WriteAllText($"{folder}/order.json", "{ half");
        var orders = ca.Proxy.Count("order");
        await PassAsync(PassResult.Failed, even: true);
        Assert.Contains("journal", _store.Status.Failure!.Cause, StringComparison.Ordinal);
        File.Delete($"{folder}/order.json");
        File.WriteAllText($"{folder}/account.json", "");
        await PassAsync(PassResult.Failed, even: true);
        Assert.Contains("account", _store.Status.Failure!.Cause, StringComparison.Ordinal);
        Assert.Equal((orders, _first), (ca.Proxy.Count("order"), _store.Current));
    }

    private async Task PassAsync(PassResult wanted, bool even = false)
    {
        var agent = _store.Agent(ca);
        Assert.True(await agent.PassAsync(even, even, default) == wanted, agent.Status.Failure?.ToString() ?? "well");
    }
}
