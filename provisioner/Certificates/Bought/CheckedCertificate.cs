using System.Collections.Immutable;

namespace Provisioner.Certificates.Bought;

/// <summary>A certificate that a server can use: checked whole.</summary>
/// <param name="ChainPem">The certificate first, then its intermediates; no root.</param>
public sealed record CheckedCertificate(string ChainPem, string KeyPem, CertificateFacts Facts)
{
    public override string ToString() => $"certificate {Facts.Serial}";
}

/// <summary>What may be shown of a certificate.</summary>
/// <param name="Serial">Hexadecimal, upper case.</param>
/// <param name="Key">Such as "RSA 2048" or "ECDSA P-256".</param>
public sealed record CertificateFacts(
    string Subject, string Issuer, string Serial, ImmutableArray<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Key);
