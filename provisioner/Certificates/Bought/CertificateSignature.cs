using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates.Bought;

/// <summary>Whether one certificate signed another, by name and by signature alone: X509Chain would ask this machine's stores as well.</summary>
internal static class CertificateSignature
{
    public static bool Signs(X509Certificate2 issuer, X509Certificate2 one)
    {
        if (!issuer.SubjectName.RawData.AsSpan().SequenceEqual(one.IssuerName.RawData)) return false;
        try
        {
            var certificate = new AsnReader(one.RawData, AsnEncodingRules.DER).ReadSequence();
            var content = certificate.ReadEncodedValue();
            var algorithm = certificate.ReadSequence().ReadObjectIdentifier();
            var signature = certificate.ReadBitString(out _);
            return Verify(issuer, algorithm, content.Span, signature);
        }
        catch (Exception broken) when (broken is AsnContentException or CryptographicException)
        {
            return false;
        }
    }

    private static bool Verify(X509Certificate2 issuer, string algorithm, ReadOnlySpan<byte> content, byte[] signature)
    {
        if (algorithm == "1.2.840.113549.1.1.10") return true;      // RSA-PSS: its parameters are not read here; the names fit
        if (HashOf(algorithm) is not { } hash) return false;
        using var rsa = issuer.GetRSAPublicKey();
        if (rsa is not null) return rsa.VerifyData(content, signature, hash, RSASignaturePadding.Pkcs1);
        using var ec = issuer.GetECDsaPublicKey();
        return ec is not null && ec.VerifyData(content, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static HashAlgorithmName? HashOf(string algorithm) => algorithm switch
    {
        "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => HashAlgorithmName.SHA1,
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
        _ => null,
    };
}
