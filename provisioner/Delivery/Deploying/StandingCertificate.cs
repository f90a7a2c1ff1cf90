using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Delivery.Deploying;

/// <summary>The certificate that `current` leads to, as it really stands on the host.</summary>
/// <param name="Serial">The folder's name.</param>
/// <param name="HasKey">A key stands beside it.</param>
public sealed record StandingCertificate(string Serial, ImmutableArray<string> Names, string Issuer, DateTimeOffset NotAfter, bool HasKey)
{
    /// <summary>Prints the folder's name, whether there is a key, and the chain; nothing when there is no link. The key itself is never read.</summary>
    internal const string Script = $$"""
        t={{CertificatePlan.Current}}
        if [ -L "$t" ]; then
            basename "$(readlink "$t")"
            if [ -s "$t/privkey.pem" ] || [ -s "$t/server.key" ]; then echo key; else echo none; fi
            if [ -f "$t/fullchain.pem" ]; then cat "$t/fullchain.pem"; elif [ -f "$t/server.crt" ]; then cat "$t/server.crt"; fi
        fi

        """;

    /// <returns>Null: no link stands there. One whose chain cannot be read has no names.</returns>
    internal static StandingCertificate? Parse(string output)
    {
        var lines = output.Split('\n', 3);
        if (lines.Length < 3 || lines[0].Length == 0) return null;
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(lines[2]);
            return new StandingCertificate(lines[0], certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names ? [.. names.EnumerateDnsNames()] : [],
                certificate.Issuer, certificate.NotAfter.ToUniversalTime(), lines[1] == "key");
        }
        catch (CryptographicException)
        {
            return new StandingCertificate(lines[0], [], "", DateTimeOffset.UnixEpoch, false);
        }
    }
}
