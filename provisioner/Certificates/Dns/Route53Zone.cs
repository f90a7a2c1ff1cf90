using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Provisioner.Certificates.Clouds;

namespace Provisioner.Certificates.Dns;

/// <summary>A hosted zone of Route 53 (API 2013-04-01, XML), written as the machine's role. A record set is replaced whole, so its other texts are read first and written along.</summary>
/// <param name="region">The machine's: it says in which partition of AWS the zone is.</param>
/// <param name="id">Null: looked up by the zone's name.</param>
internal sealed class Route53Zone(HttpClient http, MetadataService machine, string zone, string? id, string region, Uri? endpoint, TimeProvider time) : IDnsZone
{
    private const int Ttl = 60, Attempts = 3;

    private static readonly XNamespace Aws = "https://route53.amazonaws.com/doc/2013-04-01/";

    // A partition has one Route 53, which is signed for in one region of it.
    private readonly (Uri Address, string Region) _place = region.StartsWith("us-gov-", StringComparison.Ordinal) ? (endpoint ?? new Uri("https://route53.us-gov.amazonaws.com"), "us-gov-west-1")
        : region.StartsWith("cn-", StringComparison.Ordinal) ? (endpoint ?? new Uri("https://route53.amazonaws.com.cn"), "cn-northwest-1")
        : (endpoint ?? new Uri("https://route53.amazonaws.com"), "us-east-1");

    private readonly CloudApi _api = new(http, "Route 53", body => Xml(body)?.Descendants().FirstOrDefault(e => e.Name.LocalName == "Code")?.Value);
    private string? _id = id;

    /// <summary>Between two looks whether a change has come to all name servers. Route 53 takes five requests a second from an account.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>It usually takes less than one minute.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    public Task AddAsync(string name, string text, CancellationToken cancellationToken) => ChangeAsync(name, standing => standing.Contains(Quoted(text)) ? standing : [.. standing, Quoted(text)], wait: true, cancellationToken);

    public Task RemoveAsync(string name, string text, CancellationToken cancellationToken) => ChangeAsync(name, standing => [.. standing.Where(t => t != Quoted(text))], wait: false, cancellationToken);

    private async Task ChangeAsync(string name, Func<List<string>, List<string>> change, bool wait, CancellationToken cancellationToken)
    {
        var credentials = await machine.AwsRoleAsync(cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var (standing, ttl) = await StandingAsync(name, credentials, cancellationToken);
            var wanted = change(standing);
            if (wanted.SequenceEqual(standing) && (!wait || standing.Count == 0)) return;
            // What stands already may still be on its way to some of the name servers: written again, it has a change to wait for.
            var (action, texts) = wanted.Count > 0 ? ("UPSERT", wanted) : ("DELETE", standing);
            var path = $"/2013-04-01/hostedzone/{await IdAsync(credentials, cancellationToken)}/rrset";
            var answer = await SendAsync(HttpMethod.Post, path, Document(name, action, action == "DELETE" ? ttl : Ttl, texts), credentials, cancellationToken);
            if (answer.Status == HttpStatusCode.OK)
            {
                if (wait) await InSyncAsync(Inner(answer, "ChangeInfo", "Id"), credentials, cancellationToken);
                return;
            }
            // Somebody else has changed the set between the look and the deletion of exactly what was seen.
            if (_api.CodeOf(answer) != "InvalidChangeBatch" || attempt == Attempts) throw _api.Refused(answer, _place.Address.Host, "route53:ChangeResourceRecordSets for this TXT record", zone);
        }
    }

    private async Task<(List<string> Texts, int Ttl)> StandingAsync(string name, AwsCredentials credentials, CancellationToken cancellationToken)
    {
        var path = $"/2013-04-01/hostedzone/{await IdAsync(credentials, cancellationToken)}/rrset?maxitems=1&name={Uri.EscapeDataString(name + ".")}&type=TXT";
        var answer = await SendAsync(HttpMethod.Get, path, null, credentials, cancellationToken);
        if (answer.Status != HttpStatusCode.OK) throw _api.Refused(answer, _place.Address.Host, "route53:ListResourceRecordSets on the zone", zone);
        // The answer begins at the name, and goes on with those after it.
        var set = Root(answer).Descendants(Aws + "ResourceRecordSet").FirstOrDefault(s => (string?)s.Element(Aws + "Type") == "TXT" && string.Equals((string?)s.Element(Aws + "Name"), name + ".", StringComparison.OrdinalIgnoreCase));
        return set is null ? ([], Ttl) : ([.. set.Descendants(Aws + "Value").Select(v => v.Value)], (int?)set.Element(Aws + "TTL") ?? Ttl);
    }

    private async Task<string> IdAsync(AwsCredentials credentials, CancellationToken cancellationToken)
    {
        if (_id is not null) return _id;
        var answer = await SendAsync(HttpMethod.Get, $"/2013-04-01/hostedzonesbyname?dnsname={Uri.EscapeDataString(zone + ".")}", null, credentials, cancellationToken);
        if (answer.Status != HttpStatusCode.OK) throw _api.Refused(answer, _place.Address.Host, "route53:ListHostedZonesByName", zone);
        // A zone for a private network only is asked by no authority.
        var found = Root(answer).Descendants(Aws + "HostedZone").FirstOrDefault(z => (string?)z.Element(Aws + "Name") == zone + "." && (string?)z.Element(Aws + "Config")?.Element(Aws + "PrivateZone") != "true");
        return _id = ((string?)found?.Element(Aws + "Id"))?.Replace("/hostedzone/", "", StringComparison.Ordinal)
            ?? throw new CertificateException(FailureKind.Operator, $"Route 53 has no public zone {zone} in the machine's account.", "Set dnsZone to the zone's name, or dnsZoneId to its id; it must be in the account of the machine.");
    }

    private async Task InSyncAsync(string change, AwsCredentials credentials, CancellationToken cancellationToken)
    {
        var path = $"/2013-04-01/change/{change.Replace("/change/", "", StringComparison.Ordinal)}";
        var began = time.GetTimestamp();
        while (true)
        {
            var answer = await SendAsync(HttpMethod.Get, path, null, credentials, cancellationToken);
            if (answer.Status != HttpStatusCode.OK) throw _api.Refused(answer, _place.Address.Host, "route53:GetChange", zone);
            if (Inner(answer, "ChangeInfo", "Status") == "INSYNC") return;
            if (time.GetElapsedTime(began) > Patience) throw new CertificateException(FailureKind.Transient, $"Route 53 has not brought the record to all its name servers within {Patience.TotalMinutes:0} minutes.", "Nothing: it is tried again by itself.");
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<CloudAnswer> SendAsync(HttpMethod method, string path, string? body, AwsCredentials credentials, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(body ?? "");
        using var request = new HttpRequestMessage(method, new Uri(_place.Address, path));
        if (body is not null) request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("text/xml") } };
        AwsSignature.Sign(request, bytes, credentials, _place.Region, "route53", time.GetUtcNow());
        return await _api.SendAsync(request, cancellationToken);
    }

    private static string Document(string name, string action, int ttl, IEnumerable<string> texts) => new XElement(Aws + "ChangeResourceRecordSetsRequest", new XElement(Aws + "ChangeBatch", new XElement(Aws + "Changes", new XElement(Aws + "Change",
        new XElement(Aws + "Action", action),
        new XElement(Aws + "ResourceRecordSet",
            new XElement(Aws + "Name", name + "."), new XElement(Aws + "Type", "TXT"), new XElement(Aws + "TTL", ttl.ToString(CultureInfo.InvariantCulture)),
            new XElement(Aws + "ResourceRecords", texts.Select(t => new XElement(Aws + "ResourceRecord", new XElement(Aws + "Value", t))))))))).ToString(SaveOptions.DisableFormatting);

    private static string Quoted(string text) => $"\"{text}\"";

    private static XElement Root(CloudAnswer answer) => Xml(answer.Body) ?? throw new CertificateException(FailureKind.Transient, "Route 53 answers with no XML.", "Nothing: it is tried again by itself.");

    private static string Inner(CloudAnswer answer, string part, string name) =>
        (string?)Root(answer).Element(Aws + part)?.Element(Aws + name) ?? throw new CertificateException(FailureKind.Transient, $"Route 53's answer has no {name}.", "Nothing: it is tried again by itself.");

    private static XElement? Xml(byte[] body)
    {
        try
        {
            using var stream = new MemoryStream(body);
            return XDocument.Load(stream).Root;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
