using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Provisioner.Certificates;
using Provisioner.Certificates.Acme;
using Provisioner.Certificates.Challenges;
using Xunit;

namespace Certificates.Tests;

/// <summary>The forms that standards fix, held against their own examples.</summary>
public sealed class The_wire
{
    // RFC 7638 §3.1.
    private const string Modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    [Fact]
    public void Has_thumbprints_as_RFC_7638_computes_them()
    {
        using var rsa = System.Security.Cryptography.RSA.Create();
        var jwk = new JsonObject { ["e"] = "AQAB", ["kty"] = "RSA", ["n"] = Modulus };
        var thumbprint = System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(jwk.ToJsonString())));
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", thumbprint);
        foreach (var kind in new[] { AccountKey.Es256, AccountKey.Rs256 })
        {
            using var key = AccountKey.Create(kind);
            var members = key.PublicJwk().Select(m => m.Key).ToList();
            Assert.Equal(members.Order(StringComparer.Ordinal), members);
            using var again = AccountKey.FromPem(key.ToPem());
            Assert.Equal((kind, key.Thumbprint()), (again.Algorithm, again.Thumbprint()));
            Assert.Equal(kind == AccountKey.Es256 ? 64 : 256, key.Sign("x"u8).Length);
        }
    }

    [Fact]
    public void Names_certificates_for_renewal_as_RFC_9773_does()
    {
        // The certificate of its appendix A.
        const string Pem = """
            -----BEGIN CERTIFICATE-----
            MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
            cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
            BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
            7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
            qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
            yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
            +FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
            -----END CERTIFICATE-----
            """;
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(Pem);
        Assert.Equal("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", RenewalId.Of(certificate));
    }

    [Theory]
    [InlineData(400, "caa", "Operator", "CAA records")]
    [InlineData(403, "unauthorized", "Operator", "proof of control")]
    [InlineData(429, "rateLimited", "RateLimited", "when the authority allows it")]
    [InlineData(500, "serverInternal", "Transient", "tried again")]
    [InlineData(400, "rejectedIdentifier", "Operator", "another authority")]
    [InlineData(503, "somethingNew", "Transient", "tried again")]
    public void Turns_problem_documents_into_cause_and_remedy(int status, string type, string kind, string remedy)
    {
        var body = new JsonObject { ["type"] = "urn:ietf:params:acme:error:" + type, ["detail"] = "first line\nsecond", ["subproblems"] = new JsonArray(new JsonObject { ["type"] = "x", ["detail"] = "no", ["identifier"] = new JsonObject { ["type"] = "dns", ["value"] = "a.example.org" } }) };
        var failure = AcmeProblem.Of(new Uri("https://ca.example.org/x"), (HttpStatusCode)status, body.ToJsonString(), TimeSpan.FromHours(1));
        Assert.Equal((kind, type, TimeSpan.FromHours(1)), (failure.Kind.ToString(), failure.Problem, failure.RetryAfter));
        Assert.Contains(remedy, failure.Remedy, StringComparison.Ordinal);
        Assert.Equal($"ca.example.org says {type}: first line second; a.example.org: no.", failure.Message);
    }

    [Theory]
    [InlineData(502, "<html>bad gateway</html>", FailureKind.Transient)]
    [InlineData(429, "", FailureKind.RateLimited)]
    [InlineData(404, "{}", FailureKind.Operator)]
    public void Understands_answers_that_are_no_problem_documents(int status, string body, FailureKind kind) =>
        Assert.Equal(kind, AcmeProblem.Of(new Uri("https://ca.example.org/x"), (HttpStatusCode)status, body, null).Kind);

    [Fact]
    public async Task Answers_only_tokens_that_stand_and_only_while_they_do()
    {
        var port = Authority.Tool.FreePort();
        using var solver = new HttpSolver([new IPEndPoint(IPAddress.Loopback, port), new IPEndPoint(IPAddress.Parse("203.0.113.1"), 80)], null);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        var proof = new ChallengeProof("a.example.org", "token_1", "token_1.print");
        await solver.PresentAsync(proof, default);
        await solver.PresentAsync(proof, default);
        Assert.Equal("token_1.print", await client.GetStringAsync("/.well-known/acme-challenge/token_1"));
        foreach (var other in new[] { "/", "/.well-known/acme-challenge/token_2", "/.well-known/acme-challenge/../token_1" }) Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(other)).StatusCode);
        await solver.RemoveAsync(proof, default);
        await solver.RemoveAsync(proof, default);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/.well-known/acme-challenge/token_1"));
        await Assert.ThrowsAsync<CertificateException>(() => solver.PresentAsync(proof with { Token = "../../etc/passwd" }, default));
    }
}
