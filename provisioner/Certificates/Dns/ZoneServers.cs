using System.Net.Sockets;

namespace Provisioner.Certificates.Dns;

/// <summary>
/// Asks a zone's own name servers whether they give a text out. A network may keep this machine from them (port 53): where none of them can be asked at all, the text is given the time that
/// clouds name for it.
/// </summary>
internal sealed class ZoneServers(TimeProvider time, int port = 53)
{
    private const int RoundsOfSilence = 3;

    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long a change takes at most, by the clouds' own word.</summary>
    public TimeSpan Unseen { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="CertificateException">One of them still gives something else out.</exception>
    public async Task SeenAsync(IReadOnlyList<string> servers, string name, string text, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var round = 1; ; round++)
        {
            var looks = await Task.WhenAll(servers.Select(server => SeesAsync(server.TrimEnd('.'), name, text, cancellationToken)));
            if (looks.Contains(true) && !looks.Contains(false)) return;
            if (round == RoundsOfSilence && looks.All(l => l is null))
            {
                await Task.Delay(Unseen, time, cancellationToken);
                return;
            }
            if (time.GetElapsedTime(began) > Patience)
                throw new CertificateException(FailureKind.Transient, $"The record {name} was taken, and after {Patience.TotalMinutes:0} minutes not all name servers of the zone give it out.", "Nothing: it is tried again by itself. If it stays so, look whether the zone is the one that the domain is delegated to.");
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <returns>Null: it cannot be asked.</returns>
    private async Task<bool?> SeesAsync(string server, string name, string text, CancellationToken cancellationToken)
    {
        try
        {
            return (await DnsWire.TextsAsync(server, port, name, cancellationToken)).Contains(text);
        }
        catch (Exception silent) when (silent is IOException or SocketException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
