using System.Collections.Concurrent;
using System.Text;
using Appliance.Salesforce;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Salesforce.Tests;

/// <summary>What the fake was asked.</summary>
internal sealed record Received(string Method, string Target, string Body, IHeaderDictionary Headers)
{
    public string Path => Target.Split('?')[0];
    public string Token => Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
}

/// <summary>
/// An org that answers just what a test scripts, over a real socket: for quirks of the wire that a well-behaved org would not show on demand.
/// Versions and tokens are answered by itself.
/// </summary>
internal sealed class FakeOrg : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<HttpContext, Received, Task> _answer;
    private readonly HttpClient _http = Org.NewHttpClient();
    private int _tokens;

    private FakeOrg(WebApplication app, Func<HttpContext, Received, Task> answer) => (_app, _answer) = (app, answer);

    public ConcurrentQueue<Received> Requests { get; } = [];
    public string NewestVersion { get; set; } = "68.0";
    public Func<HttpContext, Task>? TokenAnswer { get; set; }
    public List<OAuthTokens> StoredTokens { get; } = [];
    public Uri Url { get; private set; } = new("http://localhost");

    public IEnumerable<Received> Calls => Requests.Where(r => r.Path is not ("/services/data" or "/services/oauth2/token"));
    public int TokenPosts => Requests.Count(r => r.Path == "/services/oauth2/token");

    public static async Task<FakeOrg> StartAsync(Func<HttpContext, Received, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestLineSize = 32 * 1024;
        });
        var app = builder.Build();
        var fake = new FakeOrg(app, answer);
        app.Run(fake.HandleAsync);
        await app.StartAsync();
        fake.Url = new Uri(app.Urls.Single());
        return fake;
    }

    public Org Connect(string token = "00DXX0000001gER!first", string? refreshToken = "5Aep-refresh", TimeProvider? time = null, ILogger<Org>? log = null) => new(
        _http, new(Url, "client", "secret", Url, token, refreshToken),
        (tokens, _) => { StoredTokens.Add(tokens); return Task.CompletedTask; },
        time ?? new HurriedTime(), log ?? NullLogger<Org>.Instance);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>Ends the session: the 401 every API answers.</summary>
    public static Task Expired(HttpContext context) => Error(context, 401, "INVALID_SESSION_ID", "Session expired or invalid");

    public static Task Error(HttpContext context, int status, string code, string message) =>
        Json(context, $$"""[{"message":"{{message}}","errorCode":"{{code}}"}]""", status);

    public static Task Json(HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json;charset=UTF-8";
        return context.Response.WriteAsync(json);
    }

    /// <summary>Announces the whole body and sends a part of it; the server closes the connection behind that. (An abort would lose what was sent.)</summary>
    public static Task CutOff(HttpContext context, string body, int bytes)
    {
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(body);
        return context.Response.WriteAsync(body[..bytes]);
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var received = new Received(context.Request.Method, target, await reader.ReadToEndAsync(), new HeaderDictionary(context.Request.Headers.ToDictionary()));
        Requests.Enqueue(received);
        switch (received.Path)
        {
            case "/services/data":
                await Json(context, $$"""[{"label":"Old","url":"/services/data/v31.0","version":"31.0"},{"label":"New","url":"/services/data/v{{NewestVersion}}","version":"{{NewestVersion}}"}]""");
                break;
            case "/services/oauth2/token" when TokenAnswer is not null:
                await TokenAnswer(context);
                break;
            case "/services/oauth2/token":
                var token = $"00DXX0000001gER!renewed{Interlocked.Increment(ref _tokens)}";
                await Json(context, $$"""{"access_token":"{{token}}","instance_url":"{{Url.GetLeftPart(UriPartial.Authority)}}","id":"{{Url}}id/00DXX0000001gER2AY/005XX000001Sv6mYAC","token_type":"Bearer","issued_at":"1763856000000"}""");
                break;
            default:
                await _answer(context, received);
                break;
        }
    }
}

/// <summary>The real clock, but waits of less than a minute are over at once. Time-outs stay what they are.</summary>
internal sealed class HurriedTime : TimeProvider
{
    public ConcurrentQueue<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= TimeSpan.Zero || dueTime >= TimeSpan.FromSeconds(60))
            return base.CreateTimer(callback, state, dueTime, period);
        Waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
    }
}
