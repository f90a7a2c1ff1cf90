using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Provisioner.Certificates.Clouds;

namespace Provisioner.Certificates.Dns;

/// <summary>
/// A zone of Azure DNS (API 2018-05-01), written as the machine's managed identity. A record set is replaced whole, so its other texts are read first and written along; its etag keeps two
/// writers from each other. Azure tells nothing of when its name servers have a change: they are asked.
/// </summary>
/// <param name="subscription">Null: the machine's own.</param>
internal sealed class AzureZone(HttpClient http, MetadataService machine, string? subscription, string resourceGroup, string zone, Uri? endpoint, ZoneServers servers) : IDnsZone
{
    private const string Version = "?api-version=2018-05-01", Permission = "the role DNS Zone Contributor on the zone";
    private const int Ttl = 60, Attempts = 5;

    private readonly Uri _endpoint = endpoint ?? new Uri("https://management.azure.com");
    private readonly CloudApi _api = new(http, "Azure DNS", CloudApi.JsonCode);

    public async Task AddAsync(string name, string text, CancellationToken cancellationToken)
    {
        var (token, path) = await SignInAsync(cancellationToken);
        await ChangeAsync(token, path, name, standing => standing.Contains(text) ? standing : [.. standing, text], cancellationToken);
        var described = await SendAsync(HttpMethod.Get, path + Version, token, null, cancellationToken);
        if (described.Status != HttpStatusCode.OK) throw _api.Refused(described, _endpoint.Host, Permission, zone);
        await servers.SeenAsync([.. described.Json().GetProperty("properties").GetProperty("nameServers").EnumerateArray().Select(n => n.GetString()!)], name, text, cancellationToken);
    }

    public async Task RemoveAsync(string name, string text, CancellationToken cancellationToken)
    {
        var (token, path) = await SignInAsync(cancellationToken);
        await ChangeAsync(token, path, name, standing => [.. standing.Where(t => t != text)], cancellationToken);
    }

    private async Task ChangeAsync(string token, string path, string name, Func<List<string>, List<string>> change, CancellationToken cancellationToken)
    {
        var record = $"{path}/TXT/{Uri.EscapeDataString(name == zone ? "@" : name[..^(zone.Length + 1)])}{Version}";
        for (var attempt = 1; ; attempt++)
        {
            var standing = await SendAsync(HttpMethod.Get, record, token, null, cancellationToken);
            if (standing.Status is not (HttpStatusCode.OK or HttpStatusCode.NotFound)) throw _api.Refused(standing, _endpoint.Host, Permission, zone);
            var (texts, etag) = standing.Status == HttpStatusCode.OK ? Read(standing.Json()) : ([], null);
            var wanted = change(texts);
            if (wanted.SequenceEqual(texts)) return;
            var answer = wanted.Count > 0
                ? await SendAsync(HttpMethod.Put, record, token, etag, cancellationToken, new JsonObject { ["properties"] = new JsonObject { ["TTL"] = Ttl, ["TXTRecords"] = new JsonArray([.. wanted.Select(t => new JsonObject { ["value"] = new JsonArray(t) })]) } })
                : await SendAsync(HttpMethod.Delete, record, token, etag, cancellationToken);
            if ((int)answer.Status is >= 200 and < 300) return;
            if (answer.Status != HttpStatusCode.PreconditionFailed || attempt == Attempts) throw _api.Refused(answer, _endpoint.Host, Permission, zone);
        }
    }

    private async Task<(string Token, string Path)> SignInAsync(CancellationToken cancellationToken)
    {
        var account = subscription ?? await machine.AzureSubscriptionAsync(cancellationToken);
        return (await machine.AzureTokenAsync("https://management.azure.com/", cancellationToken), $"/subscriptions/{Uri.EscapeDataString(account)}/resourceGroups/{Uri.EscapeDataString(resourceGroup)}/providers/Microsoft.Network/dnsZones/{Uri.EscapeDataString(zone)}");
    }

    /// <param name="etag">Of the set that is replaced; null: there is none, and with a body there shall be none.</param>
    private async Task<CloudAnswer> SendAsync(HttpMethod method, string path, string token, string? etag, CancellationToken cancellationToken, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_endpoint, path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), null, "application/json");
        if (etag is not null) request.Headers.TryAddWithoutValidation("If-Match", etag);
        else if (body is not null) request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        return await _api.SendAsync(request, cancellationToken);
    }

    private static (List<string> Texts, string? Etag) Read(JsonElement set) =>
        ([.. set.GetProperty("properties").TryGetProperty("TXTRecords", out var records) ? records.EnumerateArray().Select(r => string.Concat(r.GetProperty("value").EnumerateArray().Select(v => v.GetString()))) : []], set.GetProperty("etag").GetString());
}
