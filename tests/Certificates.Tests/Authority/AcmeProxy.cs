using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ExampleStacks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Certificates.Tests.Authority;

/// <param name="Kind">nonce, account, order, order-at, authorization, challenge, finalize, certificate, orders, renewal, directory.</param>
/// <param name="Payload">What was signed; null: nothing was, or it was empty.</param>
public sealed record AcmeCall(string Kind, string Path, JsonNode? Payload);

/// <summary>
/// In front of pebble, keeping its Host header so that pebble's addresses lead through here: adds renewal information, `replaces`, profiles and Retry-After, writes down what was asked, and can
/// refuse a call or hold it, before pebble hears of it or before its answer goes back.
/// </summary>
public sealed class AcmeProxy : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Kinds = new() { ["dir"] = "directory", ["nonce-plz"] = "nonce", ["sign-me-up"] = "account", ["my-account"] = "account-at", ["order-plz"] = "order", ["my-order"] = "order-at", ["list-orderz"] = "orders", ["authZ"] = "authorization", ["chalZ"] = "challenge", ["finalize-order"] = "finalize", ["certZ"] = "certificate", ["renewal"] = "renewal" };

    private readonly HttpClient _pebble;
    private readonly int _port;
    private readonly ConcurrentQueue<(string Kind, int Status, string Type, string Detail, string? RetryAfter)> _faults = new();
    private WebApplication _app = null!;

    private AcmeProxy(int port, TestAuthority tls)
    {
        _port = port;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { tls.Root } };
        _pebble = new HttpClient(new SocketsHttpHandler { SslOptions = { TargetHost = "localhost", CertificateChainPolicy = policy }, AllowAutoRedirect = false });
    }

    public Uri Directory { get; private set; } = null!;
    public ConcurrentQueue<AcmeCall> Calls { get; } = new();
    /// <summary>Addresses of the orders and accounts that pebble really made.</summary>
    public ConcurrentDictionary<string, string> Made { get; } = new();

    /// <summary>Awaited before pebble is asked, and when it has done what was asked, before its answer goes back.</summary>
    public Func<AcmeCall, Task>? Before { get; set; }
    public Func<AcmeCall, Task>? After { get; set; }

    public bool HasRenewal { get; set; } = true;
    /// <summary>id → window; another one gets one far away.</summary>
    public ConcurrentDictionary<string, (DateTimeOffset Start, DateTimeOffset End)> Windows { get; } = new();
    public HashSet<string> Replaced { get; } = [];

    public int Count(string kind) => Calls.Count(c => c.Kind == kind);

    /// <summary>Answers the next call of a kind with a problem.</summary>
    public void Refuse(string kind, int status, string type, string detail = "because the test says so", string? retryAfter = null) => _faults.Enqueue((kind, status, type, detail, retryAfter));

    public bool AllFaultsMet => _faults.IsEmpty;

    /// <param name="otherName">By which containers reach it; null: this machine alone does.</param>
    public static async Task<AcmeProxy> StartAsync(int pebblePort, TestAuthority tls, string? otherName = null)
    {
        var proxy = new AcmeProxy(pebblePort, tls);
        var issued = tls.Issue(otherName is null ? ["localhost"] : ["localhost", otherName]);
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem, issued.KeyPem);
        var served = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);
        var chain = new X509Certificate2Collection { issued.Issuers[0] };
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(otherName is null ? IPAddress.Loopback : IPAddress.Any, 0, l => l.UseHttps(h => (h.ServerCertificate, h.ServerCertificateChain) = (served, chain))));
        proxy._app = builder.Build();
        proxy._app.Run(proxy.HandleAsync);
        await proxy._app.StartAsync();
        var address = proxy._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        proxy.Directory = new Uri($"https://localhost:{new Uri(address).Port}/dir");
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        (Before, After) = (null, null);
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
        _pebble.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        var body = memory.ToArray();
        var path = context.Request.Path.Value!;
        var call = new AcmeCall(Kinds.GetValueOrDefault(path.Split('/')[1], "other"), path, Payload(body));
        Calls.Enqueue(call);
        if (Before is { } before) await before(call);
        if (_faults.TryPeek(out var fault) && fault.Kind == call.Kind && _faults.TryDequeue(out fault))
        {
            await ProblemAsync(context, fault.Status, fault.Type, fault.Detail, fault.RetryAfter);
            return;
        }
        if (call.Kind == "renewal") await RenewalAsync(context, path.Split('/')[^1]);
        else if (call.Kind == "order" && call.Payload?["profile"] is { } profile && profile.ToString() != "shortlived") await ProblemAsync(context, 400, "invalidProfile", $"no profile {profile}", null);
        else if (call.Kind == "order" && call.Payload?["replaces"] is { } replaces && !Replaced.Add(replaces.ToString())) await ProblemAsync(context, 409, "alreadyReplaced", "it was replaced", null);
        else await ForwardAsync(context, call, body);
    }

    private async Task ForwardAsync(HttpContext context, AcmeCall call, byte[] body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"https://127.0.0.1:{_port}{call.Path}");
        request.Headers.Host = context.Request.Host.Value;
        foreach (var name in new[] { "User-Agent", "Accept" }) request.Headers.TryAddWithoutValidation(name, context.Request.Headers[name].ToArray());
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }
        using var answer = await _pebble.SendAsync(request);
        var content = await answer.Content.ReadAsByteArrayAsync();
        if (call.Kind is "order" or "account" && answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK && answer.Headers.Location is { } made) Made[made.AbsoluteUri] = call.Kind;
        if (call.Kind == "directory") content = Extended(content, context.Request.Host.Value!);
        if (After is { } after && answer.IsSuccessStatusCode) await after(call);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var name in new[] { "Replay-Nonce", "Location", "Link" })
            if (answer.Headers.TryGetValues(name, out var values)) context.Response.Headers[name] = values.ToArray();
        if (call.Kind is "order" or "order-at" or "authorization" or "finalize") context.Response.Headers.RetryAfter = "0";
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        if (context.Request.Method != "HEAD") await context.Response.Body.WriteAsync(content);
    }

    private byte[] Extended(byte[] directory, string host)
    {
        var document = JsonNode.Parse(directory)!;
        if (HasRenewal) document["renewalInfo"] = $"https://{host}/renewal";
        document["meta"]!["profiles"] = new JsonObject { ["shortlived"] = "https://example.org/shortlived" };
        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    private async Task RenewalAsync(HttpContext context, string id)
    {
        var (start, end) = Windows.TryGetValue(id, out var window) ? window : (DateTimeOffset.UtcNow.AddDays(60), DateTimeOffset.UtcNow.AddDays(61));
        context.Response.Headers.RetryAfter = "21600";
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject { ["suggestedWindow"] = new JsonObject { ["start"] = start.ToString("O"), ["end"] = end.ToString("O") } }.ToJsonString());
    }

    private static async Task ProblemAsync(HttpContext context, int status, string type, string detail, string? retryAfter)
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
        context.Response.ContentType = "application/problem+json";
        await context.Response.WriteAsync(new JsonObject { ["type"] = "urn:ietf:params:acme:error:" + type, ["detail"] = detail, ["status"] = status }.ToJsonString());
    }

    private static JsonNode? Payload(byte[] body)
    {
        if (body.Length == 0) return null;
        var payload = JsonNode.Parse(body)!["payload"]!.ToString();
        return payload.Length == 0 ? null : JsonNode.Parse(Base64Url.DecodeFromChars(payload));
    }
}
