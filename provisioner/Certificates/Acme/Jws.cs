using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Provisioner.Certificates.Acme;

/// <summary>Signed requests in JWS's flattened JSON form (RFC 7515, RFC 8555 §6.2).</summary>
internal static class Jws
{
    /// <param name="account">Null: the key itself stands in the header, as newAccount wants it.</param>
    /// <param name="payload">Empty: POST-as-GET.</param>
    public static string Sign(AccountKey key, Uri? account, string nonce, Uri address, string payload)
    {
        var header = new JsonObject { ["alg"] = key.Algorithm, ["nonce"] = nonce, ["url"] = address.AbsoluteUri };
        if (account is null) header["jwk"] = key.PublicJwk();
        else header["kid"] = account.AbsoluteUri;
        return Flattened(header, payload, key.Sign);
    }

    /// <summary>Binds the account's key to an account that the authority knows otherwise (RFC 8555 §7.3.4).</summary>
    public static JsonNode Binding(AccountKey key, ExternalBinding binding, Uri newAccount)
    {
        var secret = Base64Url.DecodeFromChars(binding.Key.AsSpan().TrimEnd('='));
        return JsonNode.Parse(Flattened(new JsonObject { ["alg"] = "HS256", ["kid"] = binding.KeyId, ["url"] = newAccount.AbsoluteUri }, key.PublicJwk().ToJsonString(), data => HMACSHA256.HashData(secret, data)))!;
    }

    private static string Flattened(JsonObject header, string payload, Signer sign)
    {
        var head = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()));
        var body = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
        return new JsonObject { ["protected"] = head, ["payload"] = body, ["signature"] = Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes($"{head}.{body}"))) }.ToJsonString();
    }

    private delegate byte[] Signer(ReadOnlySpan<byte> data);
}

/// <param name="Key">The HMAC key, base64url, as the authority gave it.</param>
public sealed record ExternalBinding(string KeyId, string Key)
{
    public override string ToString() => $"external account {KeyId}";
}
