using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Provisioner.Certificates.Clouds;

namespace Provisioner.Certificates.Dns;

/// <summary>
/// A managed zone of Google Cloud DNS (API v1), written as the machine's service account. A change takes the old record set away, which must be exactly what stands there, and adds the new one,
/// with all texts, in one step. "done" says that the change was sent to the name servers, not that they have it: they are asked.
/// </summary>
/// <param name="managedZone">Google's name for it; <paramref name="zone"/> is the domain's.</param>
internal sealed class CloudDnsZone(HttpClient http, MetadataService machine, string project, string managedZone, string zone, Uri? endpoint, ZoneServers servers, TimeProvider time) : IDnsZone
{
    private const string Permission = "the role DNS Administrator (roles/dns.admin) on the zone's project";
    private const int Ttl = 60, Attempts = 5;

    private readonly Uri _endpoint = endpoint ?? new Uri("https://dns.googleapis.com");
    private readonly CloudApi _api = new(http, "Cloud DNS", CloudApi.JsonCode);
    private readonly string _path = $"/dns/v1/projects/{Uri.EscapeDataString(project)}/managedZones/{Uri.EscapeDataString(managedZone)}";

    /// <summary>Between two looks whether a change is done.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    public async Task AddAsync(string name, string text, CancellationToken cancellationToken)
    {
        var token = await machine.GoogleTokenAsync(cancellationToken);
        await ChangeAsync(token, name, standing => standing.Contains(Quoted(text)) ? standing : [.. standing, Quoted(text)], cancellationToken);
        var described = await AskAsync(HttpMethod.Get, "", token, cancellationToken);
        await servers.SeenAsync([.. described.GetProperty("nameServers").EnumerateArray().Select(n => n.GetString()!)], name, text, cancellationToken);
    }

    public async Task RemoveAsync(string name, string text, CancellationToken cancellationToken) =>
        await ChangeAsync(await machine.GoogleTokenAsync(cancellationToken), name, standing => [.. standing.Where(t => t != Quoted(text))], cancellationToken);

    private async Task ChangeAsync(string token, string name, Func<List<string>, List<string>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var listed = await AskAsync(HttpMethod.Get, $"/rrsets?name={Uri.EscapeDataString(name + ".")}&type=TXT", token, cancellationToken);
            var set = listed.TryGetProperty("rrsets", out var sets) ? sets.EnumerateArray().FirstOrDefault() : default;
            var texts = set.ValueKind == JsonValueKind.Object ? set.GetProperty("rrdatas").EnumerateArray().Select(t => t.GetString()!).ToList() : [];
            var wanted = change(texts);
            if (wanted.SequenceEqual(texts)) return;
            var body = new JsonObject { ["additions"] = new JsonArray(), ["deletions"] = new JsonArray() };
            if (texts.Count > 0) body["deletions"]!.AsArray().Add(Set(name, set.GetProperty("ttl").GetInt32(), texts));
            if (wanted.Count > 0) body["additions"]!.AsArray().Add(Set(name, Ttl, wanted));
            var answer = await SendAsync(HttpMethod.Post, "/changes", token, cancellationToken, body);
            if (answer.Status == HttpStatusCode.OK)
            {
                await DoneAsync(answer.Json(), token, cancellationToken);
                return;
            }
            // Somebody else has changed the set since the look.
            if (answer.Status is not (HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed) || attempt == Attempts) throw _api.Refused(answer, _endpoint.Host, Permission, $"{managedZone} ({zone})");
        }
    }

    private async Task DoneAsync(JsonElement change, string token, CancellationToken cancellationToken)
    {
        var (began, id) = (time.GetTimestamp(), change.GetProperty("id").GetString()!);
        while (change.GetProperty("status").GetString() != "done")
        {
            if (time.GetElapsedTime(began) > Patience) throw new CertificateException(FailureKind.Transient, $"Cloud DNS has not carried the change out within {Patience.TotalMinutes:0} minutes.", "Nothing: it is tried again by itself.");
            await Task.Delay(Pause, time, cancellationToken);
            change = await AskAsync(HttpMethod.Get, $"/changes/{Uri.EscapeDataString(id)}", token, cancellationToken);
        }
    }

    private async Task<JsonElement> AskAsync(HttpMethod method, string path, string token, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(method, path, token, cancellationToken);
        return answer.Status == HttpStatusCode.OK ? answer.Json() : throw _api.Refused(answer, _endpoint.Host, Permission, $"{managedZone} ({zone})");
    }

    private async Task<CloudAnswer> SendAsync(HttpMethod method, string path, string token, CancellationToken cancellationToken, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_endpoint, _path + path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), null, "application/json");
        return await _api.SendAsync(request, cancellationToken);
    }

    private static JsonObject Set(string name, int ttl, IEnumerable<string> texts) => new() { ["name"] = name + ".", ["type"] = "TXT", ["ttl"] = ttl, ["rrdatas"] = new JsonArray([.. texts.Select(t => (JsonNode)t)]) };

    private static string Quoted(string text) => $"\"{text}\"";
}
