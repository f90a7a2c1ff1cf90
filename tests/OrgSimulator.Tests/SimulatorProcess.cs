using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

/// <summary>The simulator as a process of its own, so that its memory can be told from the test's.</summary>
public sealed class SimulatorProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SimulatorProcess(Process process, string url)
    {
        (_process, Url) = (process, url);
        Http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(20) };
    }

    public string Url { get; }
    public HttpClient Http { get; }

    /// <summary>Largest resident memory so far, in MiB.</summary>
    public int PeakMegabytes => int.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    public static async Task<SimulatorProcess> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "OrgSimulator.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the simulator said nothing");
        var simulator = new SimulatorProcess(process, line["listening on ".Length..]);
        simulator.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await simulator.TokenAsync());
        return simulator;
    }

    public async Task<string> TokenAsync()
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = "test", ["client_secret"] = "test" });
        using var answer = await Http.PostAsync("/services/oauth2/token", form);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["access_token"]!.GetValue<string>();
    }

    public async Task<JsonNode> QueryAsync(string soql) => JsonNode.Parse(await Http.GetStringAsync($"{TestOrg.Base}/query?q={Uri.EscapeDataString(soql)}"))!;

    /// <summary>Lines of a Bulk export, header lines left out; for values without line ends.</summary>
    public async IAsyncEnumerable<string> ExportAsync(string soql)
    {
        using var body = new StringContent($$"""{"operation":"query","query":"{{soql}}"}""", Encoding.UTF8, "application/json");
        using var created = await Http.PostAsync($"{TestOrg.Base}/jobs/query", body);
        var job = $"{TestOrg.Base}/jobs/query/{JsonNode.Parse(await created.Content.ReadAsStringAsync())!["id"]}";
        await Http.GetStringAsync(job);
        for (var locator = ""; locator != "null";)
        {
            using var answer = await Http.GetAsync($"{job}/results{(locator.Length > 0 ? "?locator=" + locator : "")}", HttpCompletionOption.ResponseHeadersRead);
            locator = answer.Headers.GetValues("Sforce-Locator").Single();
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            await reader.ReadLineAsync();
            while (await reader.ReadLineAsync() is { } line) yield return line;
        }
    }

    public ValueTask DisposeAsync()
    {
        Http.Dispose();
        _process.Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }
}
