using System.Net.Http.Headers;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Provisioner.Certificates.Clouds;

namespace Provisioner.Delivery.Preflight.Capacity;

/// <summary>EC2's query API (XML) and Service Quotas (JSON 1.1) of one region. Only actions that read.</summary>
internal sealed class AwsRequests(CloudRequests cloud, CloudAccess access, string region, TimeProvider time)
{
    private const string NoSuchResource = "NoSuchResourceException";

    public async Task<XElement> Ec2Async(string action, IEnumerable<(string Name, string Value)> parameters, CancellationToken cancellationToken)
    {
        var form = string.Join('&', parameters.Prepend(("Version", "2016-11-15")).Prepend(("Action", action)).Select(p => $"{Uri.EscapeDataString(p.Item1)}={Uri.EscapeDataString(p.Item2)}"));
        var (status, body) = await SendAsync("ec2", form, "application/x-www-form-urlencoded; charset=utf-8", null, cancellationToken);
        if (status == 200) return Xml(body) ?? throw new InvalidOperationException("EC2 answers with no XML.");
        var code = Xml(body)?.Descendants().FirstOrDefault(e => e.Name.LocalName == "Code")?.Value;
        throw CloudRequests.Refused(Host("ec2"), status, code, $"ec2:{action}");
    }

    /// <summary>The account's own quota, or the one that every account has where nobody asked for another.</summary>
    public async Task<double> QuotaAsync(string service, string code, CancellationToken cancellationToken)
    {
        foreach (var action in new[] { "GetServiceQuota", "GetAWSDefaultServiceQuota" })
        {
            var (status, body) = await SendAsync("servicequotas", JsonSerializer.Serialize(new { ServiceCode = service, QuotaCode = code }), "application/x-amz-json-1.1", "ServiceQuotasV20190624." + action, cancellationToken);
            if (status == 200) return CloudRequests.Json(body).GetProperty("Quota").GetProperty("Value").GetDouble();
            var refusal = TypeOf(body);
            if (refusal != NoSuchResource) throw CloudRequests.Refused(Host("servicequotas"), status, refusal, $"servicequotas:{action}");
        }
        throw CloudRequests.Refused(Host("servicequotas"), 400, NoSuchResource, "servicequotas:GetServiceQuota");
    }

    private string Host(string service) => $"{service}.{region}.amazonaws.com";

    private async Task<(int Status, byte[] Body)> SendAsync(string service, string body, string contentType, string? target, CancellationToken cancellationToken)
    {
        if (access.Variable("AWS_ACCESS_KEY_ID") is not { } keyId || access.Variable("AWS_SECRET_ACCESS_KEY") is not { } secretKey)
            throw new NotLookedException("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the environment.",
                "Set them (aws configure export-credentials --format env prints them), or look by hand: Service Quotas, Amazon EC2, and `aws ec2 describe-instance-type-offerings --location-type availability-zone`.");
        var bytes = System.Text.Encoding.UTF8.GetBytes(body);
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{Host(service)}/") { Content = content };
        if (target is not null) request.Headers.Add("X-Amz-Target", target);
        AwsSignature.Sign(request, bytes, new AwsCredentials(keyId, secretKey, access.Variable("AWS_SESSION_TOKEN")), region, service, time.GetUtcNow());
        return await cloud.SendAsync(request, cancellationToken);
    }

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

    /// <summary>Such as "com.amazonaws.servicequotas#AccessDeniedException": its last part.</summary>
    private static string? TypeOf(byte[] body)
    {
        try
        {
            var root = CloudRequests.Json(body);
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("__type", out var type) ? type.ToString().Split('#')[^1] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
