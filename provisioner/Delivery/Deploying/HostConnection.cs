using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Provisioner.Delivery.Deploying;

/// <param name="Output">Of standard output.</param>
internal sealed record ScriptResult(int ExitCode, string Output, string Errors);

/// <summary>One open way to a host: scripts over standard input, contents by SFTP. Every failure of the link is a <see cref="DeployException"/>.</summary>
internal sealed class HostConnection : IDisposable
{
    private static readonly TimeSpan SignInLimit = TimeSpan.FromSeconds(20), Silence = TimeSpan.FromSeconds(10);

    // The script is read whole before any of it runs: a command that ended earlier would close its channel, and OpenSSH ends the connection of a client that then still sends the end of
    // its input there. It becomes a variable of the shell, so that nothing of it stands in a process list or an environment.
    private const string AsLogin = "sh -c 's=$(cat) && eval \"$s\"'", BySudo = "sh -c 's=$(cat) && printf \"%s\\n\" \"$s\" | sudo -n -- sh -s'";

    private const int Block = 256 << 10;

    private readonly HostLogin _login;
    private readonly SshClient _shell;
    private SftpClient? _files;

    private HostConnection(HostLogin login, SshClient shell, string hostKey) => (_login, _shell, HostKey) = (login, shell, hostKey);

    /// <summary>The key that answered: the pinned one, where one was.</summary>
    public string HostKey { get; }

    /// <summary>Belongs to the login alone; names of files in it are digests of their contents.</summary>
    public string Staging => $"/var/tmp/appliance-deploy-{_login.User}";

    /// <summary>It has been made, and found to be ours alone, over this connection.</summary>
    public bool HasStaging { get; set; }

    /// <exception cref="DeployException">Nobody answers, another key answers, or the login is refused.</exception>
    public static async Task<HostConnection> OpenAsync(HostLogin login, CancellationToken cancellationToken)
    {
        var shell = new SshClient(Connection(login));
        try
        {
            return new HostConnection(login, shell, await ConnectAsync(shell, login, cancellationToken));
        }
        catch
        {
            shell.Dispose();
            throw;
        }
    }

    /// <param name="script">For sh. It reaches the host over standard input, so nothing of it stands in a process list.</param>
    /// <param name="root">False: as the login itself.</param>
    public async Task<ScriptResult> RunAsync(string script, TimeSpan limit, bool root, CancellationToken cancellationToken)
    {
        try
        {
            using var command = _shell.CreateCommand(root && _login.User != "root" ? BySudo : AsLogin);
            command.CommandTimeout = limit;
            var running = command.ExecuteAsync(cancellationToken);
            await using (var input = command.CreateInputStream()) await input.WriteAsync(Encoding.UTF8.GetBytes(script), cancellationToken);
            await running;
            return command.ExitStatus is { } code
                ? new ScriptResult(code, command.Result, command.Error)
                : throw new SshConnectionException($"the command ended without a result{(command.ExitSignal is { } signal ? $" ({signal})" : "")}");
        }
        catch (Exception lost) when (IsLost(lost, cancellationToken))
        {
            throw Lost(lost);
        }
    }

    /// <summary>Brings a content into the staging folder; goes on where an earlier upload broke off.</summary>
    public Task UploadAsync(PlannedFile file, CancellationToken cancellationToken)
    {
        var content = MemoryMarshal.TryGetArray(file.Content, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(file.Content.ToArray(), writable: false);
        return UploadAsync(file.Digest, content, _ => Task.CompletedTask, cancellationToken);
    }

    /// <param name="digest">Of the content: its name there.</param>
    /// <param name="content">From its beginning; it is read from where the host has it already.</param>
    /// <param name="progress">Told how many bytes are there, now and then.</param>
    public async Task UploadAsync(string digest, Stream content, Func<long, Task> progress, CancellationToken cancellationToken)
    {
        try
        {
            if (_files is not { IsConnected: true })
            {
                _files?.Dispose();
                _files = new SftpClient(Connection(_login with { HostKey = HostKey })) { OperationTimeout = TimeSpan.FromSeconds(60) };
                await ConnectAsync(_files, _login with { HostKey = HostKey }, cancellationToken);
            }
            await using var target = await _files.OpenAsync($"{Staging}/{digest}", FileMode.OpenOrCreate, FileAccess.Write, cancellationToken);
            var there = target.Length;
            if (there > content.Length) target.SetLength(there = 0);
            content.Position = target.Position = there;
            var block = new byte[Block];
            while (await content.ReadAsync(block, cancellationToken) is > 0 and var length)
            {
                await target.WriteAsync(block.AsMemory(0, length), cancellationToken);
                await progress(there += length);
            }
            await target.FlushAsync(cancellationToken);
        }
        catch (Exception lost) when (IsLost(lost, cancellationToken) || lost is IOException)
        {
            throw Lost(lost);
        }
    }

    public void Dispose()
    {
        _files?.Dispose();
        _shell.Dispose();
    }

    private static ConnectionInfo Connection(HostLogin login) => new(login.Address, login.Port, login.User, login.Method()) { Timeout = SignInLimit, ChannelCloseTimeout = TimeSpan.FromSeconds(2) };

    private static async Task<string> ConnectAsync(BaseClient client, HostLogin login, CancellationToken cancellationToken)
    {
        string? seen = null;
        client.KeepAliveInterval = Silence;
        client.HostKeyReceived += (_, key) =>
        {
            seen = "SHA256:" + key.FingerPrintSHA256;
            key.CanTrust = login.HostKey is null || string.Equals(login.HostKey, seen, StringComparison.Ordinal);
        };
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(SignInLimit);
            await client.ConnectAsync(limit.Token);
            return seen!;
        }
        catch (Exception failed) when (failed is SshException or SocketException or ObjectDisposedException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (seen is not null && login.HostKey is { } pinned && seen != pinned)
                throw new DeployException($"{login}: its host key is {seen}, and {pinned} is pinned. Nobody signed in.", "If the machine was made anew, set hostKeyFingerprint to its new key; otherwise somebody stands between.", failed) { Untouched = true };
            throw failed is SshAuthenticationException
                ? new DeployException($"{login} refuses the sign-in: {failed.Message.TrimEnd('.')}.", "Put the deployer's public key into the login's authorized_keys, or set login and sshPrivateKey to what the host knows.", failed) { Untouched = true }
                : new DeployException(string.Create(CultureInfo.InvariantCulture, $"{login} does not answer: {failed.GetBaseException().Message.TrimEnd('.')}."), "Start the machine, look at its address, its SSH port and the firewalls between; then run it again.", failed) { Untouched = true };
        }
    }

    private static bool IsLost(Exception failure, CancellationToken cancellationToken) =>
        failure is SshException or SocketException or ObjectDisposedException or InvalidOperationException or TimeoutException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private DeployException Lost(Exception failure) =>
        new($"The link to {_login} broke: {failure.GetBaseException().Message.TrimEnd('.')}.", "Run it again: it goes on from what stands on the host.", failure);
}
