using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Provisioner.Delivery.Preflight.Capacity;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight;

/// <summary>
/// Looks at the world before anything is created: name, authority, clock, services, host, size and quota. It reads only, unless a probe is asked for.
/// A thing that cannot be told is a finding of its own, never silence.
/// </summary>
/// <param name="roots">Where the walk through the DNS begins; the root servers as a rule.</param>
/// <param name="dnsPort">Port of every name server that a delegation names; 53 but in tests.</param>
public sealed class PreflightRun(TimeProvider time, ImmutableArray<IPAddress> roots, int dnsPort = 53)
{
    public PreflightRun(TimeProvider time) : this(time, DelegationWalk.RootServers) { }

    public CloudAccess Access { get; init; } = CloudAccess.OfThisProcess;

    /// <summary>The machine is there already: whether the cloud would give one is no question any more.</summary>
    public bool MachineStands { get; init; }

    /// <param name="probe">Also prove by writing and deleting again. Only where something is about to be created, or a person asks.</param>
    public async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, bool probe, CancellationToken cancellationToken)
    {
        using var http = Http(settings);
        var walk = new DelegationWalk(settings.Domain.Resolver, roots, dnsPort);
        var findings = await Task.WhenAll(
            DomainCheck.LookAsync(settings, walk, http, cancellationToken),
            AuthorityCheck.LookAsync(settings, http, time, cancellationToken),
            ServiceCheck.LookAsync(settings, http, cancellationToken),
            HostCheck.LookAsync(settings.Access, cancellationToken),
            ProbeCheck.LookAsync(settings, probe, time, cancellationToken),
            MachineStands ? Task.FromResult(ImmutableArray<Finding>.Empty) : CapacityCheck.LookAsync(settings, Access, time, cancellationToken));
        return [.. findings.SelectMany(f => f)];
    }

    /// <summary>Trusts what the machine trusts, and for a private authority its root besides.</summary>
    private static HttpClient Http(StackSettings settings)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) };
        if (settings.Certificate is AcmeCertificate { RootPem: { } pem })
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(pem);
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = 1 << 20, DefaultRequestHeaders = { { "User-Agent", "appliance-provisioner" } } };
    }
}
