using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ExampleStacks;

/// <summary>A small certificate authority, root and intermediate, and what it issues. Made anew in every process.</summary>
public sealed class TestAuthority
{
    public const string PfxPassword = "test-password-of-the-pfx";

    private static readonly ConcurrentDictionary<string, IssuedCertificate> Issued = new();
    private static readonly Lazy<TestAuthority> One = new(() => new TestAuthority("Test"));

    public TestAuthority(string name)
    {
        Now = DateTimeOffset.UtcNow;
        RootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest($"CN={name} Root", RootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Root = root.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(10));
        IntermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var intermediate = new CertificateRequest($"CN={name} Intermediate", IntermediateKey, HashAlgorithmName.SHA256);
        intermediate.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        Intermediate = intermediate.Create(Root.SubjectName, X509SignatureGenerator.CreateForECDsa(RootKey), Now.AddMonths(-6), Now.AddYears(5), [1, 2, 3, 4]);
    }

    public DateTimeOffset Now { get; }
    public ECDsa RootKey { get; }
    public ECDsa IntermediateKey { get; }
    public X509Certificate2 Root { get; }
    public X509Certificate2 Intermediate { get; }

    /// <summary>A good certificate for this name, always the same one within a process.</summary>
    public static IssuedCertificate For(string domain) => Issued.GetOrAdd(domain, d => One.Value.Issue([d]));

    /// <param name="names">Alternative names; none: no such extension.</param>
    /// <param name="change">Anything else about the request.</param>
    public IssuedCertificate Issue(IReadOnlyList<string> names, DateTimeOffset? from = null, DateTimeOffset? to = null, AsymmetricAlgorithm? key = null, HashAlgorithmName? hash = null,
        Action<CertificateRequest>? change = null)
    {
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = key is RSA rsa
            ? new CertificateRequest("CN=" + (names.Count == 0 ? "server" : names[0]), rsa, hash ?? HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=" + (names.Count == 0 ? "server" : names[0]), (ECDsa)key, hash ?? HashAlgorithmName.SHA256);
        if (names.Count > 0)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (var name in names) alternatives.AddDnsName(name);
            request.CertificateExtensions.Add(alternatives.Build());
        }
        change?.Invoke(request);
        var certificate = request.Create(Intermediate.SubjectName, X509SignatureGenerator.CreateForECDsa(IntermediateKey), from ?? Now.AddDays(-10), to ?? Now.AddDays(80), RandomNumberGenerator.GetBytes(8));
        return new IssuedCertificate(certificate, key, [Intermediate]);
    }
}

/// <param name="Issuers">What follows the certificate in its chain.</param>
public sealed record IssuedCertificate(X509Certificate2 Certificate, AsymmetricAlgorithm Key, IReadOnlyList<X509Certificate2> Issuers)
{
    public string ChainPem => Pem([Certificate, .. Issuers]);

    public string KeyPem => Key.ExportPkcs8PrivateKeyPem();

    /// <summary>Base64, with <see cref="TestAuthority.PfxPassword"/>.</summary>
    public string Pfx
    {
        get
        {
            var own = Key switch { RSA rsa => Certificate.CopyWithPrivateKey(rsa), ECDsa ec => Certificate.CopyWithPrivateKey(ec), _ => throw new InvalidOperationException() };
            return Convert.ToBase64String(new X509Certificate2Collection((X509Certificate2[])[own, .. Issuers]).Export(X509ContentType.Pkcs12, TestAuthority.PfxPassword)!);
        }
    }

    public static string Pem(IEnumerable<X509Certificate2> certificates) => string.Join('\n', certificates.Select(c => c.ExportCertificatePem())) + "\n";
}
