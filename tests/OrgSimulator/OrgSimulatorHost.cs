using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrgSimulator.Admin;
using OrgSimulator.Loading;
using OrgSimulator.Metadata;
using OrgSimulator.OAuth;
using OrgSimulator.Rest;
using OrgSimulator.Soap;
using OrgSimulator.Store;

namespace OrgSimulator;

/// <summary>
/// A Salesforce org on a socket. Tests start it in their own process on any free port:
/// <c>await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions { DataFolder = … });</c>
/// </summary>
public sealed class OrgSimulatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Router _router;
    private readonly Trace? _trace;

    private OrgSimulatorHost(WebApplication app, Router router, Trace? trace)
    {
        _app = app;
        _router = router;
        _trace = trace;
    }

    /// <summary>Address without a trailing slash, such as http://127.0.0.1:40123.</summary>
    public string Url => _router.Options.PublicUrl;
    public Uri Uri => new(Url);
    public SimulatorOptions Options => _router.Options;
    public OrgStore Store => _router.Dml.Store;
    public Dml Dml => _router.Dml;
    public Faults Faults => _router.Faults;
    public Sessions Sessions => _router.Sessions;
    public ConnectedApps Apps => _router.Apps;
    public OrgMetadata Metadata => _router.Metadata;

    /// <summary>Calls used so far and the daily limit, which a test may lower.</summary>
    public ApiMeter Meter => _router.Meter;

    /// <summary>A new session of the admin, without the way through OAuth.</summary>
    public string NewAccessToken() => Sessions.NewAccessToken(null);

    /// <summary>A new approval of the admin for an app: the refresh token that goes with it.</summary>
    public string NewRefreshToken(string clientId = "test") => Sessions.NewRefreshToken(clientId);

    /// <exception cref="LoadException">The data folder cannot be loaded; the message says file, line, cause and remedy.</exception>
    public static async Task<OrgSimulatorHost> StartAsync(SimulatorOptions options, CancellationToken cancellationToken = default)
    {
        var store = OrgBuilder.Build(options);
        if (options.EventLogDays > 0) EventLogs.Add(store, options.EventLogDays);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.AnyAddress ? IPAddress.Any : IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Limits.MaxRequestBodySize = null;
            // Beyond these Kestrel itself answers 414 and 431; the org's own limit lies below and is told in the router.
            kestrel.Limits.MaxRequestLineSize = 64 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
            kestrel.AddServerHeader = false;
        });
        builder.Services.AddRequestDecompression();
        builder.Services.AddResponseCompression(compression =>
        {
            compression.Providers.Add<GzipCompressionProvider>();
            compression.MimeTypes = ["application/json", "text/csv", "text/xml", "application/octet-stream"];
        });
        builder.Services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = System.IO.Compression.CompressionLevel.Fastest);
        var app = builder.Build();
        var trace = options.TraceFile is { } file ? new Trace(file, options.Time) : null;
        app.UseRequestDecompression();
        app.UseResponseCompression();
        if (trace is not null) app.Use((context, next) => trace.RunAsync(context, () => next(context)));
        Router? router = null;
        app.Run(context => router!.HandleAsync(context));
        await app.StartAsync(cancellationToken);
        router = new Router(options with { PublicUrl = options.PublicUrl.Length > 0 ? options.PublicUrl : app.Urls.First().TrimEnd('/').Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal) }, new Dml(store));
        return new OrgSimulatorHost(app, router, trace);
    }

    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    /// <exception cref="UnmetFaultException">A planned fault did not happen, or not as often as planned.</exception>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _trace?.Dispose();
        if (Faults.Planned.Unmet is { Count: > 0 } unmet) throw new UnmetFaultException(unmet);
    }
}

/// <summary>Faults, sessions and metering around the resources; see the pipeline order of the fact sheet, section 11.</summary>
public sealed class Router
{
    private const int MostUriBytes = 16_384;
    private readonly RestApi _rest;
    private readonly OAuthEndpoints _oauth;
    private readonly SoapEndpoint _soap;
    private readonly MetadataEndpoint _metadata;
    private readonly AdminEndpoints _admin;
    private readonly FaultPipeline _pipeline;
    private readonly Changes _changes;

    public Router(SimulatorOptions options, Dml dml)
    {
        Options = options;
        Dml = dml;
        Meter = new ApiMeter(options.ApiLimit);
        Sessions = new Sessions(dml.Store, options);
        Apps = new ConnectedApps(options);
        Metadata = new OrgMetadata(dml.Store);
        if (options.DataFolder is { } folder && !File.Exists(Path.Combine(folder, IndexedFolder.IndexName))) SourceFolder.Load(Metadata, folder);
        var metadataJobs = new MetadataJobs(Metadata, options);
        _metadata = new MetadataEndpoint(Metadata, metadataJobs, Sessions, Meter);
        _rest = new RestApi(dml, options, Meter, new MetadataResource(metadataJobs));
        _oauth = new OAuthEndpoints(dml.Store, Sessions, Apps, options);
        _soap = new SoapEndpoint(dml, Sessions, options, Meter, _rest.Handle);
        Faults = new Faults(new FaultPlan(options.Seed, options.Time), dml.Store);
        foreach (var fault in options.Faults) Faults.Plan(fault);
        _pipeline = new FaultPipeline(dml, Faults.Planned, Sessions.ExpireAccessTokens);
        _changes = new Changes(dml, options);
        _admin = new AdminEndpoints(dml, Faults, _changes);
    }

    public SimulatorOptions Options { get; }
    public Dml Dml { get; }
    public ApiMeter Meter { get; }
    public Sessions Sessions { get; }
    public ConnectedApps Apps { get; }
    public OrgMetadata Metadata { get; }
    public Faults Faults { get; }

    public async Task HandleAsync(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (raw.Length > MostUriBytes || raw.Length + context.Request.Headers.Sum(header => header.Key.Length + header.Value.ToString().Length + 4) > MostUriBytes)
        {
            context.Response.StatusCode = raw.Length > MostUriBytes ? 414 : 431;
            return;
        }
        var target = RequestTarget.Parse(raw);
        if (target.Segments.Count > 0 && target.Segments[0].StartsWith("__", StringComparison.Ordinal))
        {
            await _admin.HandleAsync(context, target);
            return;
        }
        var call = new Faults.ApiCall(context.Request.Method, raw);
        Faults.Note(call);
        if (Faults.Before is { } before) await before(call, context.RequestAborted);
        var fault = Faults.Take(raw);
        if (fault is (int status, var code, var message))
        {
            await HttpAnswers.WriteAsync(context, ApiAnswer.Failure(status, code, message));
            return;
        }
        _changes.CatchUp();
        try
        {
            if (fault is not null) await FaultPipeline.DropAsync(context, () => DispatchAsync(context, target), () => { });
            else await _pipeline.RunAsync(context, call, () => DispatchAsync(context, target));
        }
        catch (Exception problem) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            // A defect of the simulator: the client gets what Salesforce answers to its own, and whoever runs it the reason.
            await Options.Warnings.WriteLineAsync($"warning: {call.Method} {call.Path} failed: {problem}");
            await HttpAnswers.WriteAsync(context, ApiAnswer.Failure(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)"));
        }
    }

    private Task DispatchAsync(HttpContext context, RequestTarget target)
    {
        if (target.Is(0, "id") || target.Is(0, ".well-known") || target.Is(0, "services") && target.Is(1, "oauth2")) return _oauth.HandleAsync(context, target);
        if (target.Is(0, "services") && target.Is(1, "Soap") && target.Is(2, "u")) return _soap.HandleAsync(context, target.Segments.Count > 3 ? target.Segments[3] : "68.0");
        if (target.Is(0, "services") && target.Is(1, "Soap") && target.Is(2, "m")) return _metadata.HandleAsync(context);
        if (target.Is(0, "services") && target.Is(1, "data")) return DataAsync(context, target);
        return HttpAnswers.WriteAsync(context, ApiException.NotFound.Answer());
    }

    private async Task DataAsync(HttpContext context, RequestTarget target)
    {
        if (target.Segments.Count == 2)
        {
            await HttpAnswers.WriteAsync(context, OrgResources.Versions(Options.NewestVersion));
            return;
        }
        if (target.Version is not { } version)
        {
            await HttpAnswers.WriteAsync(context, ApiException.NotFound.Answer());
            return;
        }
        if (Faults.ExpireNow()) Sessions.ExpireAccessTokens();
        if (!Sessions.IsLive(OAuthEndpoints.Bearer(context.Request)))
        {
            context.Response.Headers.WWWAuthenticate = "Token";
            await HttpAnswers.WriteAsync(context, ApiAnswer.Failure(401, "INVALID_SESSION_ID", "Session expired or invalid"));
            return;
        }
        if (Meter.Used >= Meter.Max)
        {
            await HttpAnswers.WriteAsync(context, ApiAnswer.Failure(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."));
            return;
        }
        Meter.Count();
        context.Response.Headers["Sforce-Limit-Info"] = Meter.ToString();
        using var body = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        try
        {
            // What the middleware could unpack it did, and took the header away.
            if (context.Request.Headers.ContentEncoding is [{ Length: > 0 } unknown, ..] && !unknown.Equals("identity", StringComparison.OrdinalIgnoreCase))
                throw new ApiException(415, "UNSUPPORTED_MEDIA_TYPE", $"Content-Encoding '{unknown}' not supported; bodies are plain, gzip or deflate");
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (ApiException refused)
        {
            await HttpAnswers.WriteAsync(context, refused.Answer());
            return;
        }
        catch (InvalidDataException problem)
        {
            await HttpAnswers.WriteAsync(context, ApiAnswer.Failure(400, "JSON_PARSER_ERROR", $"The body cannot be unpacked: {problem.Message}"));
            return;
        }
        var method = HttpMethods.IsHead(context.Request.Method) ? "GET" : context.Request.Method;     // Kestrel leaves the body of the answer out
        var request = new ApiRequest(method, version, target.Rest, target.Query, body.GetBuffer().AsMemory(0, (int)body.Length),
            context.Request.ContentType, name => context.Request.Headers[name] is [{ } value, ..] ? value : null);
        await HttpAnswers.WriteAsync(context, _rest.Handle(request));
    }
}
