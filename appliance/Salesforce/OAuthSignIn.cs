using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Salesforce;

/// <summary>
/// OAuth 2.0 against a login host: authorization code with PKCE, refresh, JWT bearer.
/// A refused sign-in is an <see cref="FailureKind.Operator"/> failure; a lost or overloaded host a transient one, after repeats where they are harmless.
/// </summary>
public sealed class OAuthSignIn(HttpClient http, TimeProvider? time = null)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Retry _retry = new(time ?? TimeProvider.System, NullLogger.Instance);

    /// <summary>Where the browser is sent. Scopes: API, a refresh token, and the user's identity.</summary>
    public static Uri AuthorizeUri(Uri loginUrl, string clientId, Uri redirectUri, string state, string codeChallenge) =>
        new(loginUrl, "/services/oauth2/authorize?response_type=code"
            + $"&client_id={Uri.EscapeDataString(clientId)}"
            + $"&redirect_uri={Uri.EscapeDataString(redirectUri.AbsoluteUri)}"
            + "&scope=refresh_token%20api%20web"
            + $"&state={Uri.EscapeDataString(state)}"
            + $"&code_challenge={codeChallenge}&code_challenge_method=S256&prompt=login");

    /// <summary>A fresh secret for one sign-in (86 characters) and its SHA-256, both base64url.</summary>
    public static (string Verifier, string Challenge) NewPkce()
    {
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(64));
        return (verifier, Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
    }

    /// <summary>A code works once, so a lost answer is not repeated: the sign-in starts over.</summary>
    public Task<OAuthTokens> ExchangeCodeAsync(
        Uri loginUrl, string clientId, string? clientSecret, Uri redirectUri, string code, string verifier, CancellationToken cancellationToken) =>
        TokenAsync(loginUrl, "Signing in", Repeat.Never, Form(
            ("grant_type", "authorization_code"), ("code", code), ("client_id", clientId), ("client_secret", clientSecret),
            ("redirect_uri", redirectUri.AbsoluteUri), ("code_verifier", verifier)), cancellationToken);

    /// <summary>A new access token. The returned refresh token is the one to keep: the old one, unless the app rotates them.</summary>
    public async Task<OAuthTokens> RefreshAsync(
        Uri loginUrl, string clientId, string? clientSecret, string refreshToken, CancellationToken cancellationToken)
    {
        var tokens = await TokenAsync(loginUrl, "Renewing the session", Repeat.Safe, Form(
            ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("client_id", clientId), ("client_secret", clientSecret)), cancellationToken);
        return tokens with { RefreshToken = tokens.RefreshToken ?? refreshToken };
    }

    /// <summary>Signs in as a pre-authorised user with the app's RSA key; there is no refresh token.</summary>
    /// <param name="audience">Login host named in the assertion; the login URL when null.</param>
    public Task<OAuthTokens> JwtBearerAsync(
        Uri loginUrl, string clientId, string userName, RSA key, CancellationToken cancellationToken, string? audience = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = clientId,
            ["sub"] = userName,
            ["aud"] = audience ?? loginUrl.GetLeftPart(UriPartial.Authority),
            ["exp"] = _time.GetUtcNow().AddMinutes(3).ToUnixTimeSeconds(),
        };
        var text = Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return TokenAsync(loginUrl, "Signing in by JWT", Repeat.Safe, Form(
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", text + "." + Base64Url.EncodeToString(signature))), cancellationToken);
    }

    private static List<KeyValuePair<string, string>> Form(params (string Name, string? Value)[] fields) =>
        [.. fields.Where(f => !string.IsNullOrEmpty(f.Value)).Select(f => KeyValuePair.Create(f.Name, f.Value!))];

    private Task<OAuthTokens> TokenAsync(
        Uri loginUrl, string what, Repeat repeat, List<KeyValuePair<string, string>> form, CancellationToken cancellationToken) =>
        _retry.RunAsync(repeat, "POST /services/oauth2/token", async token =>
        {
            using var limit = new CancellationTokenSource(AnswerWithin, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
            try
            {
                using var content = new FormUrlEncodedContent(form);
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(loginUrl, "/services/oauth2/token")) { Content = content };
                request.Headers.Accept.Add(new("application/json"));
                using var answer = await http.SendAsync(request, either.Token);
                var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
                return answer.IsSuccessStatusCode ? Read(body, what) : throw Refusal(answer.StatusCode, body, what);
            }
            catch (Exception e) when (Unreachable.Is(e))
            {
                token.ThrowIfCancellationRequested();
                throw Unreachable.From(e, what, loginUrl.Host, creating: false);
            }
        }, cancellationToken);

    private static OAuthTokens Read(byte[] body, string what)
    {
        try
        {
            var answer = JsonSerializer.Deserialize<JsonElement>(body);
            // …/id/<organization id>/<user id>
            var identity = answer.GetProperty("id").GetString()!.TrimEnd('/').Split('/');
            return new(answer.GetProperty("access_token").GetString()!,
                answer.TryGetProperty("refresh_token", out var refresh) ? refresh.GetString() : null,
                new Uri(answer.GetProperty("instance_url").GetString()!), SalesforceId.To18(identity[^2]), SalesforceId.To18(identity[^1]));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException or FormatException or IndexOutOfRangeException)
        {
            // No inner exception: a parser's message may quote the text it met.
            throw new SalesforceException(FailureKind.Transient, $"{what} failed: the login host's answer is not a token answer.",
                "Check that the login URL is a Salesforce login host and that no proxy answers in its place.", statusCode: 200);
        }
    }

    private static SalesforceException Refusal(HttpStatusCode status, byte[] body, string what)
    {
        var failed = FailedAnswer.Parse(status, body);
        var (kind, remedy) = failed.Code switch
        {
            "rate_limit_exceeded" or "server_error" or "temporarily_unavailable" => (FailureKind.Transient, "Wait a minute and try again."),
            "invalid_grant" => (FailureKind.Operator, "Reconnect the org: its user has to sign in again and approve the app."),
            "invalid_client_id" or "invalid_client" => (FailureKind.Operator, "Check the consumer key and secret of the connected app; a new app needs up to ten minutes."),
            "redirect_uri_mismatch" => (FailureKind.Operator, "Enter this appliance's callback address in the connected app."),
            "invalid_app_access" or "OAUTH_APP_BLOCKED" => (FailureKind.Operator, "Install the app in the org and approve it for the user's profile or permission set."),
            "inactive_user" or "inactive_org" => (FailureKind.Operator, "Activate the user or the org, or connect with another user."),
            _ when (int)status is 408 or 420 or 429 or >= 500 => (FailureKind.Transient, "Wait a minute and try again."),
            _ => (FailureKind.Operator, "Check the connected app's settings, then reconnect the org."),
        };
        var said = failed.Text.Length > 0 ? failed.Text : $"HTTP {(int)status}";
        return new(kind, $"{what} failed: the login host refuses: {said}{(failed.Code is null ? "" : $" ({failed.Code})")}.", remedy, failed.Code, (int)status);
    }
}
