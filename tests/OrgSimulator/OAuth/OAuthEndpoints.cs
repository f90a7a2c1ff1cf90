using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using OrgSimulator.Rest;
using OrgSimulator.Store;

namespace OrgSimulator.OAuth;

/// <summary>authorize, token, revoke, introspect, userinfo and the identity address.</summary>
public sealed class OAuthEndpoints(OrgStore store, Sessions sessions, SimulatorOptions options)
{
    private readonly Identity _identity = new(store, options);

    public Task HandleAsync(HttpContext context, RequestTarget target)
    {
        if (target.Is(0, "id")) return IdentityAsync(context, target);
        if (target.Is(0, ".well-known")) return JsonAsync(context, 200, _identity.OpenIdConfiguration);
        return (target.Segments.Count > 2 ? target.Segments[2] : "").ToLowerInvariant() switch
        {
            "authorize" => AuthorizeAsync(context, target),
            "token" => TokenAsync(context),
            "revoke" => RevokeAsync(context, target),
            "introspect" => IntrospectAsync(context),
            "userinfo" => UserInfoAsync(context, target),
            _ => JsonAsync(context, 404, json => Error(json, "invalid_request", "unknown endpoint")),
        };
    }

    public static string? Bearer(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || header.StartsWith("OAuth ", StringComparison.OrdinalIgnoreCase)
            ? header[(header.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim() : null;
    }

    private async Task AuthorizeAsync(HttpContext context, RequestTarget target)
    {
        var form = context.Request.Method == "POST" ? await FormAsync(context) : null;
        string Given(string name) => form?.GetValueOrDefault(name) ?? target.Query.GetValueOrDefault(name) ?? "";
        var redirect = Given("redirect_uri");
        if (Given("response_type") != "code" || Given("client_id").Length == 0 || !Uri.TryCreate(redirect, UriKind.Absolute, out _))
        {
            await LoginPage.WriteErrorAsync(context, Given("client_id").Length == 0 ? "client identifier invalid" : "redirect_uri must match configuration, response_type must be code");
            return;
        }
        if (form is null)
        {
            await LoginPage.WriteAsync(context, target.Query, null, options.User);
            return;
        }
        var state = Given("state");
        var answer = new QueryBuilder();
        if (Given("deny").Length > 0)
        {
            answer.Add("error", "access_denied");
            answer.Add("error_description", "end-user denied authorization");
        }
        else if (Given("username") != options.User || Given("pw") != options.Password && Given("password") != options.Password)
        {
            await LoginPage.WriteAsync(context, form, "Please check your username and password.", options.User);
            return;
        }
        else
        {
            var challenge = Given("code_challenge");
            answer.Add("code", sessions.NewCode(new Sessions.Grant(Given("client_id"), redirect, challenge.Length == 0 ? null : challenge, Given("code_challenge_method") == "plain", store.Now)));
        }
        if (state.Length > 0) answer.Add("state", state);
        context.Response.Redirect(redirect + (redirect.Contains('?', StringComparison.Ordinal) ? "&" + answer.ToString()[1..] : answer.ToString()));
    }

    private async Task TokenAsync(HttpContext context)
    {
        var form = await FormAsync(context);
        string Given(string name) => form.GetValueOrDefault(name) ?? "";
        var clientId = Given("client_id");
        if (context.Request.Headers.Authorization.ToString() is var basic && basic.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            clientId = Encoding.UTF8.GetString(Convert.FromBase64String(basic[6..])).Split(':')[0];
        switch (Given("grant_type"))
        {
            case "authorization_code":
                var grant = sessions.TakeCode(Given("code"), out var expired);
                if (grant is null) await RefuseAsync(context, "invalid_grant", expired ? "expired authorization code" : "invalid authorization code");
                else if (grant.ClientId != clientId) await RefuseAsync(context, "invalid_client_id", "client identifier invalid");
                else if (grant.RedirectUri != Given("redirect_uri")) await RefuseAsync(context, "redirect_uri_mismatch", "redirect_uri must match configuration");
                else if (!Proves(grant, Given("code_verifier"))) await RefuseAsync(context, "invalid_grant", "invalid code verifier");
                else
                {
                    var refresh = sessions.NewRefreshToken(clientId);
                    await GiveAsync(context, sessions.NewAccessToken(refresh), refresh, "refresh_token web api");
                }
                break;
            case "refresh_token":
                var known = Given("refresh_token");
                if (!sessions.IsRefreshToken(known)) await RefuseAsync(context, "invalid_grant", "expired access/refresh token");
                else await GiveAsync(context, sessions.NewAccessToken(known), null, "refresh_token web api");
                break;
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                if (Jwt.Judge(Given("assertion"), options, store.Now) is var (error, description)) await RefuseAsync(context, error, description);
                else await GiveAsync(context, sessions.NewAccessToken(null), null, "web api", jwt: true);
                break;
            case "client_credentials":
                if (clientId.Length == 0) await RefuseAsync(context, "invalid_client_id", "client identifier invalid");
                else await GiveAsync(context, sessions.NewAccessToken(null), null, "api");
                break;
            case "password":
                // Salesforce wants the security token right behind the password.
                if (Given("username") == options.User && Given("password").StartsWith(options.Password, StringComparison.Ordinal))
                    await GiveAsync(context, sessions.NewAccessToken(null), null, "web api");
                else await RefuseAsync(context, "invalid_grant", "authentication failure");
                break;
            default:
                await RefuseAsync(context, "unsupported_grant_type", "grant type not supported");
                break;
        }
    }

    /// <summary>A challenge without a method is S256 here, unlike in RFC 7636: sf and jsforce rely on it.</summary>
    private static bool Proves(Sessions.Grant grant, string verifier)
    {
        if (grant.Challenge is null) return true;
        if (grant.Plain) return grant.Challenge == verifier;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return grant.Challenge.TrimEnd('=') == hash;
    }

    private Task GiveAsync(HttpContext context, string access, string? refresh, string scope, bool jwt = false) => JsonAsync(context, 200, json =>
    {
        var issued = (store.Now * 1000L).ToString(System.Globalization.CultureInfo.InvariantCulture);
        json.WriteStartObject();
        json.WriteString("access_token", access);
        if (refresh is not null) json.WriteString("refresh_token", refresh);
        if (!jwt) json.WriteString("signature", Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(_identity.Url + issued))));
        json.WriteString("scope", scope);
        json.WriteString("instance_url", options.PublicUrl);
        json.WriteString("id", _identity.Url);
        json.WriteString("token_type", "Bearer");
        if (!jwt) json.WriteString("issued_at", issued);
        json.WriteEndObject();
    });

    private async Task RevokeAsync(HttpContext context, RequestTarget target)
    {
        var token = context.Request.Method == "POST" ? (await FormAsync(context)).GetValueOrDefault("token") : target.Query.GetValueOrDefault("token");
        if (token is not null && sessions.Revoke(token)) return;
        await RefuseAsync(context, "invalid_token", "The token is not valid");
    }

    private async Task IntrospectAsync(HttpContext context)
    {
        var token = (await FormAsync(context)).GetValueOrDefault("token") ?? "";
        var active = sessions.IsLive(token) || sessions.IsRefreshToken(token);
        await JsonAsync(context, 200, json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("active", active);
            if (active) json.WriteString("username", options.User);
            json.WriteEndObject();
        });
    }

    private Task UserInfoAsync(HttpContext context, RequestTarget target)
    {
        var token = Bearer(context.Request) ?? target.Query.GetValueOrDefault("access_token");
        return sessions.IsLive(token) ? JsonAsync(context, 200, _identity.UserInfo) : ForbidAsync(context, token is null ? "Missing_OAuth_Token" : "Bad_OAuth_Token");
    }

    private Task IdentityAsync(HttpContext context, RequestTarget target)
    {
        var token = Bearer(context.Request) ?? target.Query.GetValueOrDefault("oauth_token");
        if (!sessions.IsLive(token)) return ForbidAsync(context, token is null ? "Missing_OAuth_Token" : "Bad_OAuth_Token");
        if (target.Is(1, store.OrganizationId) && target.Is(2, store.AdminId)) return JsonAsync(context, 200, _identity.Write);
        context.Response.StatusCode = 404;
        return context.Response.WriteAsync("Bad_Id");
    }

    private static async Task<Dictionary<string, string>> FormAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        return RequestTarget.Parse("/?" + body).Query.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
    }

    private static Task RefuseAsync(HttpContext context, string error, string description) => JsonAsync(context, 400, json => Error(json, error, description));

    private static void Error(Utf8JsonWriter json, string error, string description)
    {
        json.WriteStartObject();
        json.WriteString("error", error);
        json.WriteString("error_description", description);
        json.WriteEndObject();
    }

    private static Task ForbidAsync(HttpContext context, string text)
    {
        context.Response.StatusCode = (int)HttpStatusCode.Forbidden;
        context.Response.ContentType = "text/html;charset=UTF-8";
        return context.Response.WriteAsync(text);
    }

    private static Task JsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> write) => HttpAnswers.WriteAsync(context, ApiAnswer.Of(write, status));
}
