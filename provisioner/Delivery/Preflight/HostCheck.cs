using System.Collections.Immutable;
using System.Net.Sockets;
using Provisioner.Delivery.Settings;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Provisioner.Delivery.Preflight;

/// <summary>An existing host: an SSH server answers there, and its key is the pinned one. Nobody signs in.</summary>
internal static class HostCheck
{
    public static async Task<ImmutableArray<Finding>> LookAsync(AccessSettings access, CancellationToken cancellationToken)
    {
        if (access.Address is not { } host || access.HostKeyFingerprint is not { } pinned) return [];
        var what = $"host {host}:{access.Port}";
        string? seen = null;
        // The connection ends at the host key: it is looked at and never trusted here, so the method of sign-in is never tried.
        using var client = new SshClient(new ConnectionInfo(host, access.Port, access.Login, new NoneAuthenticationMethod(access.Login)) { Timeout = TimeSpan.FromSeconds(5) });
        client.HostKeyReceived += (_, key) => (seen, key.CanTrust) = ("SHA256:" + key.FingerPrintSHA256, false);
        try
        {
            await client.ConnectAsync(cancellationToken);
        }
        catch (Exception failed) when (failed is SshException or SocketException or TimeoutException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (seen is null) return [Finding.Unknown(what, $"no SSH server answers: {failed.GetBaseException().Message.TrimEnd('.')}.", "Start the machine, look at hostAddress, sshPort and the firewalls between.")];
        }
        return [seen == pinned
            ? Finding.Fine(what, "it answers with the pinned host key.")
            : Finding.Error(what, $"its host key is {seen}, and {pinned} is pinned.", "If the machine was made anew, set hostKeyFingerprint; otherwise somebody stands between.")];
    }
}
