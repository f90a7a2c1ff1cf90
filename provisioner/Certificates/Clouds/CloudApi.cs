using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Provisioner.Certificates.Clouds;

/// <summary>What an API answered.</summary>
internal sealed record CloudAnswer(HttpStatusCode Status, byte[] Body, TimeSpan? RetryAfter)
{
    /// <exception cref="JsonException">It is none.</exception>
    public JsonElement Json()
    {
        using var document = JsonDocument.Parse(Body);
        return document.RootElement.Clone();
    }
}

/// <summary>Requests to the API of a cloud's DNS. Of a refusal only its code is told: messages and requests may carry what is nobody's business.</summary>
/// <param name="cloud">How people call it.</param>
/// <param name="codeOf">The code in a refusal's body; null: there is none.</param>
internal sealed class CloudApi(HttpClient http, string cloud, Func<byte[], string?> codeOf)
{
    /// <summary>An answer of any kind but one that passes by itself.</summary>
    /// <exception cref="CertificateException">Transient: nobody answers, or asks to be left alone for a while.</exception>
    public async Task<CloudAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var host = request.RequestUri!.Host;
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var answer = new CloudAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), response.Headers.RetryAfter?.Delta);
            if ((int)answer.Status >= 500 || answer.Status == HttpStatusCode.TooManyRequests || Throttled(answer)) throw Told(answer, FailureKind.Transient, host, "Nothing: it is tried again by itself.");
            return answer;
        }
        catch (Exception silent) when (silent is HttpRequestException or IOException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CertificateException(FailureKind.Transient, $"{cloud} at {host} does not answer: {silent.GetBaseException().Message.TrimEnd('.')}.", "Look at the machine's way out to it, port 443.", silent);
        }
    }

    /// <param name="permission">What the machine's identity needs.</param>
    /// <param name="zone">How the zone is named in the settings.</param>
    public CertificateException Refused(CloudAnswer answer, string host, string permission, string zone) => answer.Status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Told(answer, FailureKind.Operator, host, $"Let the machine's identity have {permission}: `pulumi up` of a stack with acmeChallenge: dns-01 gives it, and takes a minute to hold."),
        HttpStatusCode.NotFound => Told(answer, FailureKind.Operator, host, $"There is no zone {zone} there: look at dnsZone and dnsZoneId, and whether it is in the machine's own account."),
        _ => Told(answer, FailureKind.Operator, host, $"Look at dnsZone and dnsZoneId ({zone}), and whether a record that is no TXT stands under the name."),
    };

    public string? CodeOf(CloudAnswer answer) => codeOf(answer.Body) is { Length: > 0 and < 80 } code && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.') ? code : null;

    private bool Throttled(CloudAnswer answer) => (int)answer.Status >= 400 && CodeOf(answer) is "Throttling" or "ThrottlingException" or "PriorRequestNotComplete" or "rateLimitExceeded" or "RESOURCE_EXHAUSTED";

    private CertificateException Told(CloudAnswer answer, FailureKind kind, string host, string remedy) =>
        new(kind, string.Create(CultureInfo.InvariantCulture, $"{cloud} at {host} answers {(int)answer.Status}{(CodeOf(answer) is { } code ? " " + code : "")}."), remedy) { RetryAfter = answer.RetryAfter };

    /// <summary>Of Azure: {"error":{"code":…}} or {"code":…}; of Google: {"error":{"status":…,"errors":[{"reason":…}]}}.</summary>
    public static string? JsonCode(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return null;
            if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object) root = error;
            if (root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array && errors.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first && first.TryGetProperty("reason", out var reason)) return reason.ToString();
            return root.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.String ? status.GetString() : root.TryGetProperty("code", out var code) ? code.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
