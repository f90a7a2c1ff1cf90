using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

/// <summary>A running simulator with a signed-in HTTP client.</summary>
public sealed class TestOrg : IAsyncDisposable
{
    public const string Base = "/services/data/v66.0";

    private TestOrg(OrgSimulatorHost host)
    {
        Host = host;
        Http = new HttpClient { BaseAddress = host.Uri };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", host.NewAccessToken());
    }

    public OrgSimulatorHost Host { get; }
    public HttpClient Http { get; }

    public static async Task<TestOrg> StartAsync(SimulatorOptions? options = null) => new(await OrgSimulatorHost.StartAsync(options ?? new SimulatorOptions()));

    public static Task<TestOrg> StartAsync(string sharedFolder) => StartAsync(new SimulatorOptions { DataFolder = Shared.Data(sharedFolder), Warnings = TextWriter.Null });

    public async Task<(int Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') || path.StartsWith("http", StringComparison.Ordinal) ? path : $"{Base}/{path}");
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, path);
        Assert.True(status == 200, $"{path}: {status} {body}");
        return body!;
    }

    public Task<JsonNode> QueryAsync(string soql, bool all = false) => GetAsync($"{(all ? "queryAll" : "query")}?q={Uri.EscapeDataString(soql)}");

    public async Task<string> RefusalAsync(string soql)
    {
        var (status, body) = await SendAsync(HttpMethod.Get, $"query?q={Uri.EscapeDataString(soql)}");
        Assert.Equal(400, status);
        return $"{body![0]!["errorCode"]}: {body[0]!["message"]}";
    }

    public async Task<string> CreateAsync(string objectName, object fields)
    {
        var (status, body) = await SendAsync(HttpMethod.Post, $"sobjects/{objectName}", fields);
        Assert.True(status == 201, $"{objectName}: {status} {body}");
        return body!["id"]!.GetValue<string>();
    }

    public async Task<List<string>> IdsAsync(string soql, bool all = false) =>
        [.. (await QueryAsync(soql, all))["records"]!.AsArray().Select(record => record!["Id"]!.GetValue<string>())];

    public async Task<int> CountAsync(string from) => (await QueryAsync($"SELECT COUNT() FROM {from}"))["totalSize"]!.GetValue<int>();

    /// <summary>The dump as text, one line a record.</summary>
    public Task<string> DumpAsync() => Http.GetStringAsync("/__dump");

    public async Task<JsonNode> IngestAsync(string objectName, string operation, string csv, string? key = null)
    {
        var (status, job) = await SendAsync(HttpMethod.Post, "jobs/ingest", new { @object = objectName, operation, externalIdFieldName = key });
        Assert.True(status == 200, $"{status} {job}");
        var path = $"{Base}/jobs/ingest/{job!["id"]}";
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        using var uploaded = await Http.PutAsync(path + "/batches", content);
        Assert.Equal(201, (int)uploaded.StatusCode);
        await SendAsync(HttpMethod.Patch, path, new { state = "UploadComplete" });
        return await GetAsync(path);
    }

    public async Task<string> ResultsAsync(JsonNode job, string kind) => await Http.GetStringAsync($"{Base}/jobs/ingest/{job["id"]}/{kind}");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
    }
}

/// <summary>The folder of public test data beside the repository.</summary>
public static class Shared
{
    public static string Data(string folder)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Appliance.sln")))
            {
                var path = Path.GetFullPath(Path.Combine(at.FullName, "..", "shared", "data", folder));
                if (Directory.Exists(path)) return path;
                break;
            }
        Assert.Skip($"the public test data ({folder}) does not lie beside the repository, in ../shared/data");
        return "";
    }
}
