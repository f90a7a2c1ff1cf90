using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ExampleStacks;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Delivery.Tests;

/// <summary>Chain and key really parsed. Some twenty ways to be broken, each refused with its reason.</summary>
public sealed class A_bought_certificate
{
    private const string Domain = "backup.example.org";
    private static readonly TestAuthority Authority = new("Bought");

    [Fact]
    public void Is_taken_when_all_is_right()
    {
        var paid = Assert.IsType<PaidCertificate>(Judge(Authority.Issue([Domain])).Settings!.Certificate);
        Assert.Equal((Domain, "CN=Bought Intermediate", "ECDSA P-256"), (Assert.Single(paid.Facts.Names), paid.Facts.Issuer, paid.Facts.Key));
        Assert.Equal(2, Count(paid.ChainPem));
        Assert.Contains("BEGIN PRIVATE KEY", paid.KeyPem.Reveal(), StringComparison.Ordinal);
    }

    [Fact]
    public void May_be_a_wildcard_an_RSA_key_an_old_style_key_or_bring_its_root_which_is_left_out()
    {
        Assert.NotNull(Judge(Authority.Issue(["*.example.org"])).Settings);
        using var rsa = RSA.Create(2048);
        var issued = Authority.Issue([Domain], key: rsa);
        Assert.NotNull(Judge(issued.ChainPem, rsa.ExportRSAPrivateKeyPem()).Settings);
        var elliptic = Authority.Issue([Domain]);
        Assert.NotNull(Judge(elliptic.ChainPem, ((ECDsa)elliptic.Key).ExportECPrivateKeyPem()).Settings);
        var paid = (PaidCertificate)Judge(IssuedCertificate.Pem([issued.Certificate, Authority.Intermediate, Authority.Root]), issued.KeyPem).Settings!.Certificate;
        Assert.Equal(2, Count(paid.ChainPem));
    }

    [Fact]
    public void May_come_as_a_PFX_file_in_any_order_with_its_password()
    {
        var verdict = Judge(("certificatePfx", Authority.Issue([Domain]).Pfx), ("certificatePassword", TestAuthority.PfxPassword));
        Assert.Equal("", verdict.ToString());
        Assert.Equal(2, Count(((PaidCertificate)verdict.Settings!.Certificate).ChainPem));
    }

    [Fact]
    public void May_have_an_encrypted_key()
    {
        var issued = Authority.Issue([Domain]);
        var key = issued.Key.ExportEncryptedPkcs8PrivateKeyPem("open sesame", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        Assert.NotNull(Judge(("certificateChain", issued.ChainPem), ("certificateKey", key), ("certificatePassword", "open sesame")).Settings);
        Refused(Judge(("certificateChain", issued.ChainPem), ("certificateKey", key)), "certificateKey", "no password is given");
        Refused(Judge(("certificateChain", issued.ChainPem), ("certificateKey", key), ("certificatePassword", "wrong")), "certificateKey", "does not open it");
    }

    [Fact]
    public void Is_refused_for_another_key() => Refused(Judge(Authority.Issue([Domain]).ChainPem, Authority.Issue([Domain]).KeyPem), "certificateKey", "does not belong");

    [Fact]
    public void Is_refused_when_expired() => Refused(Judge(Authority.Issue([Domain], to: Authority.Now.AddDays(-1))), "certificateChain", "expired on");

    [Fact]
    public void Is_refused_before_its_time() => Refused(Judge(Authority.Issue([Domain], from: Authority.Now.AddDays(2))), "certificateChain", "not valid before");

    [Fact]
    public void Is_refused_for_another_name()
    {
        Refused(Judge(Authority.Issue(["www.example.org"])), "certificateChain", "for www.example.org, not for backup.example.org");
        Refused(Judge(Authority.Issue(["*.crm.example.org"])), "certificateChain", "not for backup.example.org");
        Refused(Judge(Authority.Issue(["*.org"])), "certificateChain", "not for backup.example.org");
    }

    [Fact]
    public void Is_refused_with_a_common_name_only() =>
        Refused(Judge(Authority.Issue([])), "certificateChain", "no host as an alternative name");

    [Fact]
    public void Is_refused_without_its_intermediate()
    {
        var issued = Authority.Issue([Domain]);
        Refused(Judge(issued.Certificate.ExportCertificatePem(), issued.KeyPem), "certificateChain", "CN=Bought Intermediate, is missing");
    }

    [Fact]
    public void Is_refused_in_the_wrong_order()
    {
        var issued = Authority.Issue([Domain]);
        Refused(Judge(IssuedCertificate.Pem([Authority.Intermediate, issued.Certificate]), issued.KeyPem), "certificateChain", "not the one of the key");
        Refused(Judge(IssuedCertificate.Pem([issued.Certificate, Authority.Root, Authority.Intermediate]), issued.KeyPem), "certificateChain", "Put them in order");
    }

    [Fact]
    public void Is_refused_with_somebody_elses_intermediate()
    {
        var issued = Authority.Issue([Domain]);
        Refused(Judge(IssuedCertificate.Pem([issued.Certificate, new TestAuthority("Other").Intermediate]), issued.KeyPem), "certificateChain", "did not sign");
        Refused(Judge(IssuedCertificate.Pem([issued.Certificate, new TestAuthority("Bought").Intermediate]), issued.KeyPem), "certificateChain", "did not sign");     // same names, other keys
    }

    [Fact]
    public void Is_refused_when_self_signed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + Domain, key, HashAlgorithmName.SHA256);
        using var own = request.CreateSelfSigned(Authority.Now.AddDays(-1), Authority.Now.AddDays(30));
        Refused(Judge(own.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem()), "certificateChain", "self-signed");
    }

    [Fact]
    public void Is_refused_with_a_weak_key_or_signature()
    {
        using var weak = RSA.Create(1024);
        Refused(Judge(Authority.Issue([Domain], key: weak)), "certificateChain", "1024 bits");
        using var root = RSA.Create(2048);
        using var issuer = new CertificateRequest("CN=Old", root, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) { CertificateExtensions = { new X509BasicConstraintsExtension(true, false, 0, true) } }
            .CreateSelfSigned(Authority.Now.AddYears(-1), Authority.Now.AddYears(1));
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + Domain, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Domain);
        request.CertificateExtensions.Add(names.Build());
        using var old = request.Create(issuer.SubjectName, new Sha1(root), Authority.Now.AddDays(-1), Authority.Now.AddDays(30), [9, 9]);
        Refused(Judge(IssuedCertificate.Pem([old, issuer]), key.ExportPkcs8PrivateKeyPem()), "certificateChain", "sha1");
    }

    [Fact]
    public void Is_refused_when_it_is_no_servers()
    {
        Refused(Judge(Authority.Issue([Domain], change: r => r.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false)))), "certificateChain", "may not be used by a TLS server");
        Refused(Judge(Authority.Issue([Domain], change: r => r.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true)))), "certificateChain", "an authority's");
    }

    [Theory]
    [InlineData("certificateChain", "not a pem", "no PEM certificate")]
    [InlineData("certificateChain", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "no certificate")]
    [InlineData("certificateKey", "secret words", "no RSA or ECDSA private key")]
    [InlineData("certificateKey", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "no RSA or ECDSA private key")]
    public void Is_refused_when_it_cannot_be_read(string key, string value, string words)
    {
        var issued = Authority.Issue([Domain]);
        Refused(Judge(key == "certificateChain" ? value : issued.ChainPem, key == "certificateKey" ? value : issued.KeyPem), key, words);
    }

    [Fact]
    public void Is_refused_when_its_PFX_cannot_be_opened()
    {
        var pfx = Authority.Issue([Domain]).Pfx;
        Refused(Judge(("certificatePfx", pfx)), "certificatePfx", "without a password");
        Refused(Judge(("certificatePfx", pfx), ("certificatePassword", "wrong")), "certificatePfx", "cannot be opened");
        Refused(Judge(("certificatePfx", "C:\\certificate.pfx")), "certificatePfx", "not base64");
        Refused(Judge(("certificatePfx", Convert.ToBase64String([1, 2, 3])), ("certificatePassword", "x")), "certificatePfx", "no PFX file");
        var without = new X509Certificate2Collection(Authority.Intermediate).Export(X509ContentType.Pkcs12, "x")!;
        Refused(Judge(("certificatePfx", Convert.ToBase64String(without)), ("certificatePassword", "x")), "certificatePfx", "no certificate with its private key");
        Refused(Judge(("certificatePfx", pfx), ("certificateKey", "x")), "certificatePfx", "beside");
    }

    private static Judgement Judge(IssuedCertificate issued) => Judge(issued.ChainPem, issued.KeyPem);

    private static Judgement Judge(string chain, string key) => Judge(("certificateChain", chain), ("certificateKey", key));

    private static Judgement Judge(params (string Key, string? Value)[] changes)
    {
        var stack = ExampleStack.Named("aws-gp2-customer").With(("certificateChain", null), ("certificateKey", null)).With(changes);
        return SettingsJudge.Judge(stack.Input with { SecretKeys = new HashSet<string> { "appliance:certificateKey", "appliance:certificatePfx", "appliance:certificatePassword" } }, Authority.Now);
    }

    private static void Refused(Judgement verdict, string key, string words)
    {
        Assert.Null(verdict.Settings);
        Assert.True(verdict.Mistakes.Any(m => m.Key == "appliance:" + key && m.ToString().Contains(words, StringComparison.Ordinal)), verdict.ToString());
        Assert.DoesNotContain("PRIVATE KEY", verdict.ToString(), StringComparison.Ordinal);
    }

    private static int Count(string pem) => pem.Split("BEGIN CERTIFICATE").Length - 1;

    /// <summary>The platform no longer signs with SHA-1 by itself.</summary>
    private sealed class Sha1(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Convert.FromHexString("300D06092A864886F70D0101050500");

#pragma warning disable CA5350 // the weak hash is what the test is about
        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
#pragma warning restore CA5350

        protected override PublicKey BuildPublicKey() => new(key);
    }
}
