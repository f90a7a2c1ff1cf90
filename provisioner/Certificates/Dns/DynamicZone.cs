using System.Net.Sockets;

namespace Provisioner.Certificates.Dns;

/// <summary>A zone whose primary server takes signed updates (RFC 2136, TSIG).</summary>
public sealed class DynamicZone(DynamicServer server, string zone, TimeProvider time) : IDnsZone
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task AddAsync(string name, string text, CancellationToken cancellationToken)
    {
        if (await DynamicUpdate.AddAsync(server, zone, name, text, time, cancellationToken) is { } failure) throw Refused(failure);
        for (var attempt = 0; attempt < 20; attempt++)
        {
            if (await SeenAsync(name, text, cancellationToken)) return;
            await Task.Delay(Pause, time, cancellationToken);
        }
        throw Refused($"{server.Address} took the record {name} and does not give it out.");
    }

    public async Task RemoveAsync(string name, string text, CancellationToken cancellationToken)
    {
        if (await DynamicUpdate.DeleteAsync(server, zone, name, text, time, cancellationToken) is { } failure) throw Refused(failure);
    }

    private async Task<bool> SeenAsync(string name, string text, CancellationToken cancellationToken)
    {
        try
        {
            return (await DnsWire.TextsAsync(server.Address, server.Port, name, cancellationToken)).Contains(text);
        }
        catch (Exception silent) when (silent is IOException or SocketException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private static CertificateException Refused(string why) => new(FailureKind.Operator, why, "Look at dnsServer, dnsKeyName, dnsKeyAlgorithm and dnsKey, and at the name server's update policy.");
}
