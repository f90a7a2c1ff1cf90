using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Benchmarks;

/// <summary>The org simulator as a process of its own.</summary>
internal sealed class SimulatedOrg : IAsyncDisposable
{
    public const string ApiVersion = "62.0";
    private readonly Process _process;
    private readonly HttpClient _http;

    private SimulatedOrg(Process process, Uri address) => (_process, Address, _http) = (process, address, new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromHours(1) });

    public Uri Address { get; }

    public string Token { get; private set; } = "";

    /// <summary>All benchmarks read the same records: the seed and the day are fixed. Without files, which no peer here reads.</summary>
    public static async Task<SimulatedOrg> StartAsync(long records, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "../../OrgSimulator/release/OrgSimulator.dll"), "--generate", records.ToString(CultureInfo.InvariantCulture),
            "--files", "0", "--seed", "7", "--api-limit", "10000000", "--page", "10000000",     // jsforce breaks off where a result has a second page
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new BenchmarkFailure("The simulator did not start.");
        var org = new SimulatedOrg(process, new Uri(line["listening on ".Length..]));
        org.Token = await org.SignInAsync(cancellationToken);
        return org;
    }

    /// <summary>Inserts, updates and deletes, as in the life of an org.</summary>
    public async Task ChangeAsync(long records, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync("/__change", new { count = records }, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> SignInAsync(CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = "bench", ["client_secret"] = "bench" });
        using var answer = await _http.PostAsync("/services/oauth2/token", form, cancellationToken);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!["access_token"]!.GetValue<string>();
    }
}
