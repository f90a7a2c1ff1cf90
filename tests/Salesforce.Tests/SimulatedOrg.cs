using Appliance.Salesforce;
using Microsoft.Extensions.Logging.Abstractions;
using OrgSimulator;

namespace Salesforce.Tests;

/// <summary>The simulator with the NPSP records, and a connection to it.</summary>
internal sealed class SimulatedOrg : IAsyncDisposable
{
    private readonly HttpClient _http = Org.NewHttpClient();

    private SimulatedOrg(OrgSimulatorHost host)
    {
        Host = host;
        Org = Connect(host.NewAccessToken(), host.NewRefreshToken());
    }

    public OrgSimulatorHost Host { get; }
    public Org Org { get; }
    public HttpClient Http => _http;
    public List<OAuthTokens> StoredTokens { get; } = [];
    public int TokenPosts => Host.Faults.Calls.Count(c => c.Path.StartsWith("/services/oauth2/token", StringComparison.Ordinal));

    public static async Task<SimulatedOrg> StartAsync(Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var options = new SimulatorOptions { DataFolder = DataFolder(), Warnings = TextWriter.Null };
        return new SimulatedOrg(await OrgSimulatorHost.StartAsync(change?.Invoke(options) ?? options));
    }

    public Org Connect(string accessToken, string? refreshToken) => new(
        _http, new(Host.Uri, "test", null, Host.Uri, accessToken, refreshToken),
        (tokens, _) => { StoredTokens.Add(tokens); return Task.CompletedTask; }, new HurriedTime(), NullLogger<Org>.Instance);

    public int Calls(string method, string pathPart) =>
        Host.Faults.Calls.Count(c => c.Method == method && c.Path.Contains(pathPart, StringComparison.OrdinalIgnoreCase));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>Test data stands beside the repository and is not part of it.</summary>
    private static string DataFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Appliance.sln")))
            folder = folder.Parent;
        var data = folder?.Parent is { } beside ? Path.Combine(beside.FullName, "shared", "data", "npsp-1k") : "";
        if (!Directory.Exists(data))
            Assert.Skip("The test data (../shared/data/npsp-1k beside the repository) is not on this machine.");
        return data;
    }
}
