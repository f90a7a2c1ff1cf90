using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Vault;

/// <summary>The certificate's plain bytes, which the manifest's hash is of.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = false, RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CompletenessCertificate))]
internal sealed partial class CertificateJson : JsonSerializerContext
{
    private static CertificateJson Written => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Document(Guid snapshotId) => $"certificates/{snapshotId:D}.json";

    public static byte[] Write(CompletenessCertificate certificate) => JsonSerializer.SerializeToUtf8Bytes(certificate, Written.CompletenessCertificate);

    public static string Sha256(ReadOnlySpan<byte> json) => Convert.ToHexStringLower(SHA256.HashData(json));

    public static CompletenessCertificate Read(string name, ReadOnlySpan<byte> json)
    {
        try
        {
            var certificate = JsonSerializer.Deserialize(json, Default.CompletenessCertificate);
            return certificate is { Format: Appliance.Vault.CompletenessCertificate.FormatName } ? certificate : throw VaultException.Damaged(name, "it is no certificate");
        }
        catch (JsonException failure)
        {
            throw VaultException.Damaged(name, $"it is no certificate ({failure.Message})", failure);
        }
    }
}
