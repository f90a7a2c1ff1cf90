using System.Text.Json;

namespace OrgSimulator.OAuth;

/// <summary>The assertion of the JWT bearer flow. The org knows no certificates, so the signature is not checked; the claims are.</summary>
public static class Jwt
{
    /// <returns>What is wrong with it, or null.</returns>
    public static (string Error, string Description)? Judge(string assertion, SimulatorOptions options, uint now)
    {
        try
        {
            var parts = assertion.Split('.');
            if (parts.Length != 3) return ("invalid_grant", "invalid assertion");
            var padded = parts[1].Replace('-', '+').Replace('_', '/').PadRight((parts[1].Length + 3) / 4 * 4, '=');
            using var claims = JsonDocument.Parse(Convert.FromBase64String(padded));
            var root = claims.RootElement;
            var audience = root.GetProperty("aud").GetString()?.TrimEnd('/') ?? "";
            if (audience != options.PublicUrl && audience != options.PublicUrl.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)
                && audience is not ("https://login.salesforce.com" or "https://test.salesforce.com")) return ("invalid_grant", "audience is invalid");
            if (root.GetProperty("sub").GetString() != options.User) return ("invalid_grant", "user hasn't approved this consumer");
            if (string.IsNullOrEmpty(root.GetProperty("iss").GetString())) return ("invalid_client_id", "client identifier invalid");
            // sf sends milliseconds: far in the future, and to be tolerated.
            return root.GetProperty("exp").GetInt64() < now ? ("invalid_grant", "expired authorization code") : null;
        }
        catch (Exception problem) when (problem is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return ("invalid_grant", "invalid assertion");
        }
    }
}
