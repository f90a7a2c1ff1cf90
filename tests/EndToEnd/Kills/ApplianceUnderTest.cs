using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Vault;
using Demo;
using OrgSimulator;
using Xunit;

namespace EndToEnd.Kills;

/// <summary>What a call answered; the body is a JSON value or nothing.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonElement Body);

/// <summary>An appliance with one connected org, seen through its REST API; its server may die and come back.</summary>
internal sealed class ApplianceUnderTest : IAsyncDisposable
{
    private const string User = "admin", Password = "correct horse battery";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("appliance-kills-");
    private readonly HttpClient _http = new() { Timeout = Patience };
    private readonly HttpClient _browser;
    private readonly string _storage;

    private ApplianceUnderTest(string connectionString, string? storage)
    {
        _storage = storage ?? Path.Combine(_folder.FullName, "vaults");
        Server = new ServerProcess(connectionString, _storage, Keys, Path.Combine(_folder.FullName, "server.log"));
        _browser = new HttpClient(new Browser(Server.Address)) { Timeout = Patience };
    }

    public ServerProcess Server { get; }
    public string OrgId { get; private set; } = "";
    public string VaultFolder => Directory.GetDirectories(_storage).Single(d => File.Exists(Path.Combine(d, "vault.json")));
    private string Keys => Path.Combine(_folder.FullName, "keys");

    /// <param name="storage">Folder of the vaults; one of its own when null.</param>
    public static async Task<ApplianceUnderTest> StartAsync(DatabaseFixture database, OrgSimulatorHost org, string? storage = null) =>
        await StartAsync(await database.NewConnectionStringAsync(), org, storage);

    /// <param name="connectionString">Of a catalog that nobody else uses.</param>
    public static async Task<ApplianceUnderTest> StartAsync(string connectionString, OrgSimulatorHost org, string? storage = null)
    {
        var appliance = new ApplianceUnderTest(connectionString, storage);
        try
        {
            await appliance.StartServerAsync();
            await appliance.SetUpAsync();
            await appliance.ConnectAsync(org);
            return appliance;
        }
        catch
        {
            await appliance.DisposeAsync();
            throw;
        }
    }

    /// <summary>One that was made again elsewhere, on the storage of a lost one: the same user signs in, the same org is there.</summary>
    /// <param name="restore">Fills the catalog and the keys folder that it is given.</param>
    public static async Task<ApplianceUnderTest> ReturnAsync(string connectionString, string storage, Func<string, Task> restore)
    {
        var appliance = new ApplianceUnderTest(connectionString, storage);
        try
        {
            await restore(appliance.Keys);
            await appliance.StartServerAsync();
            await appliance.SignInAsync();
            appliance.OrgId = Assert.Single((await appliance.GetAsync("orgs")).EnumerateArray()).GetProperty("id").GetString()!;
            return appliance;
        }
        catch
        {
            await appliance.DisposeAsync();
            throw;
        }
    }

    public Task StartServerAsync() => Server.StartAsync(_http);

    /// <summary>Connects the org, or connects it again.</summary>
    public async Task ConnectAsync(OrgSimulatorHost org)
    {
        var begun = await ExpectAsync(_browser, HttpMethod.Post, "orgs/connections", new { name = "Org", loginUrl = org.Url, clientId = "kills" });
        await new OrgSignIn(_browser, Server.Address).WalkAsync(
            new Uri(begun.GetProperty("authorizeUrl").GetString()!), org.Options.User, org.Options.Password, CancellationToken.None);
        OrgId = Assert.Single((await GetAsync("orgs")).EnumerateArray()).GetProperty("id").GetString()!;
    }

    public Task<JsonElement> GetAsync(string path) => ExpectAsync(_http, HttpMethod.Get, path, null);

    public Task<JsonElement> SendAsync(HttpMethod method, string path, object? body) => ExpectAsync(_http, method, path, body);

    public Task<Answer> AskAsync(string path) => SendAsync(_http, HttpMethod.Get, path, null);

    /// <summary>What the signed-in browser is shown.</summary>
    public async Task<(HttpStatusCode Status, string Text)> PageAsync(string path)
    {
        using var answer = await _browser.GetAsync(new Uri(Server.Address, path));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Starts a job and answers its id.</summary>
    public async Task<string> PostAsync(string path, object? body) =>
        (await ExpectAsync(_http, HttpMethod.Post, path, body)).GetProperty("jobId").GetString()!;

    public Task<string> StartBackupAsync(string kind = "full") => PostAsync($"orgs/{OrgId}/backups", new { kind });

    /// <summary>Waits for the job's end, however it ends, or until <paramref name="orUntil"/> is done.</summary>
    public async Task<JsonElement> EndOfAsync(string jobId, Task? orUntil = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var job = await GetAsync($"jobs/{jobId}");
            if (job.GetProperty("state").GetString() is not ("queued" or "inProgress") || orUntil is { IsCompleted: true }) return job;
            if (patience.IsCancellationRequested) throw new TimeoutException($"The job does not end: {job}\n{Server.LogTail()}");
            await Task.Delay(50);
        }
    }

    /// <summary>Runs a job to an end without blemish.</summary>
    public async Task<JsonElement> SucceedAsync(string jobId)
    {
        var job = await EndOfAsync(jobId);
        Assert.True(job.GetProperty("state").GetString() == "completed", $"{job}\n{await GetAsync($"jobs/{jobId}/log")}\n{Server.LogTail()}");
        return job;
    }

    /// <summary>Ids of the snapshots that the catalog shows.</summary>
    public async Task<HashSet<string>> SnapshotsAsync()
    {
        var rows = (await GetAsync($"orgs/{OrgId}/snapshots")).EnumerateArray().ToList();
        var ids = rows.Select(r => r.GetProperty("id").GetString()!).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(rows.Count, ids.Count);
        return ids;
    }

    public async Task<OrgVault> OpenVaultAsync() => await OrgVault.OpenAsync(
        new SsdBlobStore(VaultFolder), MasterKey.FromFile(Path.Combine(Keys, "master.key")), TimeProvider.System, CancellationToken.None);

    public async Task<Dictionary<string, string>> IdMapAsync(string restoreId) =>
        (await _http.GetStringAsync(Address($"restores/{restoreId}/id-map"))).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line)).ToDictionary(m => m.GetProperty("oldId").GetString()!, m => m.GetProperty("newId").GetString()!, StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _http.Dispose();
        _browser.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task SetUpAsync()
    {
        var link = new Uri((await File.ReadAllTextAsync(Path.Combine(Keys, "setup-link"))).Trim());
        await ExpectAsync(_http, HttpMethod.Post, "setup", new { token = OrgSignIn.Query(link, "token"), userName = User, password = Password });
        await SignInAsync();
    }

    private async Task SignInAsync()
    {
        await ExpectAsync(_browser, HttpMethod.Post, "sessions", new { userName = User, password = Password });
        var token = await ExpectAsync(_browser, HttpMethod.Post, "tokens", new { name = "kills" });
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("token").GetString());
    }

    private async Task<JsonElement> ExpectAsync(HttpClient client, HttpMethod method, string path, object? body)
    {
        var answer = await SendAsync(client, method, path, body);
        Assert.True((int)answer.Status is >= 200 and < 300, $"{method} {path} answered {(int)answer.Status}: {answer.Body}\n{Server.LogTail()}");
        return answer.Body;
    }

    private async Task<Answer> SendAsync(HttpClient client, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, Address(path));
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return new Answer(answer.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    private Uri Address(string path) => new(Server.Address, $"/api/v1/{path}");

    /// <summary>A browser without redirects. The session cookie is Secure, so it is carried by hand over the test's plain HTTP.</summary>
    private sealed class Browser(Uri appliance) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true })
    {
        private string? _session;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var ours = request.RequestUri!.Authority == appliance.Authority;
            if (ours && _session is not null) request.Headers.Add("Cookie", _session);
            var answer = await base.SendAsync(request, cancellationToken);
            if (ours && answer.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.FirstOrDefault(c => c.StartsWith("appliance=", StringComparison.Ordinal)) is { } cookie)
                _session = cookie.Split(';')[0];
            return answer;
        }
    }
}
