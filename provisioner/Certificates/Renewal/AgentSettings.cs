using System.Collections.Immutable;
using Provisioner.Certificates.Challenges;
using Provisioner.Certificates.Ordering;

namespace Provisioner.Certificates.Renewal;

/// <summary>What the agent is for.</summary>
/// <param name="Store">The folder that the proxy reads.</param>
/// <param name="Authority">Null: bought certificates only.</param>
/// <param name="ProofAddress">host:port of the proxy; null: there is none to ask.</param>
/// <param name="ProofPatience">How long the proxy may take to pick a certificate up.</param>
public sealed record AgentSettings(string Store, ImmutableArray<string> Names, AuthoritySettings? Authority, string? ProofAddress, TimeSpan ProofPatience)
{
    public string Source => Authority is null ? "paid" : "acme";
}

/// <param name="Rehearsal">The authority's staging directory; null: none, or no rehearsal wanted.</param>
/// <param name="Key">"ECDSA P-256" or "RSA 2048", of the certificate.</param>
/// <param name="Http">Trusts the authority's own TLS; its time-out bounds each request.</param>
public sealed record AuthoritySettings(Uri Directory, Uri? Rehearsal, AccountSettings Account, string? Profile, string Key, IChallengeSolver Solver, HttpClient Http);
