using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Releases;

/// <summary>What a registry said.</summary>
/// <param name="Status">HTTP status; 0: nobody answered, and <paramref name="Failure"/> says why.</param>
internal readonly record struct RegistryAnswer(int Status, string Failure)
{
    public bool IsRefusal => Status is 401 or 403;
}

/// <summary>A registry over its HTTP API (OCI Distribution 1.1), only read: is it there, does it take the sign-in, has it this manifest.</summary>
/// <param name="registry">As in imageRegistry: host[:port][/path].</param>
internal sealed class RegistryClient(HttpClient http, string registry, string? user, Secret? password)
{
    private const string ManifestTypes = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

    private static readonly string[] TokenMembers = ["token", "access_token"];

    private AuthenticationHeaderValue? _token;

    public string Host { get; } = registry.Split('/')[0];

    private string Path { get; } = registry.Contains('/', StringComparison.Ordinal) ? registry[(registry.IndexOf('/', StringComparison.Ordinal) + 1)..] + "/" : "";

    /// <summary>Is it there, and does it take the sign-in. 401 without a user: it answers, and may give images to anybody all the same.</summary>
    public Task<RegistryAnswer> GreetAsync(CancellationToken cancellationToken) => AskAsync(HttpMethod.Get, "/v2/", cancellationToken);

    /// <param name="reference">A digest or a tag.</param>
    /// <returns>200: it is there; 404: it is not.</returns>
    public Task<RegistryAnswer> HasAsync(string name, string reference, CancellationToken cancellationToken) => AskAsync(HttpMethod.Head, $"/v2/{Path}{name}/manifests/{reference}", cancellationToken);

    private async Task<RegistryAnswer> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        // Docker speaks plain HTTP with a registry on its own machine, and with no other.
        string[] schemes = IsLoopback(Host) ? ["https", "http"] : ["https"];
        var answer = new RegistryAnswer(0, "");
        foreach (var scheme in schemes)
        {
            try
            {
                return await AskAsync(method, new Uri($"{scheme}://{Host}{path}"), cancellationToken);
            }
            catch (Exception failed) when (failed is HttpRequestException or JsonException or UriFormatException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                answer = new RegistryAnswer(0, $"it did not answer from here: {failed.GetBaseException().Message.TrimEnd('.')}.");
            }
        }
        return answer;
    }

    private async Task<RegistryAnswer> AskAsync(HttpMethod method, Uri address, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Accept.ParseAdd(ManifestTypes);
            request.Headers.Authorization = _token;
            using var answer = await http.SendAsync(request, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.Unauthorized || attempt > 1) return new RegistryAnswer((int)answer.StatusCode, "");
            _token = await SignInAsync(answer.Headers.WwwAuthenticate, cancellationToken);
            if (_token is null) return new RegistryAnswer(401, "");
        }
    }

    /// <summary>By what the registry asks for: a password with every request, or a token from its own service. Null: there is nothing to offer.</summary>
    private async Task<AuthenticationHeaderValue?> SignInAsync(HttpHeaderValueCollection<AuthenticationHeaderValue> wanted, CancellationToken cancellationToken)
    {
        var basic = user is null || password is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password.Reveal()}")));
        if (wanted.FirstOrDefault(w => w.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))?.Parameter is not { } parameter) return basic;
        var said = Parameters(parameter);
        if (!said.TryGetValue("realm", out var realm) || !Uri.TryCreate(realm, UriKind.Absolute, out var service) || (service.Scheme != Uri.UriSchemeHttps && !IsLoopback(service.Host))) return null;
        var query = string.Join('&', said.Where(p => p.Key is "service" or "scope").Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(service) { Query = query }.Uri);
        request.Headers.Authorization = basic;
        using var answer = await http.SendAsync(request, cancellationToken);
        if (!answer.IsSuccessStatusCode) return null;
        using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        return TokenMembers.Select(n => document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(n, out var token) ? token.ToString() : null).FirstOrDefault(t => t is not null) is { } text
            ? new AuthenticationHeaderValue("Bearer", text) : null;
    }

    /// <summary>realm="…",service="…" (RFC 9110 §11.2).</summary>
    private static Dictionary<string, string> Parameters(string text)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at < text.Length;)
        {
            var equals = text.IndexOf("=\"", at, StringComparison.Ordinal);
            var end = equals < 0 ? -1 : text.IndexOf('"', equals + 2);
            if (end < 0) break;
            found[text[at..equals].Trim(' ', ',')] = text[(equals + 2)..end];
            at = end + 1;
        }
        return found;
    }

    private static bool IsLoopback(string host)
    {
        var name = host.Split(':')[0];
        return name == "localhost" || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }
}
