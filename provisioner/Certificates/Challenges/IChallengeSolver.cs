namespace Provisioner.Certificates.Challenges;

/// <summary>What an authority wants to find.</summary>
/// <param name="Name">Without the "*." of a wildcard.</param>
/// <param name="Authorization">The token, a dot, and the thumbprint of the account's key (RFC 8555 §8.1).</param>
public sealed record ChallengeProof(string Name, string Token, string Authorization);

/// <summary>Makes a proof visible and takes it away again.</summary>
/// <remarks>
/// Presenting returns when the proof can be seen, not before; presenting again what stands already does no harm. Removing what is not there does none either, and never
/// throws for a proof that cannot be taken away: what is left over harms nobody. Another proof for the same name that stands at the same time is left alone.
/// </remarks>
public interface IChallengeSolver
{
    /// <summary>http-01 or dns-01.</summary>
    string Type { get; }

    /// <exception cref="CertificateException">It cannot be made visible.</exception>
    Task PresentAsync(ChallengeProof proof, CancellationToken cancellationToken);

    Task RemoveAsync(ChallengeProof proof, CancellationToken cancellationToken);
}
