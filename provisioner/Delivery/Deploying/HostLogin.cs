using Provisioner.Delivery.Settings;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Provisioner.Delivery.Deploying;

/// <summary>The way to a host.</summary>
/// <param name="PrivateKey">Null: the keys of the agent that SSH_AUTH_SOCK names, then the unencrypted ones in the deployer's own ~/.ssh.</param>
/// <param name="HostKey">"SHA256:…", pinned. Null only for a machine that was never met: the key that answers is then recorded by the caller.</param>
public sealed record HostLogin(string Address, int Port, string User, Secret? PrivateKey, string? HostKey)
{
    private static readonly string[] KeyFiles = ["id_ed25519", "id_ecdsa", "id_rsa"];

    public override string ToString() => $"{User}@{Address}:{Port}";

    /// <exception cref="DeployException">There is no key to sign in with, or it cannot be read.</exception>
    internal AuthenticationMethod Method()
    {
        var keys = new List<IPrivateKeySource>();
        try
        {
            if (PrivateKey is { } given) keys.Add(new PrivateKeyFile(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(given.Reveal().TrimEnd() + "\n"))));
        }
        catch (Exception broken) when (broken is SshException or FormatException or NotSupportedException or ArgumentException)
        {
            throw new DeployException($"The private key for {this} cannot be read: {broken.Message.TrimEnd('.')}.", "Set sshPrivateKey to an OpenSSH key without a passphrase.", broken) { Untouched = true };
        }
        if (PrivateKey is null)
        {
            try
            {
                keys.AddRange(SshAgent.OfEnvironment()?.Keys() ?? []);
            }
            catch (IOException silent)
            {
                throw new DeployException($"No key to sign in to {this} with: {silent.Message.TrimEnd('.')}.", "Start the agent anew, unset SSH_AUTH_SOCK, or set sshPrivateKey.", silent) { Untouched = true };
            }
            var folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
            foreach (var path in KeyFiles.Select(f => Path.Combine(folder, f)).Where(File.Exists))
            {
                try
                {
                    keys.Add(new PrivateKeyFile(path));
                }
                catch (Exception closed) when (closed is SshException or IOException or UnauthorizedAccessException)
                {
                    continue;       // behind a passphrase: another one may serve
                }
            }
        }
        return keys.Count > 0 ? new PrivateKeyAuthenticationMethod(User, [.. keys])
            : throw new DeployException($"There is no key to sign in to {this} with.", "Add a key to the SSH agent (ssh-add), set sshPrivateKey (pulumi config set --secret sshPrivateKey < FILE), or have an unencrypted key in ~/.ssh.") { Untouched = true };
    }
}
