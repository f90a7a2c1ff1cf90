using System.Net.Http.Json;
using System.Text.Json;

namespace Demo;

/// <summary>What was done to the org. Deleted counts all records gone, cascades included; Purged those that left the recycle bin too.</summary>
internal sealed record Damage(long Changed, long DeletedParents, long Deleted, long Purged, long NulledLookups);

/// <summary>The simulator's own endpoints, which no Salesforce has: they say what is truly in the org, and harm it.</summary>
internal sealed class SimulatorClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    public async Task<OrgDump> DumpAsync(DirectoryInfo folder, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync(HttpMethod.Get, "/__dump", null, cancellationToken);
        return await OrgDump.WriteAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), folder, cancellationToken);
    }

    /// <summary>Changes 1 % of the records and deletes parents that have children; half of those leave the recycle bin as well.</summary>
    public async Task<Damage> DamageAsync(int seed, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync(HttpMethod.Post, "/__damage", new { changePercent = 1, deleteParents = 5, purgeShare = 0.5, seed }, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<Damage>(cancellationToken))!;
    }

    /// <summary>Spoils one record and says which.</summary>
    public async Task<JsonElement> SabotageAsync(string kind, int seed, CancellationToken cancellationToken)
    {
        using var answer = await CallAsync(HttpMethod.Post, "/__sabotage", new { kind, seed }, cancellationToken);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> CallAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        try
        {
            var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.IsSuccessStatusCode) return answer;
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            throw new DemoFailure($"The simulator answered {(int)answer.StatusCode} to {path}: {text}", "See the simulator's log.");
        }
        catch (HttpRequestException lost)
        {
            throw new DemoFailure($"The simulator at {_http.BaseAddress} does not answer: {lost.Message}", "Look whether it still runs, and into its log.", lost);
        }
    }
}
