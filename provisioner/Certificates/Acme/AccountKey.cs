using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Provisioner.Certificates.Acme;

/// <summary>The key pair of an account: ES256 (P-256) or RS256.</summary>
public sealed class AccountKey : IDisposable
{
    public const string Es256 = "ES256", Rs256 = "RS256";

    private readonly AsymmetricAlgorithm _key;

    private AccountKey(AsymmetricAlgorithm key) => _key = key;

    /// <summary>As JWS calls it.</summary>
    public string Algorithm => _key is RSA ? Rs256 : Es256;

    public static AccountKey Create(string algorithm) => algorithm switch
    {
        Es256 => new AccountKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)),
        Rs256 => new AccountKey(RSA.Create(2048)),
        _ => throw new ArgumentException($"An account's key is {Es256} or {Rs256}, not {algorithm}.", nameof(algorithm)),
    };

    /// <exception cref="CryptographicException">It is no private key of either kind.</exception>
    public static AccountKey FromPem(string pem)
    {
        foreach (AsymmetricAlgorithm key in new AsymmetricAlgorithm[] { ECDsa.Create(), RSA.Create() })
        {
            try
            {
                key.ImportFromPem(pem);
                return new AccountKey(key);
            }
            catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
            {
                key.Dispose();
            }
        }
        throw new CryptographicException("It holds no private key.");
    }

    public string ToPem() => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>The public half. Members stand in the order that a thumbprint needs (RFC 7638).</summary>
    public JsonObject PublicJwk()
    {
        if (_key is RSA rsa)
        {
            var parameters = rsa.ExportParameters(false);
            return new JsonObject { ["e"] = Base64Url.EncodeToString(parameters.Exponent), ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(parameters.Modulus) };
        }
        var point = ((ECDsa)_key).ExportParameters(false).Q;
        return new JsonObject { ["crv"] = "P-256", ["kty"] = "EC", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }

    public string Thumbprint() => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(PublicJwk().ToJsonString())));

    /// <summary>As JWS wants it: for ES256 the two numbers side by side, not DER.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => _key is RSA rsa
        ? rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        : ((ECDsa)_key).SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public void Dispose() => _key.Dispose();
}
