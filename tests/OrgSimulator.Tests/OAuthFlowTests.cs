using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using OrgSimulator.OAuth;

namespace OrgSimulator.Tests;

/// <summary>The flows that need a registered app, and every refusal in the words that connectors look for.</summary>
public sealed class OAuthFlowTests
{
    private const string Redirect = "https://app.example/callback";
    private const string Bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private static async Task<(int Status, JsonNode Body)> PostAsync(HttpClient http, string path, string? basic, params (string, string)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/services/oauth2/" + path) { Content = content };
        if (basic is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
    }

    private static Task<(int Status, JsonNode Body)> TokenAsync(HttpClient http, params (string, string)[] form) => PostAsync(http, "token", null, form);

    private static string Words((int Status, JsonNode Body) answer) => $"{answer.Status} {answer.Body["error"]}: {answer.Body["error_description"]}";

    private static async Task<string> CodeAsync(HttpClient http, string clientId, string scope = "", string redirect = Redirect)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["response_type"] = "code", ["client_id"] = clientId, ["redirect_uri"] = redirect, ["scope"] = scope, ["username"] = "admin@sim.example", ["pw"] = "simulator",
        });
        using var answer = await http.PostAsync("/services/oauth2/authorize", form);
        return answer.Headers.Location is { } location ? Uri.UnescapeDataString(location.Query.Split(['=', '&'], 3)[1]) : await answer.Content.ReadAsStringAsync();
    }

    private static HttpClient Plain(OrgSimulatorHost simulator) => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = simulator.Uri };

    private static string Assertion(RSA key, string issuer, string subject, string audience, long expires, string algorithm = "RS256")
    {
        var text = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}"}""")) + "."
            + Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"iss":"{{issuer}}","sub":"{{subject}}","aud":"{{audience}}","exp":{{expires}}}"""));
        return text + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Fact]
    public async Task An_assertion_counts_only_with_the_signature_of_the_apps_key()
    {
        using var key = RSA.Create(2048);
        using var other = RSA.Create(2048);
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions
        {
            Apps = [new("app") { PublicKeyPem = key.ExportSubjectPublicKeyInfoPem() }, new("keyless"), new("unapproved") { PublicKeyPem = key.ExportSubjectPublicKeyInfoPem(), Preauthorized = false }],
        });
        using var http = Plain(simulator);
        const long milliseconds = 4_102_444_800_000;
        async Task<string> Try(RSA by, string issuer, string subject, string audience, long expires, string algorithm = "RS256") =>
            Words(await TokenAsync(http, ("grant_type", Bearer), ("assertion", Assertion(by, issuer, subject, audience, expires, algorithm))));
        foreach (var audience in (string[])[simulator.Url, simulator.Url + "/", "https://login.salesforce.com", "https://test.salesforce.com/"])
            Assert.Equal("200 : ", await Try(key, "app", "admin@sim.example", audience, milliseconds));
        Assert.Equal("400 invalid_grant: invalid assertion", await Try(other, "app", "admin@sim.example", simulator.Url, milliseconds));
        Assert.Equal("400 invalid_grant: invalid assertion", await Try(key, "app", "admin@sim.example", simulator.Url, milliseconds, "none"));
        Assert.Equal("400 invalid_client: invalid client credentials", await Try(key, "keyless", "admin@sim.example", simulator.Url, milliseconds));
        Assert.Equal("400 invalid_grant: audience is invalid", await Try(key, "app", "admin@sim.example", "https://elsewhere.example", milliseconds));
        Assert.Equal("400 invalid_grant: user hasn't approved this consumer", await Try(key, "app", "nobody@sim.example", simulator.Url, milliseconds));
        Assert.Equal("400 invalid_app_access: user is not admin approved to access this app", await Try(key, "unapproved", "admin@sim.example", simulator.Url, milliseconds));
        Assert.Equal("400 invalid_grant: expired authorization code", await Try(key, "app", "admin@sim.example", simulator.Url, 1));
        Assert.Equal("400 invalid_grant: invalid assertion", Words(await TokenAsync(http, ("grant_type", Bearer), ("assertion", "x.y"))));
        var (_, tokens) = await TokenAsync(http, ("grant_type", Bearer), ("assertion", Assertion(key, "app", "admin@sim.example", simulator.Url, milliseconds)));
        Assert.Equal(["access_token", "scope", "instance_url", "id", "token_type"], tokens.AsObject().Select(pair => pair.Key));
    }

    [Fact]
    public async Task A_certificate_will_do_as_well_as_a_key()
    {
        using var key = RSA.Create(2048);
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=app", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Apps = [new("app") { PublicKeyPem = certificate.ExportCertificatePem() }] });
        using var http = Plain(simulator);
        Assert.Equal(200, (await TokenAsync(http, ("grant_type", Bearer), ("assertion", Assertion(key, "app", "admin@sim.example", simulator.Url, 4_102_444_800)))).Status);
    }

    [Fact]
    public async Task Client_credentials_stand_in_the_body_or_in_a_basic_header()
    {
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Apps = [new("app", "se:cret")], KnownAppsOnly = true });
        using var http = Plain(simulator);
        var (status, tokens) = await TokenAsync(http, ("grant_type", "client_credentials"), ("client_id", "app"), ("client_secret", "se:cret"));
        Assert.Equal((200, "api", (string?)null), (status, tokens["scope"]!.GetValue<string>(), tokens["refresh_token"]?.GetValue<string>()));
        Assert.Equal(Convert.ToBase64String(HMACSHA256.HashData("se:cret"u8, Encoding.UTF8.GetBytes(tokens["id"]!.GetValue<string>() + tokens["issued_at"]))), tokens["signature"]!.GetValue<string>());
        Assert.Equal(200, (await PostAsync(http, "token", "app:se:cret", ("grant_type", "client_credentials"))).Status);
        Assert.Equal("401 invalid_client: invalid client credentials", Words(await PostAsync(http, "token", "app:wrong", ("grant_type", "client_credentials"))));
        Assert.Equal("400 invalid_client_id: client identifier invalid", Words(await TokenAsync(http, ("grant_type", "client_credentials"), ("client_id", "stranger"), ("client_secret", "x"))));
    }

    [Fact]
    public async Task Rotation_gives_a_new_refresh_token_and_ends_the_old_one()
    {
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Apps = [new("app", "s") { RotatesRefreshTokens = true }] });
        using var http = Plain(simulator);
        (string, string)[] Refresh(string token) => [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "app"), ("client_secret", "s")];
        var first = simulator.NewRefreshToken("app");
        var (_, tokens) = await TokenAsync(http, Refresh(first));
        var second = tokens["refresh_token"]!.GetValue<string>();
        Assert.Equal("400 invalid_grant: expired access/refresh token", Words(await TokenAsync(http, Refresh(first))));
        Assert.Equal("401 invalid_client: invalid client credentials", Words(await TokenAsync(http, ("grant_type", "refresh_token"), ("refresh_token", second), ("client_id", "app"))));
        Assert.Equal(200, (await TokenAsync(http, Refresh(second))).Status);
    }

    [Fact]
    public async Task A_sixth_approval_ends_the_first()
    {
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions());
        using var http = Plain(simulator);
        var tokens = new List<JsonNode>();
        for (var i = 0; i < 6; i++)
            tokens.Add((await TokenAsync(http, ("grant_type", "authorization_code"), ("code", await CodeAsync(http, "app")), ("client_id", "app"), ("redirect_uri", Redirect))).Body);
        var live = new List<int>();
        foreach (var one in tokens) live.Add((await TokenAsync(http, ("grant_type", "refresh_token"), ("refresh_token", one["refresh_token"]!.GetValue<string>()), ("client_id", "app"))).Status);
        Assert.Equal([400, 200, 200, 200, 200, 200], live);
        Assert.False(simulator.Sessions.IsLive(tokens[0]["access_token"]!.GetValue<string>()));
        Assert.True(simulator.Sessions.IsLive(tokens[1]["access_token"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Refusals_are_in_the_words_that_connectors_look_for()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-11-01T00:00:00Z", null));
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Time = time, Apps = [new("app", "s") { RedirectUris = [Redirect] }] });
        using var http = Plain(simulator);
        Assert.Contains("error=redirect_uri_mismatch", await CodeAsync(http, "app", redirect: "https://evil.example/"), StringComparison.Ordinal);
        Assert.Contains("invalid_scope", await CodeAsync(http, "app", "api everything"), StringComparison.Ordinal);
        var code = await CodeAsync(http, "app");
        time.Advance(TimeSpan.FromMinutes(16));
        Task<(int, JsonNode)> Exchange(string with, string redirect = Redirect, string client = "app", string secret = "s") => TokenAsync(http,
            ("grant_type", "authorization_code"), ("code", with), ("client_id", client), ("client_secret", secret), ("redirect_uri", redirect));
        Assert.Equal("400 invalid_grant: expired authorization code", Words(await Exchange(code)));
        Assert.Equal("400 invalid_grant: invalid authorization code", Words(await Exchange("aPrxnone")));
        Assert.Equal("400 redirect_uri_mismatch: redirect_uri must match configuration", Words(await Exchange(await CodeAsync(http, "app"), "https://other.example")));
        Assert.Equal("400 invalid_client_id: client identifier invalid", Words(await Exchange(await CodeAsync(http, "app"), client: "other")));
        Assert.Equal("401 invalid_client: invalid client credentials", Words(await Exchange(await CodeAsync(http, "app"), secret: "wrong")));
        Assert.Equal("400 unsupported_grant_type: grant type not supported", Words(await TokenAsync(http, ("grant_type", "device"))));
        Assert.Equal("400 invalid_grant: authentication failure", Words(await TokenAsync(http, ("grant_type", "password"), ("client_id", "app"), ("client_secret", "s"), ("username", "admin@sim.example"), ("password", "simulator"))));
        foreach (var (error, description) in ((string, string)[])[("invalid_grant", "ip restricted"), ("invalid_grant", "inactive user"), ("inactive_org", "organization is inactive"), ("OAUTH_APP_BLOCKED", "this app is blocked by admin"), ("server_error", "")])
        {
            simulator.Sessions.RefuseSignIns = (error, description);
            Assert.Equal($"400 {error}: {description}", Words(await TokenAsync(http, ("grant_type", "client_credentials"))));
        }
        simulator.Sessions.RefuseSignIns = null;
    }

    [Fact]
    public async Task A_user_signs_in_only_so_often()
    {
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Time = new FakeTimeProvider(DateTimeOffset.Parse("2026-11-01T00:00:00Z", null)) });
        using var http = Plain(simulator);
        for (var i = 0; i < SignInRate.MostAnHour; i++) await TokenAsync(http, ("grant_type", "x"));
        Assert.Equal("400 rate_limit_exceeded: login rate exceeded", Words(await TokenAsync(http, ("grant_type", "x"))));
        ((FakeTimeProvider)simulator.Options.Time).Advance(TimeSpan.FromHours(1));
        Assert.Equal("400 unsupported_grant_type: grant type not supported", Words(await TokenAsync(http, ("grant_type", "x"))));
    }

    [Fact]
    public async Task Tokens_are_introspected_and_an_unused_session_ends()
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-11-01T00:00:00Z", null));
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Time = time, SessionLife = TimeSpan.FromHours(2) });
        using var http = Plain(simulator);
        var token = simulator.NewAccessToken();
        var (_, seen) = await PostAsync(http, "introspect", "app:x", ("token", token));
        Assert.Equal((true, "access_token", "admin@sim.example"), (seen["active"]!.GetValue<bool>(), seen["token_type"]!.GetValue<string>(), seen["username"]!.GetValue<string>()));
        Assert.Equal("401 invalid_client: invalid client credentials", Words(await PostAsync(http, "introspect", null, ("token", token))));
        time.Advance(TimeSpan.FromMinutes(90));
        Assert.True(simulator.Sessions.IsLive(token));
        time.Advance(TimeSpan.FromMinutes(90));
        Assert.True(simulator.Sessions.IsLive(token));      // each use counts anew
        time.Advance(TimeSpan.FromMinutes(121));
        Assert.False((await PostAsync(http, "introspect", "app:x", ("token", token))).Body["active"]!.GetValue<bool>());
        Assert.Equal("400 invalid_token", $"{(await PostAsync(http, "revoke", null, ("token", token))).Status} {(await PostAsync(http, "revoke", null, ("token", token))).Body["error"]}");
    }

    [Fact]
    public async Task Openid_gives_an_id_token_that_the_published_key_checks()
    {
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions());
        using var http = Plain(simulator);
        var (_, tokens) = await TokenAsync(http, ("grant_type", "authorization_code"), ("code", await CodeAsync(http, "app", "openid api")), ("client_id", "app"), ("redirect_uri", Redirect));
        Assert.Null(tokens["refresh_token"]);
        var configuration = JsonNode.Parse(await http.GetStringAsync("/.well-known/openid-configuration"))!;
        var jwk = JsonNode.Parse(await http.GetStringAsync(configuration["jwks_uri"]!.GetValue<string>()))!["keys"]![0]!;
        using var key = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars(jwk["n"]!.GetValue<string>()), Exponent = Base64Url.DecodeFromChars(jwk["e"]!.GetValue<string>()) });
        var parts = tokens["id_token"]!.GetValue<string>().Split('.');
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Contains(tokens["id"]!.GetValue<string>(), Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])), StringComparison.Ordinal);
    }
}
