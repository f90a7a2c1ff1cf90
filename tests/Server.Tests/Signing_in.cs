using System.Net;
using System.Net.Http.Json;
using Appliance.Server.Access;
using Appliance.Server.Pages;
using Xunit;

namespace Appliance.Server.Tests;

public sealed class Signing_in(ServerFixture server)
{
    [Fact]
    public async Task Gives_a_cookie_that_only_this_site_gets_and_signing_out_makes_it_worthless()
    {
        using var anonymous = server.Anonymous();
        using var answer = await anonymous.PostAsJsonAsync("/api/v1/sessions", new { userName = "ADMIN", password = ServerFixture.Password });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);

        using var browser = await server.SignedInAsync();
        var me = await ServerFixture.JsonAsync(await browser.GetAsync("/api/v1/me"));
        Assert.Equal(("admin", "SystemAdministrator"), (me.GetProperty("userName").GetString(), me.GetProperty("role").GetString()));
        Assert.Equal(HttpStatusCode.NoContent, (await browser.DeleteAsync("/api/v1/sessions/current")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/me")).StatusCode);
    }

    [Theory]
    [InlineData("admin", "wrong")]
    [InlineData("nobody", "wrong")]
    [InlineData("", "")]
    public async Task Refuses_without_telling_which_of_the_two_was_wrong(string userName, string password)
    {
        using var client = server.Anonymous();
        using var answer = await client.PostAsJsonAsync("/api/v1/sessions", new { userName, password });
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(SignIns.Refused, (await ServerFixture.JsonAsync(answer)).GetProperty("cause").GetString());
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public void Locks_for_growing_times_after_five_failures()
    {
        Assert.Equal(TimeSpan.Zero, SignIns.LockFor(4));
        Assert.Equal(TimeSpan.FromSeconds(30), SignIns.LockFor(5));
        Assert.Equal(TimeSpan.FromMinutes(1), SignIns.LockFor(6));
        Assert.Equal(TimeSpan.FromMinutes(15), SignIns.LockFor(1000));
    }

    [Fact]
    public async Task Is_set_up_once_and_the_link_is_gone_afterwards()
    {
        using var client = server.Anonymous();
        using var answer = await client.PostAsJsonAsync("/api/v1/setup", new { token = server.SetupToken, userName = "second", password = ServerFixture.Password });
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.False(File.Exists(Path.Combine(server.KeysFolder, "setup-link")));
        var page = await client.GetStringAsync($"/setup?token={server.SetupToken}");
        Assert.DoesNotContain("setup-password", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_not_worth_anything_to_another_site()
    {
        using var browser = await server.SignedInAsync();
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsJsonAsync("/api/v1/tokens", new { name = "stolen" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/me")).StatusCode);
    }

    [Fact]
    public async Task By_an_api_token_ends_when_the_token_is_revoked()
    {
        using var browser = await server.SignedInAsync();
        var made = await ServerFixture.JsonAsync(await browser.PostAsJsonAsync("/api/v1/tokens", new { name = "short", expiresInDays = 1 }));
        using var program = server.Anonymous();
        program.DefaultRequestHeaders.Authorization = new("Bearer", made.GetProperty("token").GetString());
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/v1/me")).StatusCode);

        var list = await browser.GetStringAsync("/api/v1/tokens");
        Assert.Contains("short", list, StringComparison.Ordinal);
        Assert.DoesNotContain(made.GetProperty("token").GetString()!, list, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await browser.DeleteAsync($"/api/v1/tokens/{made.GetProperty("id").GetString()}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.GetAsync("/api/v1/me")).StatusCode);
    }

    [Theory]
    [InlineData("/orgs/1?x=y", "/orgs/1?x=y")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/a\r\nSet-Cookie: x", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void Leads_on_to_a_page_of_this_site_only(string? wanted, string goes) => Assert.Equal(goes, LocalPath.Of(wanted));
}
