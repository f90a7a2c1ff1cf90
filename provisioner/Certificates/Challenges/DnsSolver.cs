using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Provisioner.Certificates.Dns;

namespace Provisioner.Certificates.Challenges;

/// <summary>dns-01: a TXT record at _acme-challenge.NAME.</summary>
public sealed class DnsSolver(IDnsZone zone, ILogger log) : IChallengeSolver
{
    public string Type => "dns-01";

    public Task PresentAsync(ChallengeProof proof, CancellationToken cancellationToken) => zone.AddAsync(NameOf(proof), TextOf(proof), cancellationToken);

    public async Task RemoveAsync(ChallengeProof proof, CancellationToken cancellationToken)
    {
        try
        {
            await zone.RemoveAsync(NameOf(proof), TextOf(proof), cancellationToken);
        }
        catch (CertificateException failure)
        {
            log.ProofLeft(NameOf(proof), failure.Message);
        }
    }

    private static string NameOf(ChallengeProof proof) => $"_acme-challenge.{proof.Name}";

    private static string TextOf(ChallengeProof proof) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(proof.Authorization)));
}
