using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Certificates.Tests.Clouds;

/// <summary>
/// Route 53, Azure DNS and Cloud DNS at the wire, and the metadata service of each: forms, statuses and codes are those of the references (API 2013-04-01; 2018-05-01; v1). One zone,
/// example.org, with TXT records. It checks what AWS would: the signature, made anew here from what arrived. What is written is handed to <see cref="Written"/>, so that a real name server gives it out.
/// </summary>
internal sealed class CloudStub : IAsyncDisposable
{
    public const string Zone = "example.org", ZoneId = "Z0123456789ABCDEFGHIJ", Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Session = "the-session-token", Bearer = "the-bearer-token";

    private static readonly XNamespace Aws = "https://route53.amazonaws.com/doc/2013-04-01/";

    private readonly ConcurrentQueue<(string Part, int Status, string Body)> _refusals = new();
    private readonly Dictionary<string, (int Ttl, List<string> Texts)> _records = [];
    private WebApplication _app = null!;
    private int _changes;

    public Uri Address { get; private set; } = null!;

    /// <summary>Name without its last dot → texts without quotes.</summary>
    public IReadOnlyList<string> this[string name] => _records.TryGetValue(name, out var set) ? set.Texts : [];

    /// <summary>METHOD path?query body, of the DNS's API alone.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Name, text, whether it was added or taken away.</summary>
    public Func<string, string, bool, Task> Written { get; set; } = (_, _, _) => Task.CompletedTask;

    /// <summary>So many looks at a change are answered with "not yet".</summary>
    public int Pending { get; set; }

    public static async Task<CloudStub> StartAsync()
    {
        var stub = new CloudStub();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        stub._app = builder.Build();
        stub._app.Run(stub.AnswerAsync);
        await stub._app.StartAsync();
        stub.Address = new Uri(stub._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return stub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public void Hold(string name, params string[] texts) => _records[name] = (300, [.. texts]);

    /// <summary>Answers the next request whose "METHOD path" has this part.</summary>
    public void Refuse(string part, int status, string body) => _refusals.Enqueue((part, status, body));

    public bool AllRefusalsMet => _refusals.IsEmpty;

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var (request, body) = (context.Request, await reader.ReadToEndAsync());
        var asked = $"{request.Method} {request.Path}{request.QueryString}";
        var metadata = request.Path.StartsWithSegments("/latest") || request.Path.StartsWithSegments("/metadata") || request.Path.StartsWithSegments("/computeMetadata");
        if (!metadata) Calls.Enqueue($"{asked} {body}".TrimEnd());
        var (status, text) = _refusals.TryPeek(out var refusal) && asked.Contains(refusal.Part, StringComparison.Ordinal) && _refusals.TryDequeue(out _) ? (refusal.Status, refusal.Body)
            : metadata ? Metadata(request) : request.Path.StartsWithSegments("/2013-04-01") ? await Route53Async(request, body) : Authorized(request) is false ? (401, """{"error":{"code":"AuthenticationFailed"}}""")
            : request.Path.StartsWithSegments("/subscriptions") ? await AzureAsync(context, body) : await GoogleAsync(request, body);
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(text);
    }

    private static (int, string) Metadata(HttpRequest request) => (request.Method, request.Path.Value) switch
    {
        ("PUT", "/latest/api/token") when request.Headers["X-aws-ec2-metadata-token-ttl-seconds"].Count == 1 => (200, "imds-token"),
        ("GET", "/latest/meta-data/iam/security-credentials/") when request.Headers["X-aws-ec2-metadata-token"] == "imds-token" => (200, "appliance-machine"),
        ("GET", "/latest/meta-data/iam/security-credentials/appliance-machine") when request.Headers["X-aws-ec2-metadata-token"] == "imds-token" =>
            (200, $$"""{"Code":"Success","LastUpdated":"2026-12-01T10:00:00Z","Type":"AWS-HMAC","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"{{Secret}}","Token":"{{Session}}","Expiration":"2026-12-01T16:00:00Z"}"""),
        ("GET", "/metadata/identity/oauth2/token") when request.Headers["Metadata"] == "true" && request.Query["resource"] == "https://management.azure.com/" && request.Query["api-version"] == "2018-02-01" =>
            (200, $$"""{"access_token":"{{Bearer}}","client_id":"c","expires_in":"86399","expires_on":"1","ext_expires_in":"86399","not_before":"1","resource":"https://management.azure.com/","token_type":"Bearer"}"""),
        ("GET", "/metadata/instance/compute/subscriptionId") when request.Headers["Metadata"] == "true" && request.Query["format"] == "text" => (200, "11111111-2222-3333-4444-555555555555"),
        ("GET", "/computeMetadata/v1/instance/service-accounts/default/token") when request.Headers["Metadata-Flavor"] == "Google" => (200, $$"""{"access_token":"{{Bearer}}","expires_in":3599,"token_type":"Bearer"}"""),
        _ => (401, ""),
    };

    private static bool Authorized(HttpRequest request) => request.Headers.Authorization == $"Bearer {Bearer}";

    private async Task<(int, string)> Route53Async(HttpRequest request, string body)
    {
        if (!Signed(request, body)) return (403, AwsError("SignatureDoesNotMatch"));
        var path = request.Path.Value!["/2013-04-01".Length..];
        if (path == "/hostedzonesbyname")
            return (200, new XElement(Aws + "ListHostedZonesByNameResponse", new XElement(Aws + "HostedZones",
                HostedZone("ZPRIVATE", true), HostedZone(ZoneId, false)), new XElement(Aws + "IsTruncated", "false"), new XElement(Aws + "MaxItems", "100")).ToString());
        if (path.StartsWith("/change/", StringComparison.Ordinal)) return (200, new XElement(Aws + "GetChangeResponse", ChangeInfo(path["/change/".Length..], Pending-- > 0 ? "PENDING" : "INSYNC")).ToString());
        if (path != $"/hostedzone/{ZoneId}/rrset") return (404, AwsError("NoSuchHostedZone"));
        if (request.Method == "GET")
        {
            // It lists from the name on, and so also what comes after it.
            var set = _records.OrderBy(r => r.Key, StringComparer.Ordinal).FirstOrDefault(r => string.CompareOrdinal(r.Key + ".", request.Query["name"]) >= 0);
            return (200, new XElement(Aws + "ListResourceRecordSetsResponse", new XElement(Aws + "ResourceRecordSets", set.Key is null ? null : new XElement(Aws + "ResourceRecordSet",
                new XElement(Aws + "Name", set.Key + "."), new XElement(Aws + "Type", "TXT"), new XElement(Aws + "TTL", set.Value.Ttl),
                new XElement(Aws + "ResourceRecords", set.Value.Texts.Select(t => new XElement(Aws + "ResourceRecord", new XElement(Aws + "Value", $"\"{t}\"")))))), new XElement(Aws + "IsTruncated", "false")).ToString());
        }
        var change = XDocument.Parse(body).Descendants(Aws + "Change").Single();
        var (name, texts) = (change.Descendants(Aws + "Name").Single().Value.TrimEnd('.'), change.Descendants(Aws + "Value").Select(v => v.Value.Trim('"')).ToList());
        var (action, ttl) = ((string)change.Element(Aws + "Action")!, (int)change.Descendants(Aws + "TTL").Single());
        // A deletion must tell exactly what stands.
        if (action == "DELETE" && !(_records.TryGetValue(name, out var there) && there.Ttl == ttl && there.Texts.SequenceEqual(texts))) return (400, AwsError("InvalidChangeBatch"));
        await SetAsync(name, ttl, action == "DELETE" ? [] : texts);
        return (200, new XElement(Aws + "ChangeResourceRecordSetsResponse", ChangeInfo($"C{++_changes}", "PENDING")).ToString());

        static XElement HostedZone(string id, bool hidden) => new(Aws + "HostedZone", new XElement(Aws + "Id", "/hostedzone/" + id), new XElement(Aws + "Name", Zone + "."), new XElement(Aws + "Config", new XElement(Aws + "PrivateZone", hidden ? "true" : "false")));
        static XElement ChangeInfo(string id, string status) => new(Aws + "ChangeInfo", new XElement(Aws + "Id", "/change/" + id), new XElement(Aws + "Status", status), new XElement(Aws + "SubmittedAt", "2026-12-01T10:00:00Z"));
    }

    public static string AwsError(string code) => new XElement(Aws + "ErrorResponse", new XElement(Aws + "Error", new XElement(Aws + "Type", "Sender"), new XElement(Aws + "Code", code), new XElement(Aws + "Message", "who asked: arn:aws:sts::123456789012:assumed-role/x")), new XElement(Aws + "RequestId", "r")).ToString();

    /// <summary>Signature Version 4, by its reference: from the request as it came over the wire.</summary>
    private static bool Signed(HttpRequest request, string body)
    {
        var parts = request.Headers.Authorization.ToString()["AWS4-HMAC-SHA256 ".Length..].Split(", ").Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        var (scope, headers) = (parts["Credential"].Split('/', 2), parts["SignedHeaders"].Split(';'));
        if (scope[0] != "ASIAEXAMPLE" || !scope[1].EndsWith("/us-east-1/route53/aws4_request", StringComparison.Ordinal) || !headers.Contains("host") || request.Headers["X-Amz-Security-Token"] != Session) return false;
        var query = string.Join('&', request.Query.OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value.ToString())}"));
        var canonical = $"{request.Method}\n{request.Path}\n{query}\n{string.Concat(headers.Select(h => $"{h}:{request.Headers[h]}\n"))}\n{parts["SignedHeaders"]}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}";
        var text = $"AWS4-HMAC-SHA256\n{request.Headers["X-Amz-Date"]}\n{scope[1]}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + Secret);
        foreach (var part in scope[1].Split('/')) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return parts["Signature"] == Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

        static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
    }

    private async Task<(int, string)> AzureAsync(HttpContext context, string body)
    {
        const string zone = $"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/names/providers/Microsoft.Network/dnsZones/{Zone}";
        var request = context.Request;
        if (request.Query["api-version"] != "2018-05-01") return (400, """{"error":{"code":"InvalidApiVersionParameter"}}""");
        if (request.Path == zone) return (200, """{"name":"example.org","properties":{"nameServers":["127.0.0.1."],"numberOfRecordSets":3}}""");
        if (!request.Path.Value!.StartsWith(zone + "/TXT/", StringComparison.Ordinal)) return (404, """{"error":{"code":"ParentResourceNotFound","message":"m"}}""");
        var name = request.Path.Value[(zone.Length + 5)..] + "." + Zone;
        var (stands, etag) = (_records.TryGetValue(name, out var set), set.Texts is null ? "" : $"{set.Texts.Count}-{string.Join(',', set.Texts).GetHashCode(StringComparison.Ordinal):x}");
        if (request.Method == "GET") return stands ? (200, AzureSet(name, etag, set.Texts!)) : (404, """{"code":"NotFound","message":"The resource record was not found."}""");
        if (request.Headers.IfNoneMatch == "*" && stands || request.Headers.IfMatch.Count > 0 && request.Headers.IfMatch != etag) return (412, """{"code":"PreconditionFailed","message":"m"}""");
        var texts = request.Method == "DELETE" ? [] : JsonNode.Parse(body)!["properties"]!["TXTRecords"]!.AsArray().Select(r => (string)r!["value"]![0]!).ToList();
        await SetAsync(name, request.Method == "DELETE" ? 0 : (int)JsonNode.Parse(body)!["properties"]!["TTL"]!, texts);
        return request.Method == "DELETE" ? (200, "") : (stands ? 200 : 201, AzureSet(name, "new", texts));

        static string AzureSet(string name, string etag, List<string> texts) => new JsonObject
        {
            ["etag"] = etag, ["name"] = name, ["type"] = "Microsoft.Network/dnszones/TXT",
            ["properties"] = new JsonObject { ["TTL"] = 60, ["fqdn"] = name + ".", ["provisioningState"] = "Succeeded", ["TXTRecords"] = new JsonArray([.. texts.Select(t => new JsonObject { ["value"] = new JsonArray(t) })]) },
        }.ToJsonString();
    }

    private async Task<(int, string)> GoogleAsync(HttpRequest request, string body)
    {
        const string zone = "/dns/v1/projects/acme/managedZones/names";
        var path = request.Path.Value!;
        if (!path.StartsWith(zone, StringComparison.Ordinal)) return (404, """{"error":{"code":404,"message":"m","errors":[{"message":"m","domain":"global","reason":"notFound"}]}}""");
        if (path == zone) return (200, """{"kind":"dns#managedZone","name":"names","dnsName":"example.org.","nameServers":["127.0.0.1."]}""");
        if (path == zone + "/rrsets")
            return (200, new JsonObject
            {
                ["kind"] = "dns#resourceRecordSetsListResponse",
                ["rrsets"] = new JsonArray([.. _records.Where(r => r.Key + "." == request.Query["name"]).Select(r => (JsonNode)new JsonObject { ["kind"] = "dns#resourceRecordSet", ["name"] = r.Key + ".", ["type"] = "TXT", ["ttl"] = r.Value.Ttl, ["rrdatas"] = new JsonArray([.. r.Value.Texts.Select(t => (JsonNode)$"\"{t}\"")]) })]),
            }.ToJsonString());
        if (request.Method == "GET") return (200, Change(path.Split('/')[^1], Pending-- > 0 ? "pending" : "done"));
        var change = JsonNode.Parse(body)!;
        foreach (var set in change["deletions"]!.AsArray())
        {
            var (name, ttl, texts) = Read(set!);
            if (!(_records.TryGetValue(name, out var there) && there.Ttl == ttl && there.Texts.SequenceEqual(texts))) return (412, """{"error":{"code":412,"errors":[{"reason":"conditionNotMet"}]}}""");
        }
        if (change["deletions"]!.AsArray().Count == 0 && change["additions"]!.AsArray().Any(s => _records.ContainsKey(Read(s!).Name))) return (409, """{"error":{"code":409,"errors":[{"reason":"alreadyExists"}]}}""");
        foreach (var set in change["deletions"]!.AsArray().Where(d => !change["additions"]!.AsArray().Any(a => Read(a!).Name == Read(d!).Name))) await SetAsync(Read(set!).Name, 0, []);
        foreach (var set in change["additions"]!.AsArray()) await SetAsync(Read(set!).Name, Read(set!).Ttl, Read(set!).Texts);
        return (200, Change((++_changes).ToString(CultureInfo.InvariantCulture), "pending"));

        static (string Name, int Ttl, List<string> Texts) Read(JsonNode set) => (((string)set["name"]!).TrimEnd('.'), (int)set["ttl"]!, [.. set["rrdatas"]!.AsArray().Select(t => ((string)t!).Trim('"'))]);
        static string Change(string id, string status) => new JsonObject { ["kind"] = "dns#change", ["id"] = id, ["status"] = status, ["startTime"] = "2026-12-01T10:00:00Z" }.ToJsonString();
    }

    private async Task SetAsync(string name, int ttl, List<string> texts)
    {
        var before = this[name].ToList();
        if (texts.Count == 0) _records.Remove(name);
        else _records[name] = (ttl, texts);
        foreach (var text in texts.Except(before)) await Written(name, text, true);
        foreach (var text in before.Except(texts)) await Written(name, text, false);
    }
}
