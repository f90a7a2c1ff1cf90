using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ExampleStacks;
using Provisioner.Certificates.Commands;
using Xunit;

namespace Certificates.Tests;

/// <summary>`certificates import` and the inbox: the door that stacks use, on the host.</summary>
public sealed class A_bought_certificate_by_the_tool : IDisposable
{
    private static readonly TestAuthority Authority = new("Bought");
    private static readonly IssuedCertificate Good = Authority.Issue([TestStore.Name]);
    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    /// <summary>What is wrong → chain, key, and words of the reason.</summary>
    private static readonly Dictionary<string, Func<(string Chain, string Key, string Words)>> Broken = new()
    {
        ["an empty chain"] = () => ("", Good.KeyPem, "no PEM certificate"),
        ["a chain that is text"] = () => ("hello", Good.KeyPem, "no PEM certificate"),
        ["a block that is no certificate"] = () => ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", Good.KeyPem, "no certificate"),
        ["a key in place of the chain"] = () => (Good.KeyPem, Good.KeyPem, "a private key and no certificate"),
        ["an empty key"] = () => (Good.ChainPem, "", "no RSA or ECDSA private key"),
        ["a certificate in place of the key"] = () => (Good.ChainPem, Good.ChainPem, "no RSA or ECDSA private key"),
        ["a key that is broken"] = () => (Good.ChainPem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no RSA or ECDSA private key"),
        ["an encrypted key without its password"] = () => (Good.ChainPem, Encrypted(), "encrypted and no password"),
        ["another key"] = () => (Good.ChainPem, Authority.Issue([TestStore.Name]).KeyPem, "does not belong to the certificate"),
        ["a chain without intermediates"] = () => (IssuedCertificate.Pem([Good.Certificate]), Good.KeyPem, "is missing"),
        ["a chain in the wrong order"] = () => (IssuedCertificate.Pem([Authority.Intermediate, Good.Certificate]), Good.KeyPem, "not the one of the key"),
        ["a stranger's intermediate"] = () => (IssuedCertificate.Pem([Good.Certificate, new TestAuthority("Stranger").Intermediate]), Good.KeyPem, "did not sign number 1"),
        ["a self-signed one"] = SelfSigned,
        ["one that has expired"] = () => Of(Authority.Issue([TestStore.Name], to: DateTimeOffset.UtcNow.AddDays(-1)), "expired on"),
        ["one that is not valid yet"] = () => Of(Authority.Issue([TestStore.Name], from: DateTimeOffset.UtcNow.AddDays(1)), "not valid before"),
        ["one for another name"] = () => Of(Authority.Issue(["other.example.org"]), "not for backup.example.org"),
        ["one whose wildcard reaches too short"] = () => Of(Authority.Issue(["*.org"]), "not for backup.example.org"),
        ["one with no alternative name"] = () => Of(Authority.Issue([]), "names no host"),
        ["one for clients"] = () => Of(Authority.Issue([TestStore.Name], change: r => r.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false))), "may not be used by a TLS server"),
        ["an authority's own"] = () => Of(Authority.Issue([TestStore.Name], change: r => r.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true))), "an authority's"),
        ["an RSA key of 1024 bits"] = WeakKey,
    };

    public static TheoryData<string> Kinds => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Is_refused_with_its_reason_and_what_is_served_stays(string kind)
    {
        Assert.Equal(ExitCode.Well, (await ImportAsync(Good.ChainPem, Good.KeyPem)).Code);
        var (chain, key, words) = Broken[kind]();
        var (code, said) = await ImportAsync(chain, key);
        Assert.Equal(ExitCode.Refused, code);
        Assert.Contains(words, said, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY-----\nM", said, StringComparison.Ordinal);
        Assert.Equal(Good.Certificate.SerialNumber.ToLowerInvariant(), _store.Current);
    }

    [Fact]
    public async Task Is_refused_in_the_inbox_once_and_taken_when_it_is_mended()
    {
        var inbox = Directory.CreateDirectory($"{_store.Root}/inbox").FullName;
        File.WriteAllText(inbox + "/fullchain.pem", Good.ChainPem);
        Assert.False(Provisioner.Certificates.Bought.Inbox.HasNews(_store.Root));       // its key is still on the way
        File.WriteAllText(inbox + "/privkey.pem", Authority.Issue([TestStore.Name]).KeyPem);
        Assert.Equal(Provisioner.Certificates.Renewal.PassResult.Failed, await _store.Bought().PassAsync(false, false, default));
        Assert.Contains("does not belong", File.ReadAllText(inbox + "/refused.txt"), StringComparison.Ordinal);
        Assert.False(Provisioner.Certificates.Bought.Inbox.HasNews(_store.Root));
        File.WriteAllText(inbox + "/privkey.pem", Good.KeyPem);
        Assert.True(Provisioner.Certificates.Bought.Inbox.HasNews(_store.Root));
        Assert.Equal(Provisioner.Certificates.Renewal.PassResult.Well, await _store.Bought().PassAsync(true, false, default));
        Assert.Empty(Directory.GetFiles(inbox));
        Assert.Equal("paid", _store.Store.Current!.Origin!.Source);
    }

    [Fact]
    public async Task May_be_a_PFX_file_and_near_its_end_it_is_told()
    {
        var path = $"{_store.Root}/given.pfx";
        var issued = Authority.Issue([TestStore.Name], from: DateTimeOffset.UtcNow.AddDays(-90), to: DateTimeOffset.UtcNow.AddDays(8));
        await File.WriteAllBytesAsync(path, Convert.FromBase64String(issued.Pfx));
        await File.WriteAllTextAsync($"{_store.Root}/password", TestAuthority.PfxPassword + "\n");
        var (code, said) = await RunAsync("import", "--pfx", path, "--password-file", $"{_store.Root}/password");
        Assert.True(code == ExitCode.Well && said.Contains("alarm: Critical", StringComparison.Ordinal), said);
        (code, said) = await RunAsync("status");
        Assert.True(code == ExitCode.StatusBad, said);
        Assert.Contains("\"alarm\": \"Critical\"", (await RunAsync("status", "--json")).Said, StringComparison.Ordinal);
        foreach (var wrong in new[] { new[] { "import", "--pfx", path, "--key", path }, ["order"], ["renew", "--json"], ["import", "--chain"] }) Assert.Equal(ExitCode.NotTried, (await RunAsync(wrong)).Code);
    }

    [Fact]
    public async Task Is_told_of_once_a_level_as_its_life_runs_out()
    {
        Assert.Equal(ExitCode.Well, (await ImportAsync(Good.ChainPem, Good.KeyPem)).Code);
        foreach (var days in new[] { 0, 36, 37, 60, 61, 72, 73, 81, 82 })       // of 80 that are left of 90
        {
            _store.Time.Shift = TimeSpan.FromDays(days);
            await _store.Bought().PassAsync(false, false, default);
        }
        Assert.Equal([5102, 5200, 5200, 5200], _store.Log.Events.Select(e => e.Id).Where(id => id is 5102 or 5200));
    }

    private static (string, string, string) Of(IssuedCertificate issued, string words) => (issued.ChainPem, issued.KeyPem, words);

    private static string Encrypted() => Good.Key.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));

    private static (string, string, string) SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={TestStore.Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(TestStore.Name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem(), "self-signed");
    }

    private static (string, string, string) WeakKey()
    {
#pragma warning disable CA5385 // the weak key is what the test is about
        using var key = RSA.Create(1024);
#pragma warning restore CA5385
        return Of(Authority.Issue([TestStore.Name], key: key), "1024 bits");
    }

    private async Task<(int Code, string Said)> ImportAsync(string chain, string key)
    {
        await File.WriteAllTextAsync($"{_store.Root}/chain.pem", chain);
        await File.WriteAllTextAsync($"{_store.Root}/key.pem", key);
        return await RunAsync("import", "--chain", $"{_store.Root}/chain.pem", "--key", $"{_store.Root}/key.pem");
    }

    private async Task<(int Code, string Said)> RunAsync(params string[] arguments)
    {
        var settings = _store.Write(new Provisioner.Certificates.AgentDocument { Store = _store.Root, Names = [TestStore.Name] });
        using var said = new StringWriter();
        var code = await new CertificatesTool(_store.Time, said, said).RunAsync([.. arguments, "--settings", settings], default);
        return (code, said.ToString());
    }
}
