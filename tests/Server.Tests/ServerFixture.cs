using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Catalog.Tests;
using Appliance.Server.Tests;
using Microsoft.AspNetCore.Builder;
using Xunit;

[assembly: AssemblyFixture(typeof(ServerFixture))]

namespace Appliance.Server.Tests;

/// <summary>The whole web process on a port of its own, over a private database; its administrator was made through the set-up link.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public const string UserName = "admin", Password = "correct horse battery";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("appliance-server");
    private PrivateMariaDb? _database;
    private WebApplication? _app;
    private string _token = "", _database1 = "";
    private int _servers;

    public WebApplication App => _app!;

    public string SetupToken { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (PrivateMariaDb.Unavailable is not null) return;
        _database = await PrivateMariaDb.StartAsync(Path.Combine(Root(), "artifacts", "mariadb"));
        _app = await StartAsync();
        var link = await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "1", "keys", "setup-link"));
        SetupToken = link.Trim().Split("token=")[1];
        using var anonymous = Anonymous();
        (await anonymous.PostAsJsonAsync("/api/v1/setup", new { token = SetupToken, userName = UserName, password = Password })).EnsureSuccessStatusCode();
        using var browser = await SignedInAsync();
        var token = await (await browser.PostAsJsonAsync("/api/v1/tokens", new { name = "tests" })).Content.ReadFromJsonAsync<JsonElement>();
        _token = token.GetProperty("token").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>A fresh database of its own, for tests that need no web process.</summary>
    public string NewConnectionString()
    {
        SkipWithoutDatabase();
        return _database!.ConnectionString($"other{Interlocked.Increment(ref _servers)}");
    }

    public string KeysFolder => Path.Combine(_folder.FullName, "1", "keys");

    /// <summary>Follows no redirect and keeps no cookie.</summary>
    public HttpClient Anonymous()
    {
        SkipWithoutDatabase();
        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(_app!.Urls.First()) };
    }

    /// <summary>A program with an API token.</summary>
    public HttpClient WithToken()
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        return client;
    }

    /// <summary>A browser's session. The cookie is Secure, so it is carried by hand over the test's plain HTTP.</summary>
    public async Task<HttpClient> SignedInAsync()
    {
        var client = Anonymous();
        var answer = await client.PostAsJsonAsync("/api/v1/sessions", new { userName = UserName, password = Password });
        answer.EnsureSuccessStatusCode();
        client.DefaultRequestHeaders.Add("Cookie", answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        return client;
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => await answer.Content.ReadFromJsonAsync<JsonElement>();

    private async Task<WebApplication> StartAsync()
    {
        var folder = Path.Combine(_folder.FullName, "1");
        _database1 = _database!.ConnectionString("appliance");
        var app = await Program.BuildAsync([
            "--urls", "http://127.0.0.1:0", "--Server:PublicUrl", "https://appliance.example", "--Catalog:ConnectionString", _database1,
            "--Storage:Root", Path.Combine(folder, "vaults"), "--Keys:Directory", Path.Combine(folder, "keys"), "--Logging:LogLevel:Default", "Error",
        ]);
        await app.StartAsync();
        return app;
    }

    private static void SkipWithoutDatabase()
    {
        if (PrivateMariaDb.Unavailable is { } reason) Assert.Skip(reason);
    }

    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Appliance.sln"))) return folder.FullName;
        throw new InvalidOperationException("These tests run inside the repository.");
    }
}
