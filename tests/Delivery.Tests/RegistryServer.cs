using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ExampleStacks;
using Xunit;

namespace Delivery.Tests;

/// <summary>Debian's docker-registry on loopback, which gives nothing to anybody without a password.</summary>
public sealed class RegistryServer : IAsyncLifetime
{
    public const string User = "robot", Password = "correct horse 7";

    // htpasswd -nbBC 4 robot 'correct horse 7'
    private const string Known = User + ":$2y$04$abcdefghijklmnopqrstuuHB9CAjWTI9qhpNQhLlMu4TxZtE03Cwa\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("registry-").FullName;
    private readonly int _port = NameServers.FreePort();
    private Process? _server;

    public string? Missing { get; } = Tool.Find("docker-registry") is null ? "docker-registry is not installed here." : null;

    public string Host => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null) return;
        await File.WriteAllTextAsync($"{_folder}/users", Known);
        await File.WriteAllTextAsync($"{_folder}/registry.yml", $$"""
            version: 0.1
            log: { level: error }
            storage: { filesystem: { rootdirectory: {{_folder}}/data } }
            http: { addr: "{{Host}}" }
            auth: { htpasswd: { realm: images, path: {{_folder}}/users } }

            """);
        _server = Process.Start(new ProcessStartInfo(Tool.Find("docker-registry")!, ["serve", $"{_folder}/registry.yml"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _ = _server.StandardOutput.ReadToEndAsync();
        _ = _server.StandardError.ReadToEndAsync();
        using var http = new HttpClient();
        for (var left = 200; ; left--)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://{Host}/v2/"));
                return;
            }
            catch (HttpRequestException) when (left > 0 && !_server.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            _server.Kill();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A manifest of nothing but a configuration, pushed over HTTP as an engine pushes it.</summary>
    /// <returns>Its digest.</returns>
    public async Task<string> PushAsync(string name, string content)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{Host}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
        using var begun = await http.PostAsync(new Uri($"/v2/{name}/blobs/uploads/", UriKind.Relative), null);
        var place = begun.EnsureSuccessStatusCode().Headers.Location!;
        using var blob = new ByteArrayContent(Encoding.UTF8.GetBytes(content));
        (await http.PutAsync(new Uri(new Uri(http.BaseAddress, place) + $"&digest={TestRelease.Digest(content)}"), blob)).EnsureSuccessStatusCode().Dispose();
        var manifest = $$"""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":{{content.Length}},"digest":"{{TestRelease.Digest(content)}}"},"layers":[]}""";
        using var body = new StringContent(manifest, new MediaTypeHeaderValue("application/vnd.docker.distribution.manifest.v2+json"));
        (await http.PutAsync(new Uri($"/v2/{name}/manifests/{TestRelease.Digest(manifest)}", UriKind.Relative), body)).EnsureSuccessStatusCode().Dispose();
        return TestRelease.Digest(manifest);
    }
}
