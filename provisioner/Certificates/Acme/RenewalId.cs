using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates.Acme;

/// <summary>How ARI names a certificate: key identifier of its authority, a dot, its serial number (RFC 9773 §4.1).</summary>
public static class RenewalId
{
    /// <returns>Null: the certificate names no key of its authority.</returns>
    public static string? Of(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier is { } key
            // The serial's DER bytes: a leading zero stands where the number would else be negative.
            ? $"{Base64Url.EncodeToString(key.Span)}.{Base64Url.EncodeToString(certificate.SerialNumberBytes.Span)}" : null;
}
