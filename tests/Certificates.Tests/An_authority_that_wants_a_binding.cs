using Certificates.Tests.Authority;
using Provisioner.Certificates.Renewal;
using Xunit;

namespace Certificates.Tests;

/// <summary>External account binding, and lives of six days.</summary>
public sealed class An_authority_that_wants_a_binding(An_authority_that_wants_a_binding.Bound ca) : IClassFixture<An_authority_that_wants_a_binding.Bound>
{
    public sealed class Bound : TestCa
    {
        public Bound() => (WantsBinding, LifeSeconds) = (true, 6 * 86400);
    }

    [Fact]
    public async Task Gets_it_and_issues_for_six_days_that_are_renewed_at_half()
    {
        ca.Ready();
        using var store = new TestStore();
        var agent = store.Agent(ca, d => d with { Authority = d.Authority! with { Profile = "shortlived" } });
        ca.Proxy.HasRenewal = false;
        Assert.True(await agent.PassAsync(false, false, default) == PassResult.Well, agent.Status.Failure?.ToString());
        Assert.Contains(ca.Proxy.Calls, c => c.Kind == "account" && c.Payload!["externalAccountBinding"] is not null);
        Assert.Contains(ca.Proxy.Calls, c => c.Kind == "order" && c.Payload!["profile"]!.ToString() == "shortlived");
        var first = store.Current;
        Assert.InRange(store.Store.Current!.Life, TimeSpan.FromDays(5.9), TimeSpan.FromDays(6.1));
        store.Time.Shift = TimeSpan.FromDays(2);
        Assert.Equal(PassResult.Well, await store.Agent(ca, d => d with { Authority = d.Authority! with { Profile = "shortlived" } }).PassAsync(false, false, default));
        Assert.Equal(first, store.Current);
        store.Time.Shift = TimeSpan.FromDays(3.01);
        agent = store.Agent(ca, d => d with { Authority = d.Authority! with { Profile = "shortlived" } });
        // Pebble's clock is the true one: what it issues is valid from now on, and is so in three days.
        Assert.True(await agent.PassAsync(false, false, default) == PassResult.Well, agent.Status.Failure?.ToString());
        Assert.NotEqual(first, store.Current);
    }

    [Fact]
    public async Task Is_told_from_one_that_is_misconfigured()
    {
        ca.Ready();
        using var store = new TestStore();
        var without = store.Agent(ca, d => d with { Authority = d.Authority! with { ExternalKeyId = null } });
        Assert.Equal(PassResult.Failed, await without.PassAsync(false, false, default));
        Assert.Contains("external account binding", store.Status.Failure!.Cause, StringComparison.Ordinal);
        using var other = new TestStore();
        var profile = other.Agent(ca, d => d with { Authority = d.Authority! with { Profile = "eternal" } });
        Assert.Equal(PassResult.Failed, await profile.PassAsync(false, false, default));
        Assert.Contains("invalidProfile", other.Status.Failure!.Cause, StringComparison.Ordinal);
        Assert.Contains("acmeProfile", other.Status.Failure.Remedy, StringComparison.Ordinal);
    }
}
