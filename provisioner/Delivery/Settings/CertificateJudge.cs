using Provisioner.Certificates.Bought;

namespace Provisioner.Delivery.Settings;

internal static class CertificateJudge
{
    private static readonly Uri LetsEncryptDirectory = new("https://acme-v02.api.letsencrypt.org/directory");
    private static readonly string[] LetsEncryptProfiles = ["classic", "tlsserver", "shortlived"];

    public static CertificateSettings? Judge(SettingValues values, DateTimeOffset now) => values.Text("certificate") switch
    {
        "letsencrypt" => Acme(values, letsEncrypt: true),
        "acme" => Acme(values, letsEncrypt: false),
        "paid" => Paid(values, now),
        _ => null,
    };

    private static AcmeCertificate? Acme(SettingValues values, bool letsEncrypt)
    {
        var vpn = values.Text("network") is "vpn";
        var challenge = (values.Text("acmeChallenge") ?? (vpn ? "dns-01" : "http-01")) is "dns-01" ? AcmeChallenge.Dns01 : AcmeChallenge.Http01;
        if (vpn && challenge == AcmeChallenge.Http01) values.Report("acmeChallenge", "no authority reaches port 80 of a machine that has no public address.", "Take dns-01, or remove the key.");
        if (challenge == AcmeChallenge.Dns01 && values.Text("dnsProvider") is "none")
            values.Report("dnsProvider", "dns-01 writes a record at every renewal, and nobody is named who can.", vpn ? "Name a provider, or take a bought certificate." : "Name a provider, or set acmeChallenge to http-01.");
        var profile = values.Text("acmeProfile");
        if (letsEncrypt && profile is not null && !LetsEncryptProfiles.Contains(profile)) values.Report("acmeProfile", "Let's Encrypt has no such profile.", $"Choose one of {string.Join(", ", LetsEncryptProfiles)}.");
        var emails = values.Texts("acmeEmail");
        if (emails.Length > 1) values.Report("acmeEmail", "one contact is enough.", "Name one address.");
        var account = ExternalAccount(values);
        var root = values.Text("acmeRoot");
        if (root is not null && BoughtCertificate.RootMistake(root) is { } wrong) values.Report("acmeRoot", wrong, "Give the authority's root certificate as PEM.");
        var directory = letsEncrypt ? LetsEncryptDirectory : values.Address("acmeDirectory");
        return directory is null ? null : new AcmeCertificate(directory, letsEncrypt, challenge, emails.IsEmpty ? null : emails[0], profile, account, root);
    }

    private static ExternalAccount? ExternalAccount(SettingValues values)
    {
        var (id, key) = (values.Text("acmeEabKeyId"), values.Text("acmeEabKey"));
        if (id is not null && !values.Has("acmeEabKey")) values.Report("acmeEabKey", "it is missing; a key id alone binds nothing.", "Set it with `pulumi config set --secret acmeEabKey`.");
        if (key is not null && !values.Has("acmeEabKeyId")) values.Report("acmeEabKeyId", "it is missing; the key needs its id.", "Set the id that the authority gave with the key.");
        if (key is null) return null;
        if (!System.Buffers.Text.Base64Url.IsValid(key) || key.Length < 22) values.Report("acmeEabKey", "it is no base64url key of 16 bytes or more.", "Set it exactly as the authority gave it: letters, digits, - and _.");
        return id is null ? null : new ExternalAccount(id, new Secret(key));
    }

    private static PaidCertificate? Paid(SettingValues values, DateTimeOffset now)
    {
        var (chain, key, pfx) = (values.Text("certificateChain"), values.Text("certificateKey"), values.Text("certificatePfx"));
        if (values.Has("certificatePfx") && (values.Has("certificateChain") || values.Has("certificateKey")))
            values.Report("certificatePfx", "it stands beside certificateChain or certificateKey.", "Give either the PFX file or chain and key.");
        else if (!values.Has("certificatePfx"))
        {
            if (!values.Has("certificateChain")) values.Report("certificateChain", "it is missing; a bought certificate must be given.", "Set it from the file that the authority sent: `pulumi config set certificateChain < FILE`, or certificatePfx.");
            if (!values.Has("certificateKey")) values.Report("certificateKey", "it is missing; a certificate without its key serves nobody.", "Set it with `pulumi config set --secret certificateKey < FILE`.");
        }
        var domain = values.Text("domain");
        var password = values.Secret("certificatePassword");
        var bought = pfx is not null ? BoughtCertificate.FromPfx(pfx, password?.Reveal(), domain, now, values.Report)
            : chain is not null && key is not null ? BoughtCertificate.FromPem(chain, key, password?.Reveal(), domain, now, values.Report) : null;
        return bought is null ? null : new PaidCertificate(bought.ChainPem, new Secret(bought.KeyPem), bought.Facts);
    }
}
