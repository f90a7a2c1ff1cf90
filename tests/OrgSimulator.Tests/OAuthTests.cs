using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

public sealed class OAuthTests
{
    private const string Redirect = "http://localhost:1717/OauthRedirect";
    private static readonly string Verifier = new('v', 171);
    private static readonly string Challenge = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static async Task<(int Status, JsonNode Body)> TokenAsync(HttpClient http, params (string, string)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Item1, pair.Item2)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/services/oauth2/token") { Content = content };
        request.Headers.TransferEncodingChunked = true;
        using var answer = await http.SendAsync(request);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private static async Task<Uri> SignInAsync(HttpClient http, string password)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["response_type"] = "code", ["client_id"] = "PlatformCLI", ["redirect_uri"] = Redirect, ["state"] = "s t", ["code_challenge"] = Challenge,
            ["username"] = "admin@sim.example", ["pw"] = password,
        });
        using var answer = await http.PostAsync("/services/oauth2/authorize", form);
        return answer.Headers.Location ?? new Uri("about:blank");
    }

    private static HttpClient Plain(OrgSimulatorHost simulator) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = simulator.Uri };

    [Fact]
    public async Task The_web_server_flow_with_pkce_as_the_cli_does_it()
    {
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions());
        using var http = Plain(simulator);
        var page = await http.GetStringAsync($"/services/oauth2/authorize?response_type=code&client_id=PlatformCLI&redirect_uri={Uri.EscapeDataString(Redirect)}&state=x&code_challenge={Challenge}&prompt=login");
        Assert.Contains("id=\"username\"", page, StringComparison.Ordinal);
        Assert.Equal("about:blank", (await SignInAsync(http, "wrong")).OriginalString);
        var location = await SignInAsync(http, "simulator");
        Assert.StartsWith(Redirect + "?code=aPrx", location.OriginalString, StringComparison.Ordinal);
        Assert.Contains("%3D%3D", location.OriginalString, StringComparison.OrdinalIgnoreCase);
        var code = Uri.UnescapeDataString(location.Query.Split(['=', '&'], 3)[1]);

        var (status, bad) = await TokenAsync(http, ("grant_type", "authorization_code"), ("code", code), ("client_id", "PlatformCLI"), ("redirect_uri", Redirect), ("code_verifier", "wrong"));
        Assert.Equal((400, "invalid code verifier"), (status, bad["error_description"]!.GetValue<string>()));
        code = Uri.UnescapeDataString((await SignInAsync(http, "simulator")).Query.Split(['=', '&'], 3)[1]);
        (status, var tokens) = await TokenAsync(http, ("grant_type", "authorization_code"), ("code", code), ("client_id", "PlatformCLI"), ("redirect_uri", Redirect), ("code_verifier", Verifier));
        Assert.Equal(200, status);
        Assert.Matches(@"^00D\w{12}![.\w]+$", tokens["access_token"]!.GetValue<string>());
        Assert.Equal(simulator.Url, tokens["instance_url"]!.GetValue<string>());
        Assert.EndsWith($"/{simulator.Store.OrganizationId}/{simulator.Store.AdminId}", tokens["id"]!.GetValue<string>(), StringComparison.Ordinal);
        (status, _) = await TokenAsync(http, ("grant_type", "authorization_code"), ("code", code), ("client_id", "PlatformCLI"), ("redirect_uri", Redirect), ("code_verifier", Verifier));
        Assert.Equal(400, status);

        (status, var again) = await TokenAsync(http, ("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"]!.GetValue<string>()), ("client_id", "PlatformCLI"));
        Assert.Equal(200, status);
        Assert.Null(again["refresh_token"]);
        using var revoke = new FormUrlEncodedContent([KeyValuePair.Create("token", tokens["refresh_token"]!.GetValue<string>())]);
        Assert.Equal(200, (int)(await http.PostAsync("/services/oauth2/revoke", revoke)).StatusCode);
        (status, bad) = await TokenAsync(http, ("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"]!.GetValue<string>()), ("client_id", "PlatformCLI"));
        Assert.Equal("""{"error":"invalid_grant","error_description":"expired access/refresh token"}""", bad.ToJsonString());
    }

    [Fact]
    public async Task A_dead_session_gets_401_in_an_array_and_userinfo_403_in_text()
    {
        await using var org = await TestOrg.StartAsync();
        Assert.Equal(200, (await org.SendAsync(HttpMethod.Get, "/services/oauth2/userinfo")).Status);
        org.Host.Sessions.ExpireAccessTokens();
        var (status, body) = await org.SendAsync(HttpMethod.Get, "limits");
        Assert.Equal((401, """[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"""), (status, body!.ToJsonString()));
        using var info = await org.Http.GetAsync("/services/oauth2/userinfo");
        Assert.Equal((403, "Bad_OAuth_Token"), ((int)info.StatusCode, await info.Content.ReadAsStringAsync()));
    }
}
