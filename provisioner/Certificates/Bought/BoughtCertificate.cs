using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Provisioner.Certificates.Bought;

/// <summary>
/// A bought certificate, looked at as a server would need it: readable, key fits, names, dates, strength, chain in order and complete.
/// Complete means: at least one intermediate, or the root that signed it directly. Public authorities never sign with a root.
/// </summary>
public static class BoughtCertificate
{
    public delegate void Report(string key, string reason, string remedy);

    public static CheckedCertificate? FromPem(string chainPem, string keyPem, string? password, string? domain, DateTimeOffset now, Report report)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(chainPem);
        }
        catch (CryptographicException)
        {
            report("certificateChain", "it holds a block that is no certificate.", "Give the PEM files of the authority one after the other, unchanged.");
            return null;
        }
        using var key = ReadKey(keyPem, password, report);
        if (chain.Count == 0) report("certificateChain", chainPem.Contains("PRIVATE KEY", StringComparison.Ordinal) ? "it holds a private key and no certificate." : "it holds no PEM certificate.", "Give the certificate, -----BEGIN CERTIFICATE----- and so on, and then its intermediates.");
        return chain.Count == 0 ? null : Judge([.. chain], key, "certificateChain", "certificateKey", domain, now, report);
    }

    public static CheckedCertificate? FromPfx(string base64, string? password, string? domain, DateTimeOffset now, Report report)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length))
        {
            report("certificatePfx", "it is not base64.", "Give it as `base64 -w0 FILE.pfx` prints it.");
            return null;
        }
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(bytes.AsSpan(0, length), password, X509KeyStorageFlags.Exportable | X509KeyStorageFlags.EphemeralKeySet);
        }
        catch (CryptographicException)
        {
            report("certificatePfx", password is null ? "it cannot be opened without a password." : "it cannot be opened with certificatePassword, or it is no PFX file.", "Try `openssl pkcs12 -info -in FILE.pfx`, and set what opens it as certificatePassword.");
            return null;
        }
        if (all.FirstOrDefault(c => c.HasPrivateKey) is not { } own)
        {
            report("certificatePfx", "it holds no certificate with its private key.", "Export it anew with the key.");
            return null;
        }
        using var key = KeyOf(own);
        return Judge(InOrder(own, all), key, "certificatePfx", "certificatePfx", domain, now, report);
    }

    /// <summary>Why these are no root certificates; null when they are.</summary>
    public static string? RootMistake(string pem)
    {
        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(pem);
            return roots.Count == 0 ? "it holds no PEM certificate." : roots.Any(r => !CertificateSignature.Signs(r, r)) ? "it holds a certificate that is no root." : null;
        }
        catch (CryptographicException)
        {
            return "it holds a block that is no certificate.";
        }
    }

    private static CheckedCertificate? Judge(IReadOnlyList<X509Certificate2> chain, AsymmetricAlgorithm? key, string chainKey, string keyKey, string? domain, DateTimeOffset now, Report report)
    {
        var mistakes = 0;
        void Tell(string where, string reason, string remedy) { mistakes++; report(where, reason, remedy); }

        var own = chain[0];
        if (key is not null && !Fits(own, key))
        {
            if (chain.Skip(1).Any(c => Fits(c, key))) Tell(chainKey, "its first certificate is not the one of the key; another one is.", "Put the server's own certificate first, then each one's issuer.");
            else Tell(keyKey, "the key does not belong to the certificate.", "Find the key that the certificate was requested with: `openssl pkey -pubout` of the key and `openssl x509 -noout -pubkey` of the certificate must say the same.");
        }
        if (CertificateSignature.Signs(own, own)) Tell(chainKey, "the certificate is self-signed, so no browser trusts it.", "Order one from an authority, or set certificate to letsencrypt.");
        else JudgeOrder(chain, chainKey, Tell);
        JudgeDates(chain, chainKey, now, Tell);
        JudgeUse(own, chainKey, domain, Tell);
        foreach (var one in chain.Take(chain.Count > 1 && CertificateSignature.Signs(chain[^1], chain[^1]) ? chain.Count - 1 : chain.Count)) JudgeStrength(one, chainKey, Tell);
        if (mistakes > 0 || key is null) return null;
        var sent = chain.Count > 1 && CertificateSignature.Signs(chain[^1], chain[^1]) ? chain.Take(chain.Count - 1) : chain;     // clients have the root, or do not trust it
        return new CheckedCertificate(string.Concat(sent.Select(c => c.ExportCertificatePem() + "\n")), key.ExportPkcs8PrivateKeyPem() + "\n", Facts(own));
    }

    private static void JudgeOrder(IReadOnlyList<X509Certificate2> chain, string key, Report tell)
    {
        for (var i = 0; i + 1 < chain.Count; i++)
        {
            if (CertificateSignature.Signs(chain[i + 1], chain[i])) continue;
            var elsewhere = chain.Any(c => c != chain[i] && CertificateSignature.Signs(c, chain[i]));
            tell(key, $"certificate {i + 2} of the chain ({Common(chain[i + 1])}) did not sign number {i + 1} ({Common(chain[i])}).",
                elsewhere ? "Put them in order: the server's own first, then each one's issuer." : $"Add the issuer, {Common(chain[i].IssuerName)}, after number {i + 1}.");
            return;
        }
        if (chain.Count == 1) tell(key, $"the chain ends at the certificate itself; its issuer, {Common(chain[0].IssuerName)}, is missing, and many clients will not find it.", "Append the authority's intermediate certificates.");
        foreach (var (issuer, i) in chain.Select((c, i) => (c, i)).Skip(1))
            if (issuer.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is not { CertificateAuthority: true })
                tell(key, $"certificate {i + 1} of the chain ({Common(issuer)}) may not sign others.", "Give the authority's own intermediate certificates.");
    }

    private static void JudgeDates(IReadOnlyList<X509Certificate2> chain, string key, DateTimeOffset now, Report tell)
    {
        foreach (var (one, i) in chain.Select((c, i) => (c, i)))
        {
            var which = i == 0 ? "the certificate" : $"certificate {i + 1} of the chain ({Common(one)})";
            if (one.NotAfter.ToUniversalTime() <= now.UtcDateTime) tell(key, string.Create(CultureInfo.InvariantCulture, $"{which} expired on {one.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC."), "Renew it with the authority and give the new one.");
            else if (one.NotBefore.ToUniversalTime() > now.UtcDateTime) tell(key, string.Create(CultureInfo.InvariantCulture, $"{which} is not valid before {one.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC."), "Wait until then, or look at this machine's clock.");
        }
    }

    private static void JudgeUse(X509Certificate2 own, string key, string? domain, Report tell)
    {
        var names = NamesOf(own);
        if (domain is not null && !own.MatchesHostname(domain, allowWildcards: true, allowCommonName: false))
            tell(key, names.IsEmpty ? "the certificate names no host as an alternative name; browsers no longer read the common name." : $"the certificate is for {string.Join(", ", names.Take(5))}{(names.Length > 5 ? " …" : "")}, not for {domain}.", $"Order one that names {domain}.");
        if (own.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is { CertificateAuthority: true }) tell(key, "the first certificate is an authority's, not a server's.", "Put the server's own certificate first.");
        var uses = own.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
        if (uses is not null && !uses.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == "1.3.6.1.5.5.7.3.1")) tell(key, "the certificate may not be used by a TLS server.", "Order a server certificate.");
    }

    private static void JudgeStrength(X509Certificate2 one, string key, Report tell)
    {
        using var rsa = one.GetRSAPublicKey();
        using var ec = one.GetECDsaPublicKey();
        if (rsa is { KeySize: < 2048 }) tell(key, $"the RSA key of {Common(one)} has {rsa.KeySize} bits.", "At least 2048 are needed.");
        if (ec is { KeySize: < 256 }) tell(key, $"the elliptic key of {Common(one)} has {ec.KeySize} bits.", "At least 256 are needed.");
        if (rsa is null && ec is null) tell(key, $"the key of {Common(one)} is neither RSA nor ECDSA.", "Order a certificate for such a key.");
        if (one.SignatureAlgorithm.FriendlyName is { } how && (how.Contains("sha1", StringComparison.OrdinalIgnoreCase) || how.Contains("md5", StringComparison.OrdinalIgnoreCase)))
            tell(key, $"{Common(one)} is signed with {how}, which no browser accepts.", "Order one that is signed with SHA-256 or better.");
    }

    private static AsymmetricAlgorithm? ReadKey(string pem, string? password, Report report)
    {
        foreach (AsymmetricAlgorithm key in new AsymmetricAlgorithm[] { RSA.Create(), ECDsa.Create() })
        {
            try
            {
                if (pem.Contains("ENCRYPTED", StringComparison.Ordinal)) key.ImportFromEncryptedPem(pem, password ?? "");
                else key.ImportFromPem(pem);
                return key;
            }
            catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
            {
                key.Dispose();
            }
        }
        if (pem.Contains("ENCRYPTED", StringComparison.Ordinal)) report("certificateKey", password is null ? "it is encrypted and no password is given." : "certificatePassword does not open it.", "Give the password that opens it as certificatePassword.");
        else report("certificateKey", "it is no RSA or ECDSA private key in PEM.", "Set the whole file, with its first and last line.");
        return null;
    }

    private static AsymmetricAlgorithm? KeyOf(X509Certificate2 own) => (AsymmetricAlgorithm?)own.GetRSAPrivateKey() ?? own.GetECDsaPrivateKey();

    private static bool Fits(X509Certificate2 certificate, AsymmetricAlgorithm key) => certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());

    /// <summary>A PFX file has no order: each one's issuer is looked for.</summary>
    private static List<X509Certificate2> InOrder(X509Certificate2 own, X509Certificate2Collection all)
    {
        var chain = new List<X509Certificate2> { own };
        while (all.FirstOrDefault(c => !chain.Contains(c) && CertificateSignature.Signs(c, chain[^1])) is { } issuer) chain.Add(issuer);
        return chain;
    }

    private static ImmutableArray<string> NamesOf(X509Certificate2 own) =>
        own.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names ? [.. names.EnumerateDnsNames()] : [];

    private static CertificateFacts Facts(X509Certificate2 own)
    {
        using var rsa = own.GetRSAPublicKey();
        using var ec = own.GetECDsaPublicKey();
        return new CertificateFacts(own.Subject, own.Issuer, own.SerialNumber, NamesOf(own), own.NotBefore.ToUniversalTime(), own.NotAfter.ToUniversalTime(),
            rsa is not null ? $"RSA {rsa.KeySize}" : $"ECDSA P-{ec?.KeySize}");
    }

    private static string Common(X509Certificate2 one) => Common(one.SubjectName);

    private static string Common(X500DistinguishedName name) => Printable(name.Name.Length == 0 ? "no name" : name.Name);

    /// <summary>What strangers wrote goes into messages: one line, bounded.</summary>
    private static string Printable(string text)
    {
        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(80)) clean.Append(Rune.IsControl(rune) || rune.Value == 0xFFFD ? " " : rune.ToString());
        return text.Length > 80 ? clean.Append('…').ToString() : clean.ToString();
    }
}
