using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Demo;

/// <summary>The appliance's REST API, called as any client would. One session cookie for the browser's part, an API token for all else.</summary>
internal sealed class ApplianceClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);    // how long an appliance may not answer (it may be restarting)
    private readonly HttpClient _browser, _api;
    private readonly Uri _address;

    public ApplianceClient(Uri address, FileInfo? authority)
    {
        _address = address;
        _browser = new HttpClient(Handler(authority)) { Timeout = Patience };
        _api = new HttpClient(Handler(authority)) { Timeout = Timeout.InfiniteTimeSpan };   // event streams last as long as their job
    }

    public async Task SetUpAsync(Uri setupLink, string userName, string password, CancellationToken cancellationToken)
    {
        var token = OrgSignIn.Query(setupLink, "token")
            ?? throw new DemoFailure($"The set-up link {setupLink} has no token.", "Give the link as the appliance printed it at its first start.");
        await SendAsync(_browser, HttpMethod.Post, "setup", new { token, userName, password }, cancellationToken);
        await SendAsync(_browser, HttpMethod.Post, "sessions", new { userName, password }, cancellationToken);
        var made = await SendAsync(_browser, HttpMethod.Post, "tokens", new { name = "demo", expiresInDays = 1 }, cancellationToken);
        _api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", made.GetProperty("token").GetString());
    }

    public async Task<Uri> BeginConnectionAsync(string name, Uri loginUrl, CancellationToken cancellationToken)
    {
        // Signed-in browser and connection belong together: the callback accepts only the session that asked.
        var answer = await SendAsync(_browser, HttpMethod.Post, "orgs/connections", new { name, loginUrl, clientId = "demo-client" }, cancellationToken);
        return new Uri(answer.GetProperty("authorizeUrl").GetString()!);
    }

    public Task<string> SignInToOrgAsync(Uri authorize, string user, string password, CancellationToken cancellationToken) =>
        new OrgSignIn(_browser, _address).WalkAsync(authorize, user, password, cancellationToken);

    /// <summary>Starts a job and waits for its end, telling its progress on the way.</summary>
    /// <exception cref="DemoFailure">The job failed or was aborted; carries the job's own cause and remedy.</exception>
    public async Task<JobDocument> RunJobAsync(string path, object? body, Action<string> show, CancellationToken cancellationToken)
    {
        var id = (await SendAsync(_api, HttpMethod.Post, path, body, cancellationToken)).GetProperty("jobId").GetString()!;
        var silentSince = DateTimeOffset.UtcNow;
        while (true)
        {
            try
            {
                var job = await FollowAsync(id, show, cancellationToken);
                if (job.HasEnded) return job.State is "failed" or "aborted" ? throw job.Failure() : job;
                silentSince = DateTimeOffset.UtcNow;
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException or DemoFailure { InnerException: HttpRequestException })
            {
                if (DateTimeOffset.UtcNow - silentSince > Patience) throw Unreachable(lost);
            }
            await Task.Delay(500, cancellationToken);
        }
    }

    public async Task<RestorePlan> PlanAsync(string planId, CancellationToken cancellationToken) =>
        (await GetAsync($"restores/plans/{planId}", cancellationToken)).Deserialize<RestorePlan>(JsonSerializerOptions.Web)!;

    /// <summary>New Ids of the records that a restore had to make anew, by their old Id.</summary>
    public async Task<Dictionary<string, string>> IdMapAsync(string jobId, CancellationToken cancellationToken)
    {
        using var answer = await _api.GetAsync(Address($"restores/{jobId}/id-map"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await RequireSuccessAsync(answer, cancellationToken);
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0) continue;
            var pair = JsonElement.Parse(line);
            map.Add(pair.GetProperty("oldId").GetString()!, pair.GetProperty("newId").GetString()!);
        }
        return map;
    }

    public async Task<long> PeakMemoryAsync(CancellationToken cancellationToken) =>
        (await GetAsync("system", cancellationToken)).GetProperty("peakMemoryBytes").GetInt64();

    public void Dispose()
    {
        _browser.Dispose();
        _api.Dispose();
    }

    private async Task<JobDocument> FollowAsync(string id, Action<string> show, CancellationToken cancellationToken)
    {
        using (var answer = await _api.GetAsync(Address($"jobs/{id}/events"), HttpCompletionOption.ResponseHeadersRead, cancellationToken))
        {
            await RequireSuccessAsync(answer, cancellationToken);
            var events = SseParser.Create(await answer.Content.ReadAsStreamAsync(cancellationToken));
            await foreach (var change in events.EnumerateAsync(cancellationToken))
            {
                if (change.Data.Length == 0) continue;
                var job = JsonSerializer.Deserialize<JobDocument>(change.Data, JsonSerializerOptions.Web)!;
                if (job.Progress is { } progress) show(progress.ToString());
                if (job.HasEnded) break;
            }
        }
        return (await GetAsync($"jobs/{id}", cancellationToken)).Deserialize<JobDocument>(JsonSerializerOptions.Web)!;
    }

    private Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(_api, HttpMethod.Get, path, null, cancellationToken);

    private async Task<JsonElement> SendAsync(HttpClient client, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, Address(path));
        if (body is not null) request.Content = JsonContent.Create(body);
        try
        {
            using var answer = await client.SendAsync(request, cancellationToken);
            await RequireSuccessAsync(answer, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return text.Length == 0 ? default : JsonElement.Parse(text);
        }
        catch (HttpRequestException lost)
        {
            throw Unreachable(lost);
        }
    }

    /// <exception cref="HttpRequestException">The proxy says that the server is away.</exception>
    /// <exception cref="DemoFailure">The appliance refused; carries the problem document's cause and remedy.</exception>
    private async Task RequireSuccessAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode) return;
        var call = $"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.AbsolutePath}";
        if (answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
            throw new HttpRequestException($"{call} answered {(int)answer.StatusCode}: the server behind the proxy is away");
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        string? cause = null, remedy = null;
        if (answer.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json" && text.StartsWith('{'))
        {
            var problem = JsonElement.Parse(text);
            cause = (problem.Text("cause") ?? problem.Text("detail")) ?? problem.Text("title");
            remedy = problem.Text("remedy");
        }
        throw new DemoFailure($"{call} answered {(int)answer.StatusCode}: {cause ?? text}", remedy ?? "See the server's log.");
    }

    private DemoFailure Unreachable(Exception lost) =>
        new($"The appliance at {_address} does not answer: {lost.Message}", "Look whether it still runs, and into the server's log.", lost);

    private Uri Address(string path) => new(_address, $"/api/v1/{path}");

    private static SocketsHttpHandler Handler(FileInfo? authority)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };
        if (authority is null) return handler;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authority.FullName);
        handler.SslOptions.CertificateChainPolicy = policy;
        return handler;
    }
}
