using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Appliance.Salesforce;
using Microsoft.AspNetCore.WebUtilities;

namespace Salesforce.Tests;

public sealed partial class Signing_in_to_a_simulated_org
{
    private static readonly Uri Callback = new("https://localhost:8443/oauth/callback");

    [Fact]
    public async Task A_person_signs_in_and_the_org_can_be_read_beyond_the_end_of_the_session()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var (verifier, challenge) = OAuthSignIn.NewPkce();
        var (code, state) = await ThroughTheLoginPageAsync(OAuthSignIn.AuthorizeUri(simulated.Host.Uri, "my app", Callback, "state 1", challenge), simulated.Host.Uri);
        Assert.Equal("state 1", state);

        var signIn = new OAuthSignIn(simulated.Http, new HurriedTime());
        var tokens = await signIn.ExchangeCodeAsync(simulated.Host.Uri, "my app", "secret", Callback, code, verifier, CancellationToken.None);
        Assert.NotNull(tokens.RefreshToken);
        var org = new Org(simulated.Http, new(simulated.Host.Uri, "my app", "secret", tokens.InstanceUrl, tokens.AccessToken, tokens.RefreshToken),
            (changed, _) => { simulated.StoredTokens.Add(changed); return Task.CompletedTask; }, new HurriedTime(),
            Microsoft.Extensions.Logging.Abstractions.NullLogger<Org>.Instance);
        Assert.Equal(tokens.OrganizationId, (await org.IdentityAsync(CancellationToken.None)).OrganizationId);

        simulated.Host.Sessions.ExpireAccessTokens();
        Assert.Equal(tokens.UserId, (await org.IdentityAsync(CancellationToken.None)).UserId);
        Assert.Equal(tokens.RefreshToken, Assert.Single(simulated.StoredTokens).RefreshToken);

        var again = await Assert.ThrowsAsync<SalesforceException>(() =>
            signIn.ExchangeCodeAsync(simulated.Host.Uri, "my app", "secret", Callback, code, verifier, CancellationToken.None));
        Assert.Equal((FailureKind.Operator, "invalid_grant"), (again.Kind, again.ErrorCode));
    }

    [Fact]
    public async Task A_code_is_worthless_without_its_verifier()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var (code, _) = await ThroughTheLoginPageAsync(
            OAuthSignIn.AuthorizeUri(simulated.Host.Uri, "my app", Callback, "s", OAuthSignIn.NewPkce().Challenge), simulated.Host.Uri);
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => new OAuthSignIn(simulated.Http).ExchangeCodeAsync(
            simulated.Host.Uri, "my app", null, Callback, code, OAuthSignIn.NewPkce().Verifier, CancellationToken.None));
        Assert.Equal("invalid_grant", failure.ErrorCode);
    }

    [Fact]
    public async Task A_machine_signs_in_by_jwt()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        using var key = RSA.Create(2048);
        simulated.Host.Apps.Register(new OrgSimulator.OAuth.ConnectedApp("my app") { PublicKeyPem = key.ExportSubjectPublicKeyInfoPem() });
        var signIn = new OAuthSignIn(simulated.Http, new HurriedTime());
        var tokens = await signIn.JwtBearerAsync(simulated.Host.Uri, "my app", "admin@sim.example", key, CancellationToken.None);
        Assert.Null(tokens.RefreshToken);
        Assert.Equal(tokens.OrganizationId, (await simulated.Connect(tokens.AccessToken, null).IdentityAsync(CancellationToken.None)).OrganizationId);
        var failure = await Assert.ThrowsAsync<SalesforceException>(() =>
            signIn.JwtBearerAsync(simulated.Host.Uri, "my app", "stranger@sim.example", key, CancellationToken.None));
        Assert.Equal((FailureKind.Operator, "invalid_grant"), (failure.Kind, failure.ErrorCode));
    }

    [Fact]
    public async Task Many_readers_share_one_renewal()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Connect("00D000000000000!ended", simulated.Host.NewRefreshToken("test"));
        var counts = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => org.CountAsync("Account", null, CancellationToken.None)));
        Assert.All(counts, count => Assert.Equal(1_223, count));
        Assert.Equal(1, simulated.TokenPosts);
    }

    [Fact]
    public async Task A_revoked_approval_asks_to_reconnect()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var failure = await Assert.ThrowsAsync<SalesforceException>(() =>
            simulated.Connect("00D000000000000!ended", "5Aep-revoked").LimitsAsync(CancellationToken.None));
        Assert.Equal((FailureKind.Operator, "invalid_grant"), (failure.Kind, failure.ErrorCode));
        Assert.Contains("Reconnect the org", failure.Remedy, StringComparison.Ordinal);
    }

    /// <summary>What a browser does: opens the page, fills the form, follows to the callback.</summary>
    private static async Task<(string Code, string State)> ThroughTheLoginPageAsync(Uri authorize, Uri host)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var page = await browser.GetStringAsync(authorize);
        var form = HiddenInput().Matches(page).ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));
        form["username"] = "admin@sim.example";
        form["pw"] = "simulator";
        using var content = new FormUrlEncodedContent(form);
        using var answer = await browser.PostAsync(new Uri(host, "/services/oauth2/authorize"), content);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(Callback.GetLeftPart(UriPartial.Path), answer.Headers.Location!.GetLeftPart(UriPartial.Path));
        var query = QueryHelpers.ParseQuery(answer.Headers.Location.Query);
        return (query["code"].ToString(), query["state"].ToString());
    }

    [GeneratedRegex("""<input type="hidden" name="([^"]*)" value="([^"]*)">""")]
    private static partial Regex HiddenInput();
}
