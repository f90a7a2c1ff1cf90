using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates.Store;

/// <summary>Where a certificate came from: origin.json beside it.</summary>
/// <param name="Source">acme or paid.</param>
/// <param name="Directory">With acme: the authority's directory, so that a renewal elsewhere does not claim to replace it.</param>
public sealed record CertificateOrigin(string Source, Uri? Directory, string? Profile, DateTimeOffset Placed);

/// <summary>A certificate in the store.</summary>
/// <param name="Serial">Hexadecimal, lower case; the name of its folder.</param>
/// <param name="Origin">Null: placed by a deployer, or by hand.</param>
public sealed record StoredCertificate(string Serial, string Folder, X509Certificate2 Certificate, ImmutableArray<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, CertificateOrigin? Origin)
{
    public TimeSpan Life => NotAfter - NotBefore;

    public bool Covers(IEnumerable<string> names) => names.All(n => n.StartsWith("*.", StringComparison.Ordinal) ? Names.Contains(n) : Certificate.MatchesHostname(n, allowWildcards: true, allowCommonName: false));

    public override string ToString() => $"certificate {Serial}";
}
