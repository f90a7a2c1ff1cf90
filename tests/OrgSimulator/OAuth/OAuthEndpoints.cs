using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using OrgSimulator.Rest;
using OrgSimulator.Store;

namespace OrgSimulator.OAuth;

/// <summary>authorize, token, revoke, introspect, userinfo and the identity address.</summary>
public sealed class OAuthEndpoints(OrgStore store, Sessions sessions, ConnectedApps apps, SimulatorOptions options)
{
    private static readonly string[] Scopes = ["api", "web", "full", "id", "profile", "email", "address", "phone", "openid", "refresh_token", "offline_access", "visualforce", "chatter_api",
        "custom_permissions", "content", "wave_api", "eclair_api", "pardot_api", "lightning", "sfap_api", "cdp_api", "user_registration_api", "forgot_password", "interaction_api", "cdp_query_api"];

    private readonly Identity _identity = new(store, options);
    private readonly IdTokens _idTokens = new(options);
    private readonly SignInRate _signIns = new();

    public Task HandleAsync(HttpContext context, RequestTarget target)
    {
        if (target.Is(0, "id") && target.Is(1, "keys")) return JsonAsync(context, 200, _idTokens.Keys);
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
        if (AuthorizeProblem(Given("client_id"), redirect, Given("response_type")) is var (problem, why))
        {
            await LoginPage.WriteErrorAsync(context, problem, why);
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
        else if (Given("scope").Split([' ', '+'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(scope => !Scopes.Contains(scope)) is { } unknown)
        {
            answer.Add("error", "invalid_scope");
            answer.Add("error_description", $"the requested scope is invalid, unknown, or malformed: {unknown}");
        }
        else if (Given("username") != options.User || Given("pw") != options.Password && Given("password") != options.Password)
        {
            await LoginPage.WriteAsync(context, form, "Please check your username and password.", options.User);
            return;
        }
        else
        {
            var challenge = Given("code_challenge");
            var scope = Given("scope").Length == 0 ? "refresh_token web api" : Given("scope").Replace('+', ' ');
            answer.Add("code", sessions.NewCode(new Sessions.Grant(Given("client_id"), redirect, challenge.Length == 0 ? null : challenge, Given("code_challenge_method") == "plain", store.Now, scope)));
        }
        if (state.Length > 0) answer.Add("state", state);
        context.Response.Redirect(redirect + (redirect.Contains('?', StringComparison.Ordinal) ? "&" + answer.ToString()[1..] : answer.ToString()));
    }

    private (string Error, string Description)? AuthorizeProblem(string clientId, string redirect, string responseType)
    {
        if (apps.Find(clientId) is not { } app) return ("invalid_client_id", "client identifier invalid");
        if (!Uri.TryCreate(redirect, UriKind.Absolute, out _) || app.RedirectUris.Count > 0 && !app.RedirectUris.Contains(redirect, StringComparer.Ordinal))
            return ("redirect_uri_mismatch", "redirect_uri must match configuration");
        return responseType == "code" ? null : ("unsupported_response_type", "response type not supported");
    }

    private async Task TokenAsync(HttpContext context)
    {
        var form = await FormAsync(context);
        string Given(string name) => form.GetValueOrDefault(name) ?? "";
        var (clientId, secret) = ClientOf(context.Request, form);
        if (sessions.RefuseSignIns is var (refusedWith, because)) await RefuseAsync(context, refusedWith, because);
        else if (!_signIns.Take(store.Now)) await RefuseAsync(context, "rate_limit_exceeded", "login rate exceeded");
        else
            switch (Given("grant_type"))
            {
                case "authorization_code":
                    await CodeAsync(context, form, clientId, secret);
                    break;
                case "refresh_token":
                    await RefreshAsync(context, Given("refresh_token"), clientId, secret);
                    break;
                case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                    var (app, error, description) = Jwt.Judge(Given("assertion"), apps, options, store.Now);
                    if (app is null) await RefuseAsync(context, error, description);
                    else await GiveAsync(context, app, sessions.NewAccessToken(null, app.ClientId, "web api"), null, "web api", jwt: true);
                    break;
                case "client_credentials":
                    if (apps.Find(clientId) is not { } machine) await RefuseAsync(context, "invalid_client_id", "client identifier invalid");
                    else if (secret.Length == 0 || machine.Secret is not null && machine.Secret != secret) await RefuseAsync(context, "invalid_client", "invalid client credentials", 401);
                    else await GiveAsync(context, machine, sessions.NewAccessToken(null, clientId, "api"), null, "api");
                    break;
                case "password":
                    await PasswordAsync(context, Given("username"), Given("password"), clientId, secret);
                    break;
                case "":
                    await RefuseAsync(context, "invalid_request", "grant_type is missing");
                    break;
                default:
                    await RefuseAsync(context, "unsupported_grant_type", "grant type not supported");
                    break;
            }
    }

    private async Task CodeAsync(HttpContext context, Dictionary<string, string> form, string clientId, string secret)
    {
        string Given(string name) => form.GetValueOrDefault(name) ?? "";
        var grant = sessions.TakeCode(Given("code"), out var expired);
        if (grant is null) await RefuseAsync(context, "invalid_grant", expired ? "expired authorization code" : "invalid authorization code");
        else if (grant.ClientId != clientId || apps.Find(clientId) is not { } app) await RefuseAsync(context, "invalid_client_id", "client identifier invalid");
        else if (app.Secret is not null && app.Secret != secret) await RefuseAsync(context, "invalid_client", "invalid client credentials", 401);
        else if (grant.RedirectUri != Given("redirect_uri")) await RefuseAsync(context, "redirect_uri_mismatch", "redirect_uri must match configuration");
        else if (!Proves(grant, Given("code_verifier"))) await RefuseAsync(context, "invalid_grant", "invalid code verifier");
        else
        {
            var scopes = grant.Scope.Split(' ');
            var refresh = scopes.Contains("refresh_token") || scopes.Contains("offline_access") ? sessions.Approve(clientId, grant.Scope) : null;
            await GiveAsync(context, app, sessions.NewAccessToken(refresh, clientId, grant.Scope), refresh, grant.Scope);
        }
    }

    private async Task RefreshAsync(HttpContext context, string token, string clientId, string secret)
    {
        if (sessions.FindApproval(token) is not { } approval) await RefuseAsync(context, "invalid_grant", "expired access/refresh token");
        else if (apps.Find(clientId.Length == 0 ? approval.ClientId : clientId) is not { } app) await RefuseAsync(context, "invalid_client_id", "client identifier invalid");
        else if (app.Secret is not null && app.Secret != secret) await RefuseAsync(context, "invalid_client", "invalid client credentials", 401);
        else
        {
            var renewed = app.RotatesRefreshTokens ? sessions.Rotate(token) : null;
            await GiveAsync(context, app, sessions.NewAccessToken(renewed ?? token, app.ClientId, approval.Scope), renewed, approval.Scope);
        }
    }

    /// <summary>Salesforce wants the security token right behind the password; new orgs have the whole flow off.</summary>
    private async Task PasswordAsync(HttpContext context, string user, string password, string clientId, string secret)
    {
        if (!options.PasswordSignIn) await RefuseAsync(context, "invalid_grant", "authentication failure");
        else if (apps.Find(clientId) is not { } app) await RefuseAsync(context, "invalid_client_id", "client identifier invalid");
        else if (app.Secret is not null && app.Secret != secret) await RefuseAsync(context, "invalid_client", "invalid client credentials", 401);
        else if (user != options.User) await RefuseAsync(context, "invalid_grant", "authentication failure");
        else if (!password.StartsWith(options.Password, StringComparison.Ordinal)) await RefuseAsync(context, "invalid_grant", "authentication failure - Invalid Password");
        else await GiveAsync(context, app, sessions.NewAccessToken(null, clientId, "web api"), null, "web api");
    }

    private static (string Id, string Secret) ClientOf(HttpRequest request, Dictionary<string, string> form)
    {
        var basic = request.Headers.Authorization.ToString();
        if (!basic.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return (form.GetValueOrDefault("client_id") ?? "", form.GetValueOrDefault("client_secret") ?? "");
        var bytes = new byte[basic.Length];
        if (!Convert.TryFromBase64String(basic[6..].Trim(), bytes, out var length)) return ("", "");
        var pair = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        return (pair[0], pair.Length > 1 ? pair[1] : "");
    }

    /// <summary>A challenge without a method is S256 here, unlike in RFC 7636: sf and jsforce rely on it.</summary>
    private static bool Proves(Sessions.Grant grant, string verifier)
    {
        if (grant.Challenge is null) return true;
        if (grant.Plain) return grant.Challenge == verifier;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return grant.Challenge.TrimEnd('=') == hash;
    }

    private Task GiveAsync(HttpContext context, ConnectedApp app, string access, string? refresh, string scope, bool jwt = false) => JsonAsync(context, 200, json =>
    {
        var issued = (store.Now * 1000L).ToString(System.Globalization.CultureInfo.InvariantCulture);
        json.WriteStartObject();
        json.WriteString("access_token", access);
        if (refresh is not null) json.WriteString("refresh_token", refresh);
        if (!jwt) json.WriteString("signature", Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(app.Secret ?? ""), Encoding.UTF8.GetBytes(_identity.Url + issued))));
        json.WriteString("scope", scope);
        if (scope.Split(' ').Contains("openid")) json.WriteString("id_token", _idTokens.Write(app.ClientId, _identity.Url, store.Now));
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
        var form = await FormAsync(context);
        var (clientId, secret) = ClientOf(context.Request, form);
        if (apps.Find(clientId) is not { } app || app.Secret is not null && app.Secret != secret)
        {
            await RefuseAsync(context, "invalid_client", "invalid client credentials", 401);
            return;
        }
        var token = form.GetValueOrDefault("token") ?? "";
        var session = sessions.Find(token);
        var approval = sessions.FindApproval(token);
        await JsonAsync(context, 200, json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("active", session is not null || approval is not null);
            if (session is not null || approval is not null)
            {
                json.WriteString("scope", session?.Scope ?? approval!.Scope);
                json.WriteString("client_id", session?.ClientId ?? approval!.ClientId);
                json.WriteString("username", options.User);
                json.WriteString("sub", _identity.Url);
                json.WriteString("token_type", session is null ? "refresh_token" : "access_token");
                if (session is not null)
                {
                    json.WriteNumber("exp", session.LastUsed + (long)(options.SessionLife ?? TimeSpan.FromHours(2)).TotalSeconds);
                    json.WriteNumber("iat", session.Issued);
                    json.WriteNumber("nbf", session.Issued);
                }
            }
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

    private static Task RefuseAsync(HttpContext context, string error, string description, int status = 400) => JsonAsync(context, status, json => Error(json, error, description));

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
