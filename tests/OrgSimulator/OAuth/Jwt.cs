using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrgSimulator.OAuth;

/// <summary>The assertion of the JWT bearer flow: RS256 by the key of the app, claims with the tolerance that real clients rely on.</summary>
public static class Jwt
{
    /// <returns>The app whose assertion it is, or what is wrong with it.</returns>
    public static (ConnectedApp? App, string Error, string Description) Judge(string assertion, ConnectedApps apps, SimulatorOptions options, uint now)
    {
        try
        {
            var parts = assertion.Split('.');
            if (parts.Length != 3) return Wrong("invalid_grant", "invalid assertion");
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            var root = claims.RootElement;
            if (apps.Find(root.GetProperty("iss").GetString() ?? "") is not { } app) return Wrong("invalid_client_id", "client identifier invalid");
            if (header.RootElement.GetProperty("alg").GetString() != "RS256") return Wrong("invalid_grant", "invalid assertion");
            if (app.PublicKeyPem is null) return Wrong("invalid_client", "invalid client credentials");
            if (!app.Verifies(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Base64Url.DecodeFromChars(parts[2]))) return Wrong("invalid_grant", "invalid assertion");
            var audience = root.GetProperty("aud").GetString()?.TrimEnd('/') ?? "";
            if (audience != options.PublicUrl && audience != options.PublicUrl.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)
                && audience is not ("https://login.salesforce.com" or "https://test.salesforce.com")) return Wrong("invalid_grant", "audience is invalid");
            if (root.GetProperty("sub").GetString() != options.User) return Wrong("invalid_grant", "user hasn't approved this consumer");
            if (!app.Preauthorized) return Wrong("invalid_app_access", "user is not admin approved to access this app");
            // sf sends milliseconds: far in the future, and to be tolerated.
            return root.GetProperty("exp").GetInt64() < now ? Wrong("invalid_grant", "expired authorization code") : (app, "", "");
        }
        catch (Exception problem) when (problem is FormatException or JsonException or KeyNotFoundException or InvalidOperationException or CryptographicException or ArgumentException)
        {
            return Wrong("invalid_grant", "invalid assertion");
        }
    }

    private static (ConnectedApp?, string, string) Wrong(string error, string description) => (null, error, description);
}
