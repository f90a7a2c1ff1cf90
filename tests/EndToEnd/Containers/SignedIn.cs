using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Demo;
using OrgSimulator;
using Xunit;

namespace EndToEnd.Containers;

/// <summary>A user of the appliance in a browser: signed in with a session cookie, through the front door, over TLS.</summary>
internal sealed class SignedIn(Uri appliance, TlsDoor orgDoor) : IDisposable
{
    public const string User = "ann", Password = "Recognisable-password-of-ann-4711";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private readonly HttpClient _browser = New(appliance, orgDoor, reuse: true, new CookieContainer());
    private string _cookie = "";

    public string OrgId { get; private set; } = "";

    /// <summary>The value of the session's cookie.</summary>
    public string Session => _cookie[(_cookie.IndexOf('=') + 1)..];

    public async Task SetUpAsync(string setupLink)
    {
        await SendAsync(HttpMethod.Post, "setup", new { token = OrgSignIn.Query(new Uri(setupLink.Trim()), "token"), userName = User, password = Password });
        await SignInAsync();
    }

    public async Task SignInAsync()
    {
        using var answer = await _browser.PostAsJsonAsync("/api/v1/sessions", new { userName = User, password = Password });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        _cookie = answer.Headers.GetValues("Set-Cookie").First(c => c.StartsWith("appliance=", StringComparison.Ordinal)).Split(';')[0];
    }

    /// <summary>Connects the org, or connects it again.</summary>
    public async Task ConnectAsync(OrgSimulatorHost org, string clientSecret)
    {
        var begun = await SendAsync(HttpMethod.Post, "orgs/connections", new { name = "Acme", loginUrl = org.Url, clientId = "containers", clientSecret });
        await new OrgSignIn(_browser, appliance).WalkAsync(new Uri(begun.GetProperty("authorizeUrl").GetString()!), org.Options.User, org.Options.Password, CancellationToken.None);
        await FindOrgAsync();
    }

    public async Task FindOrgAsync() => OrgId = Assert.Single((await GetAsync("orgs")).EnumerateArray()).GetProperty("id").GetString()!;

    public Task<JsonElement> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/{path}");
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await _browser.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path} answered {(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>Starts a job and answers its id.</summary>
    public async Task<string> StartAsync(string path, object? body) => (await SendAsync(HttpMethod.Post, path, body)).GetProperty("jobId").GetString()!;

    public Task<string> StartBackupAsync(string kind = "full") => StartAsync($"orgs/{OrgId}/backups", new { kind });

    /// <summary>Waits until the job has read its first records.</summary>
    public Task<JsonElement> UnderWayAsync(string jobId) => WaitAsync(jobId, job => job.TryGetProperty("progress", out var progress) && progress.GetProperty("recordsDone").GetInt64() > 0);

    /// <summary>Waits for the job's end without blemish.</summary>
    public Task<JsonElement> SucceedAsync(string jobId) => WaitAsync(jobId, job => job.GetProperty("state").GetString() is "completed");

    private async Task<JsonElement> WaitAsync(string jobId, Func<JsonElement, bool> isThere)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var job = await GetAsync($"jobs/{jobId}");
            if (isThere(job)) return job;
            Assert.True(job.GetProperty("state").GetString() is "queued" or "inProgress" or "paused", job.ToString());
            Assert.False(patience.IsCancellationRequested, $"It does not get there: {job}");
            await Task.Delay(200);
        }
    }

    /// <summary>New Ids of the records that a restore made anew, by their old Id.</summary>
    public async Task<Dictionary<string, string>> IdMapAsync(string restoreId) =>
        (await _browser.GetStringAsync($"/api/v1/restores/{restoreId}/id-map")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line)).ToDictionary(m => m.GetProperty("oldId").GetString()!, m => m.GetProperty("newId").GetString()!, StringComparer.Ordinal);

    /// <summary>Users, orgs, schedules and snapshots, as the catalog gives them.</summary>
    public async Task<string> FactsAsync() =>
        string.Join('\n', await GetAsync("me"), await GetAsync("orgs"), await GetAsync($"orgs/{OrgId}/schedules"), await GetAsync($"orgs/{OrgId}/retention"), await GetAsync($"orgs/{OrgId}/snapshots"));

    /// <summary>Nothing of <see cref="FactsAsync"/> is lost, whatever snapshots have come since.</summary>
    public async Task AssertKeptAsync(string facts)
    {
        var (before, now) = (facts.Split('\n'), (await FactsAsync()).Split('\n'));
        Assert.Equal([before[0], before[2], before[3]], [now[0], now[2], now[3]]);
        Assert.Subset(Ids(now[4]), Ids(before[4]));
        await FindOrgAsync();

        static HashSet<string> Ids(string list) => [.. JsonElement.Parse(list).EnumerateArray().Select(s => s.GetProperty("id").GetString()!)];
    }

    /// <summary>For a load: the same session, no cookies of its own.</summary>
    public HttpClient Client(bool reuse)
    {
        var client = New(appliance, orgDoor, reuse, null);
        client.DefaultRequestHeaders.Add("Cookie", _cookie);
        return client;
    }

    public void Dispose() => _browser.Dispose();

    private static HttpClient New(Uri appliance, TlsDoor orgDoor, bool reuse, CookieContainer? cookies)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = cookies is not null, PooledConnectionLifetime = reuse ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => orgDoor.Is(certificate) || certificate!.Issuer.Contains("Appliance local CA", StringComparison.Ordinal) },
        };
        if (cookies is not null) handler.CookieContainer = cookies;
        return new HttpClient(handler) { BaseAddress = appliance, Timeout = TimeSpan.FromSeconds(100) };
    }
}
