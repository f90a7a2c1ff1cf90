using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;
using Provisioner.Tests.Rollout;
using Xunit;

namespace Provisioner.Tests.Deploying;

/// <summary>
/// A host to deploy to: a real sshd on loopback, in a mount namespace of its own in which /opt, /srv, /var/lib and /var/tmp are folders of the test, and os-release, memory and
/// processors say what the test wants. `docker` and `docker-compose` there are scripts that remember what they were told. Nothing of the real machine is written to.
/// </summary>
public sealed class LoopbackHost : IAsyncLifetime
{
    /// <summary>What deploying changes there.</summary>
    private static readonly string[] Changing = ["opt", "srv", "lib", "vartmp", .. ScriptedDocker.Folders];

    private Process? _sshd;

    public string Folder { get; } = Directory.CreateTempSubdirectory("loopback-host-").FullName;
    public int Port { get; private set; }
    public string Fingerprint { get; private set; } = "";
    public string PrivateKey { get; private set; } = "";
    public string? Missing { get; private set; }
    public int ProcessId => _sshd!.Id;

    /// <summary>Size of /srv in KiB; null: as large as the machine's disk. Before the start.</summary>
    public int? SrvKib { get; init; }

    public async ValueTask InitializeAsync()
    {
        Missing = Environment.UserName != "root" ? "Only root can make the host's namespace." : !File.Exists("/usr/sbin/sshd") ? "openssh-server is not installed here." : null;
        if (Missing is not null) return;
        foreach (var folder in new[] { "opt", "srv", "lib", "vartmp", "bin", "home/.ssh", "root/.ssh" }) Directory.CreateDirectory($"{Folder}/{folder}");
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        await MustAsync("chmod", "1777", $"{Folder}/vartmp");
        await MustAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", $"{Folder}/host-key");
        await MustAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", $"{Folder}/login-key");
        PrivateKey = await File.ReadAllTextAsync($"{Folder}/login-key");
        Fingerprint = (await MustAsync("ssh-keygen", "-lf", $"{Folder}/host-key.pub")).Split(' ')[1];
        Write("authorized", File.ReadAllText($"{Folder}/login-key.pub"));
        Write("passwd", File.ReadAllText("/etc/passwd") + $"deployer:x:61777:61777::{Folder}/home:/bin/sh\nstranger:x:61778:61778::{Folder}/home:/bin/sh\n");
        Write("shadow", "root:*:19000:0:99999:7:::\ndeployer:*:19000:0:99999:7:::\nstranger:*:19000:0:99999:7:::\n");
        Write("sudoers", "root ALL=(ALL:ALL) ALL\ndeployer ALL=(ALL) NOPASSWD:ALL\nDefaults !use_pty, !env_reset\n");
        File.SetUnixFileMode($"{Folder}/shadow", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode($"{Folder}/sudoers", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Write("os-release", "ID=ubuntu\nVERSION_ID=\"24.04\"\n");
        Write("meminfo", "MemTotal:       32000000 kB\n");
        Write("cpuinfo", string.Concat(Enumerable.Range(0, 4).Select(n => $"processor\t: {n}\n")));
        foreach (var folder in ScriptedDocker.Folders) Directory.CreateDirectory($"{Folder}/{folder}");
        Write("fail", "");
        Script("docker", ScriptedDocker.Docker(Folder));
        Script("docker-compose", ScriptedDocker.Compose(Folder));
        Script("systemctl", "#!/bin/sh\nexit 0\n");      // the machine's own must not learn of it
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_sshd is { HasExited: false })
        {
            _sshd.Kill(entireProcessTree: true);
            await _sshd.WaitForExitAsync();
        }
        _sshd?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    public void Ready()
    {
        if (Missing is not null) Assert.Skip(Missing);
    }

    /// <summary>As a machine on which nobody has deployed yet.</summary>
    public void Clear()
    {
        foreach (var folder in Changing)
            foreach (var entry in new DirectoryInfo($"{Folder}/{folder}").EnumerateFileSystemInfos())
                if (entry is DirectoryInfo { LinkTarget: null } inner) inner.Delete(recursive: true);
                else entry.Delete();
    }

    /// <summary>As a machine on which somebody has: done once, and copied from then on. The test's class has one host for all its tests.</summary>
    public async Task WithAsync(Func<Task> deploy)
    {
        Clear();
        if (Directory.Exists($"{Folder}/kept")) await MustAsync("sh", "-c", $"cd {Folder} && cp -a kept/* .");
        else
        {
            await deploy();
            await MustAsync("sh", "-c", $"cd {Folder} && mkdir kept.new && cp -a {string.Join(' ', Changing)} kept.new && mv kept.new kept");
        }
    }

    public HostLogin Login(int? port = null, string user = "root", string? hostKey = null) => new("127.0.0.1", port ?? Port, user, new Secret(PrivateKey), hostKey ?? Fingerprint);

    public void Write(string name, string text) => File.WriteAllText($"{Folder}/{name}", text);

    /// <summary>What the host sees under a path of its own; null when it is not there.</summary>
    public string? Read(string path) => File.Exists(At(path)) ? File.ReadAllText(At(path)) : null;

    public string At(string path) => path switch
    {
        _ when path.StartsWith("/opt/", StringComparison.Ordinal) => Folder + path,
        _ when path.StartsWith("/srv/", StringComparison.Ordinal) => Folder + path,
        _ when path.StartsWith("/var/lib/", StringComparison.Ordinal) => Folder + path[4..],
        _ when path.StartsWith("/var/tmp/", StringComparison.Ordinal) => $"{Folder}/vartmp{path[8..]}",
        _ => throw new ArgumentException($"{path} is not the test's own.", nameof(path)),
    };

    public string[] Journal => Read("/var/lib/appliance/deploy/journal")?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>What was done there, without times and tokens.</summary>
    public string[] Deeds => [.. Journal.Select(l => l.Split('\t')).Where(f => f[2] is not ("begin" or "run")).Select(f => $"{f[2]} {f[3]}")];

    /// <summary>What Docker was told.</summary>
    public string[] Commands => File.Exists($"{Folder}/commands") ? File.ReadAllLines($"{Folder}/commands") : [];

    /// <summary>Service → image of what runs.</summary>
    public Dictionary<string, string> Running => Directory.GetFiles($"{Folder}/containers").ToDictionary(f => Path.GetFileName(f), f => File.ReadAllLines(f)[0]["image=".Length..]);

    public void StopProducts()
    {
        foreach (var container in Directory.GetFiles($"{Folder}/containers")) File.Delete(container);
    }

    /// <summary>Everything that a run can have changed: path, inode, change time.</summary>
    public string Fingerprints() => string.Join('\n', new[] { "opt", "srv", "lib" }.SelectMany(f => Directory.EnumerateFileSystemEntries($"{Folder}/{f}", "*", SearchOption.AllDirectories))
        .Order(StringComparer.Ordinal).Select(p => $"{p} {File.GetLastWriteTimeUtc(p).Ticks} {new FileInfo(p).UnixFileMode}"));

    private async Task StartAsync()
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            Port = FreePort();
            Write("sshd_config", $"""
                Port {Port.ToString(CultureInfo.InvariantCulture)}
                ListenAddress 127.0.0.1
                HostKey {Folder}/host-key
                PidFile none
                UsePAM no
                StrictModes no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin prohibit-password
                AuthorizedKeysFile {Folder}/authorized
                DenyUsers stranger
                MaxStartups 100
                UseDNS no
                Subsystem sftp internal-sftp
                SetEnv ROLLOUT_BAKE=0 ROLLOUT_HEALTHY=5 ROLLOUT_NEED_MIB=1 PATH={Folder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

                """);
            Write("start", $"""
                set -eu
                F={Folder}
                mkdir -p /run/sshd
                {(SrvKib is { } kib ? string.Create(CultureInfo.InvariantCulture, $"mount -t tmpfs -o size={kib}k tmpfs $F/srv") : "")}
                for pair in opt:/opt srv:/srv lib:/var/lib vartmp:/var/tmp root:/root passwd:/etc/passwd shadow:/etc/shadow sudoers:/etc/sudoers os-release:/usr/lib/os-release meminfo:/proc/meminfo cpuinfo:/proc/cpuinfo; do
                    mount --bind "$F/${"{"}pair%%:*{"}"}" "${"{"}pair#*:{"}"}"
                done
                exec /usr/sbin/sshd -D -e -f $F/sshd_config
                """);
            _sshd = Process.Start(new ProcessStartInfo("unshare", ["-m", "sh", $"{Folder}/start"]) { RedirectStandardError = true })!;
            while (await _sshd.StandardError.ReadLineAsync() is { } line)
            {
                if (!line.Contains("listening", StringComparison.OrdinalIgnoreCase)) continue;
                _ = _sshd.StandardError.ReadToEndAsync();
                return;
            }
            if (attempt == 4) Missing = "The host's namespace or its sshd could not be made here.";
        }
    }

    /// <summary>A program that the host finds first; FOLDER stands for the host's folder.</summary>
    public void Script(string name, string text)
    {
        Write($"bin/{name}", text.Replace("FOLDER", Folder, StringComparison.Ordinal));
        File.SetUnixFileMode($"{Folder}/bin/{name}", (UnixFileMode)0b111_101_101);
    }

    private static async Task<string> MustAsync(string program, params string[] arguments)
    {
        var run = await ProgramRun.OfAsync(program, arguments);
        return run.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"{program}: {run.Errors}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
