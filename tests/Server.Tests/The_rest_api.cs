using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Appliance.Server.Tests;

public sealed class The_rest_api(ServerFixture server)
{
    [Theory]
    [InlineData("GET", "/api/v1/orgs/00000000-0000-0000-0000-000000000001", 404)]
    [InlineData("GET", "/api/v1/snapshots/00000000-0000-0000-0000-000000000001", 404)]
    [InlineData("GET", "/api/v1/snapshots/00000000-0000-0000-0000-000000000001/certificate", 404)]
    [InlineData("GET", "/api/v1/snapshots/00000000-0000-0000-0000-000000000001/objects/Account/records", 404)]
    [InlineData("GET", "/api/v1/snapshots/00000000-0000-0000-0000-000000000001/objects/Account/records?limit=501", 400)]
    [InlineData("GET", "/api/v1/jobs/00000000-0000-0000-0000-000000000001", 404)]
    [InlineData("GET", "/api/v1/jobs/00000000-0000-0000-0000-000000000001/events", 404)]
    [InlineData("GET", "/api/v1/jobs?limit=0", 400)]
    [InlineData("GET", "/api/v1/jobs?limit=many", 400)]
    [InlineData("GET", "/api/v1/restores/plans/00000000-0000-0000-0000-000000000001", 404)]
    [InlineData("GET", "/api/v1/restores/00000000-0000-0000-0000-000000000001/outcomes", 404)]
    [InlineData("POST", "/api/v1/orgs/00000000-0000-0000-0000-000000000001/backups", 404)]
    [InlineData("POST", "/api/v1/restores/plans/00000000-0000-0000-0000-000000000001/run", 404)]
    [InlineData("GET", "/api/v1/no-such-call", 404)]
    public async Task Tells_each_failure_with_cause_and_remedy(string method, string path, int status)
    {
        using var client = server.WithToken();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST") request.Content = JsonContent.Create(new { kind = "full" });
        using var answer = await client.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await ServerFixture.JsonAsync(answer);
        Assert.NotEmpty(problem.GetProperty("cause").GetString()!);
        Assert.NotEmpty(problem.GetProperty("remedy").GetString()!);
    }

    [Fact]
    public async Task Tells_what_process_it_is()
    {
        using var client = server.WithToken();
        var system = await client.GetFromJsonAsync<JsonElement>("/api/v1/system");
        Assert.Equal(Environment.ProcessId, system.GetProperty("processId").GetInt32());
        Assert.True(system.GetProperty("peakMemoryBytes").GetInt64() > 1_000_000);
    }

    [Theory]
    [InlineData("", "https://login.salesforce.com", "client")]
    [InlineData("Acme", "login.salesforce.com", "client")]
    [InlineData("Acme", "http://login.salesforce.com", "client")]
    [InlineData("Acme", "https://login.salesforce.com/path", "client")]
    [InlineData("Acme", "https://user@login.salesforce.com", "client")]
    [InlineData("Acme", "https://login.salesforce.com", "")]
    public async Task Refuses_to_connect_with_wrong_values(string name, string loginUrl, string clientId)
    {
        using var client = server.WithToken();
        using var answer = await client.PostAsJsonAsync("/api/v1/orgs/connections", new { name, loginUrl, clientId });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Sends_the_browser_to_Salesforce_with_a_challenge_and_takes_back_no_foreign_state()
    {
        using var client = server.WithToken();
        var begun = await ServerFixture.JsonAsync(await client.PostAsJsonAsync("/api/v1/orgs/connections", new { name = "Acme", loginUrl = "https://login.salesforce.com", clientId = "the-key" }));
        var address = begun.GetProperty("authorizeUrl").GetString()!;
        Assert.StartsWith("https://login.salesforce.com/services/oauth2/authorize?", address, StringComparison.Ordinal);
        foreach (var part in new[] { "client_id=the-key", "code_challenge=", "code_challenge_method=S256", "state=", Uri.EscapeDataString("https://appliance.example/oauth/callback") })
            Assert.Contains(part, address, StringComparison.Ordinal);

        using var foreign = await client.GetAsync("/oauth/callback?code=x&state=not-ours");
        Assert.StartsWith("/orgs/connect?cause=", foreign.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var denied = await client.GetAsync("/oauth/callback?error=access_denied&error_description=end-user%20denied&state=not-ours");
        Assert.Contains("denied", Uri.UnescapeDataString(denied.Headers.Location!.OriginalString), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_described_by_its_OpenAPI_document()
    {
        using var client = server.WithToken();
        var document = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        var described = document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name.ToUpperInvariant()} {p.Name}")).ToHashSet();
        // Each call of API.md, with parameter names left out.
        foreach (var call in new[]
                 {
                     "POST /api/v1/setup", "POST /api/v1/sessions", "DELETE /api/v1/sessions/current", "GET /api/v1/me", "GET /api/v1/system", "POST /api/v1/tokens", "GET /api/v1/tokens",
                     "DELETE /api/v1/tokens/{}", "POST /api/v1/orgs/connections", "GET /api/v1/orgs", "GET /api/v1/orgs/{}", "DELETE /api/v1/orgs/{}", "POST /api/v1/orgs/{}/backups",
                     "GET /api/v1/orgs/{}/snapshots", "GET /api/v1/snapshots/{}", "GET /api/v1/snapshots/{}/certificate", "GET /api/v1/orgs/{}/objects", "GET /api/v1/orgs/{}/templates", "GET /api/v1/orgs/{}/templates/{}", "POST /api/v1/orgs/{}/templates", "PUT /api/v1/orgs/{}/templates/{}", "DELETE /api/v1/orgs/{}/templates/{}", "POST /api/v1/orgs/{}/templates/checks", "GET /api/v1/snapshots/{}/objects/{}/records", "GET /api/v1/snapshots/{}/objects/{}/records/{}",
                     "GET /api/v1/snapshots/{}/objects/{}/records/{}/files/{}", "GET /api/v1/orgs/{}/objects/{}/records/{}/history", "POST /api/v1/orgs/{}/restores/plans",
                     "GET /api/v1/restores/plans/{}", "POST /api/v1/restores/plans/{}/run", "GET /api/v1/restores/{}/outcomes", "GET /api/v1/restores/{}/id-map", "GET /api/v1/jobs",
                     "GET /api/v1/jobs/{}", "GET /api/v1/jobs/{}/events", "GET /api/v1/jobs/{}/log", "POST /api/v1/jobs/{}/abort",
                 })
            Assert.Contains(call, described.Select(d => System.Text.RegularExpressions.Regex.Replace(d, @"\{[^}]+\}", "{}").TrimEnd('/')));
    }

    [Fact]
    public async Task And_the_pages_fetch_nothing_from_elsewhere()
    {
        using var client = server.WithToken();
        foreach (var path in new[] { "/", "/signin", "/scalar/" })
        {
            using var answer = await client.GetAsync(path);
            var html = await answer.Content.ReadAsStringAsync();
            Assert.DoesNotMatch(@"(?:src|href)=""(?:https?:)?//", html);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.StartsWith("default-src 'self'; script-src 'self'", policy, StringComparison.Ordinal);
            Assert.Equal("DENY", answer.Headers.GetValues("X-Frame-Options").Single());
        }
        foreach (var asset in new[] { "/app.css", "/tables.css", "/_content/MudBlazor/MudBlazor.min.css", "/_framework/blazor.web.js" })
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(asset)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/no/such/page")).StatusCode);
    }
}
