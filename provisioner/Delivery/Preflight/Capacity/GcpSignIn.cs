using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Provisioner.Delivery.Preflight.Capacity;

/// <summary>A token by what Google's own tools leave in the environment: a token itself, a service account's key, or a person's own sign-in.</summary>
internal static class GcpSignIn
{
    private const string Tokens = "https://oauth2.googleapis.com/token";

    public static async Task<string> TokenAsync(CloudRequests cloud, CloudAccess access, TimeProvider time, CancellationToken cancellationToken)
    {
        if (access.Variable("GOOGLE_OAUTH_ACCESS_TOKEN") is { } token) return token;
        var given = access.Variable("GOOGLE_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON", "GCLOUD_KEYFILE_JSON", "GOOGLE_APPLICATION_CREDENTIALS")
            ?? throw new NotLookedException("neither GOOGLE_OAUTH_ACCESS_TOKEN nor GOOGLE_CREDENTIALS nor GOOGLE_APPLICATION_CREDENTIALS is in the environment.",
                "Set one (gcloud auth print-access-token prints a token), or look by hand: gcloud compute regions describe REGION, and gcloud compute machine-types list.");
        var form = await FormAsync(given, time, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, Tokens) { Content = new FormUrlEncodedContent(form) };
        var (status, body) = await cloud.SendAsync(request, cancellationToken);
        if (status != 200) throw CloudRequests.Refused(request.RequestUri!.Host, status, CloudRequests.CodeOf(body), "the account must be able to sign in");
        return CloudRequests.Json(body).GetProperty("access_token").GetString()!;
    }

    private static async Task<Dictionary<string, string>> FormAsync(string given, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var text = given.TrimStart().StartsWith('{') ? given : await File.ReadAllTextAsync(given, cancellationToken);
            using var key = JsonDocument.Parse(text);
            string Of(string name) => key.RootElement.GetProperty(name).GetString()!;
            return Of("type") switch
            {
                "service_account" => new() { ["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer", ["assertion"] = Assertion(Of("client_email"), Of("private_key"), time.GetUtcNow()) },
                "authorized_user" => new() { ["grant_type"] = "refresh_token", ["client_id"] = Of("client_id"), ["client_secret"] = Of("client_secret"), ["refresh_token"] = Of("refresh_token") },
                var other => throw new NotLookedException($"credentials of the type {other} are not taken here.", "Set GOOGLE_OAUTH_ACCESS_TOKEN to what gcloud auth print-access-token prints."),
            };
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or CryptographicException or ArgumentException)
        {
            throw new NotLookedException("the credentials that the environment names cannot be read.", "Look at GOOGLE_CREDENTIALS and GOOGLE_APPLICATION_CREDENTIALS: a service account's key, as JSON or as a file.");
        }
    }

    /// <summary>A signed statement, good for some minutes, that this is the service account (RFC 7523).</summary>
    private static string Assertion(string account, string privateKey, DateTimeOffset now)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(privateKey);
        var unsigned = Part(new { alg = "RS256", typ = "JWT" }) + "." + Part(new { iss = account, scope = "https://www.googleapis.com/auth/compute.readonly", aud = Tokens, iat = now.ToUnixTimeSeconds(), exp = now.AddMinutes(10).ToUnixTimeSeconds() });
        return unsigned + "." + Base64Url.EncodeToString(rsa.SignData(System.Text.Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

        static string Part(object claims) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
    }
}
