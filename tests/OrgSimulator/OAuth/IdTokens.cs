using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrgSimulator.OAuth;

/// <summary>OpenID Connect: the id_token that goes with the scope openid, and the keys that check it.</summary>
public sealed class IdTokens(SimulatorOptions options)
{
    private readonly Lazy<RSA> _key = new(() => RSA.Create(2048));

    public string Write(string clientId, string subject, uint now)
    {
        var claims = JsonSerializer.Serialize(new { iss = options.PublicUrl, sub = subject, aud = clientId, iat = now, exp = now + 120 });
        var text = Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT","kid":"1"}"""u8) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));
        return text + "." + Base64Url.EncodeToString(_key.Value.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public void Keys(Utf8JsonWriter json)
    {
        var key = _key.Value.ExportParameters(false);
        json.WriteStartObject();
        json.WriteStartArray("keys");
        json.WriteStartObject();
        foreach (var (name, value) in ((string, string)[])[("kty", "RSA"), ("alg", "RS256"), ("use", "sig"), ("kid", "1"), ("n", Base64Url.EncodeToString(key.Modulus)), ("e", Base64Url.EncodeToString(key.Exponent))])
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
