using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Provisioner.Certificates.Clouds;

/// <param name="SessionToken">Of credentials for some hours only; null for lasting ones.</param>
public sealed record AwsCredentials(string KeyId, string SecretKey, string? SessionToken);

/// <summary>AWS Signature Version 4: proves the secret key without sending it.</summary>
public static class AwsSignature
{
    /// <summary>Signs all headers that the request has, its query, which must be in order already, and its body.</summary>
    public static void Sign(HttpRequestMessage request, byte[] body, AwsCredentials credentials, string region, string service, DateTimeOffset now)
    {
        var stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.Host = request.RequestUri!.Host;
        request.Headers.Add("X-Amz-Date", stamp);
        if (credentials.SessionToken is { } token) request.Headers.Add("X-Amz-Security-Token", token);
        var headers = request.Headers.Concat(request.Content?.Headers.Where(h => h.Key == "Content-Type") ?? []).Where(h => h.Key != "User-Agent")
            .Select(h => (Name: h.Key.ToLowerInvariant(), Value: string.Join(',', h.Value).Trim())).OrderBy(h => h.Name, StringComparer.Ordinal).ToList();
        var signed = string.Join(';', headers.Select(h => h.Name));
        var canonical = string.Join('\n', request.Method.Method, request.RequestUri.AbsolutePath, request.RequestUri.Query.TrimStart('?'), string.Concat(headers.Select(h => $"{h.Name}:{h.Value}\n")), signed, Hash(body));
        var scope = $"{stamp[..8]}/{region}/{service}/aws4_request";
        var text = string.Join('\n', "AWS4-HMAC-SHA256", stamp, scope, Hash(Encoding.UTF8.GetBytes(canonical)));
        var key = new[] { stamp[..8], region, service, "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes("AWS4" + credentials.SecretKey), (key, part) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part)));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential={credentials.KeyId}/{scope}, SignedHeaders={signed}, Signature={signature}");
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
