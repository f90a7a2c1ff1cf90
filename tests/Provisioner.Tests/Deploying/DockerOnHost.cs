using System.Diagnostics;
using System.Globalization;
using ExampleStacks;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Releases;

namespace Provisioner.Tests.Deploying;

/// <summary>
/// A real Docker engine and a real registry for a <see cref="LoopbackHost"/>: in its mount namespace, so that volumes are the host's folders, and in a network namespace of their own,
/// so that port 443 is nobody else's. The images are stand-ins that only keep running: what is looked at here is the deployer.
/// </summary>
internal sealed class DockerOnHost(LoopbackHost host) : IAsyncDisposable
{
    public const string Registry = "127.0.0.1:5000", User = "robot", Password = "correct horse 7";

    // htpasswd -nbBC 4 robot 'correct horse 7'
    private const string Known = User + ":$2y$04$abcdefghijklmnopqrstuuHB9CAjWTI9qhpNQhLlMu4TxZtE03Cwa\n";

    /// <summary>The registry gives nothing without <see cref="User"/> and <see cref="Password"/>. Before the start.</summary>
    public bool Closed { get; init; }

    private Process? _engine;

    /// <summary>Null when everything is there.</summary>
    public static string? Missing() => new[] { "dockerd", "docker", "docker-compose", "docker-registry", "busybox", "nsenter" }
        .Where(n => !(Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':').Any(d => File.Exists(Path.Combine(d, n)))).ToList() is { Count: > 0 } missing ? $"Not installed here: {string.Join(", ", missing)}." : null;

    public async Task StartAsync()
    {
        host.Script("docker", "#!/bin/sh\nPATH=${PATH#FOLDER/bin:}\nexport DOCKER_HOST=unix://FOLDER/docker.sock\nexec docker \"$@\"\n");
        host.Script("docker-compose", "#!/bin/sh\nPATH=${PATH#FOLDER/bin:}\nexport DOCKER_HOST=unix://FOLDER/docker.sock\nexec docker-compose \"$@\"\n");
        host.Write("registry.yml", $"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {host.Folder}/registry\nhttp:\n  addr: {Registry}\n{(Closed ? $"auth:\n  htpasswd:\n    realm: images\n    path: {host.Folder}/users\n" : "")}");
        if (Closed)
        {
            host.Write("users", Known);
            Directory.CreateDirectory($"{host.Folder}/publisher");
            var auth = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{User}:{Password}"));
            host.Write("publisher/config.json", "{\"auths\":{\"" + Registry + "\":{\"auth\":\"" + auth + "\"}}}");
        }
        host.Write("docker-start", $"""
            set -eu
            ip link set lo up
            docker-registry serve {host.Folder}/registry.yml >{host.Folder}/registry.log 2>&1 &
            exec dockerd --data-root {host.Folder}/docker-data --exec-root {host.Folder}/docker-exec -H unix://{host.Folder}/docker.sock --pidfile {host.Folder}/docker.pid >{host.Folder}/dockerd.log 2>&1
            """);
        var start = new ProcessStartInfo("nsenter", ["-t", host.ProcessId.ToString(CultureInfo.InvariantCulture), "-m", "unshare", "-n", "sh", $"{host.Folder}/docker-start"]);
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        _engine = Process.Start(start)!;
        for (var left = 600; (await DockerAsync("version")).ExitCode != 0; left--)
        {
            if (left == 0 || _engine.HasExited) throw new InvalidOperationException("dockerd did not start: " + await File.ReadAllTextAsync($"{host.Folder}/dockerd.log"));
            await Task.Delay(100);
        }
    }

    /// <summary>Builds the stand-ins of the three images and pushes them under this version.</summary>
    /// <returns>Their release.</returns>
    public async Task<ReleaseManifest> PublishAsync(string version)
    {
        var manifest = TestRelease.Manifest(version, version);
        var folder = Directory.CreateDirectory($"{host.Folder}/image").FullName;
        File.Copy(Which("busybox"), $"{folder}/busybox", overwrite: true);
        // Debian has it with libraries and without: what it needs comes along.
        await ProgramRun.OfAsync("sh", ["-c", $"mkdir -p {folder}/libraries; for l in $(ldd {folder}/busybox 2>/dev/null | grep -o '/[^ ]*'); do cp -L --parents $l {folder}/libraries; done"]);
        await File.WriteAllTextAsync($"{folder}/run", "#!/bin/sh\ntrap 'exit 0' TERM\ntrap '' HUP\nif [ \"$Server__Role\" = migrate ]; then exit 0; fi\nif [ -d /tmp/front/run ]; then echo $$ > /tmp/front/run/nginx.pid; fi\nwhile :; do sleep 1 & wait $!; done\n");
        await File.WriteAllTextAsync($"{folder}/nginx", "#!/bin/sh\ncase \"$*\" in *-t*|*reload*) exit 0 ;; -V) echo nginx version: nginx/1.28.0; exit ;; esac\nexec /run-stand-in\n");
        await File.WriteAllTextAsync($"{folder}/mysqldump", "#!/bin/sh\necho '-- Dump completed'\n");
        await File.WriteAllTextAsync($"{folder}/getent", "#!/bin/sh\necho '10.0.0.1 STREAM app'\n");
        await File.WriteAllTextAsync($"{folder}/probe", "#!/bin/sh\nexit 0\n");
        await File.WriteAllTextAsync($"{folder}/mysqladmin", "#!/bin/sh\nexit 0\n");
        await File.WriteAllTextAsync($"{folder}/Dockerfile", $"""
            FROM scratch
            COPY libraries/ /
            COPY busybox /bin/busybox
            COPY nginx mysqladmin mysqldump getent /bin/
            COPY probe /probe
            COPY run /run-stand-in
            RUN ["/bin/busybox", "--install", "-s", "/bin"]
            RUN mkdir -p /etc && echo root:x:0:0::/:/bin/sh > /etc/passwd && mkdir -p /tmp /data /keys /var/lib/mysql && chmod 755 /bin/nginx /bin/mysqladmin /bin/mysqldump /bin/getent /probe /run-stand-in
            LABEL version={version}
            HEALTHCHECK --interval=1s CMD true
            ENTRYPOINT ["/run-stand-in"]
            """);
        await MustAsync("build", "-q", "-t", $"stand-in:{version}", folder);
        foreach (var (service, name) in new[] { ("app", $"appliance:{version}"), ("certificates", $"certificates:{version}"), ("proxy", $"proxy:{InstallationPlan.ProxyVersion}"), ("db", $"db:{InstallationPlan.DatabaseVersion}") })
        {
            await MustAsync("tag", $"stand-in:{version}", $"{Registry}/backup/{name}");
            await MustAsync("push", "-q", $"{Registry}/backup/{name}");
            var said = (await MustAsync("image", "inspect", "-f", "{{.Id}} {{.Size}}{{range .RepoDigests}} {{.}}{{end}}", $"{Registry}/backup/{name}")).Trim().Split(' ');
            var image = manifest.Images[service] with { Id = said[0], Bytes = long.Parse(said[1], CultureInfo.InvariantCulture), Digest = said.Single(d => d.StartsWith($"{Registry}/backup/{name.Split(':')[0]}@", StringComparison.Ordinal)).Split('@')[1] };
            manifest = manifest with { Images = manifest.Images.SetItem(service, image) };
            await MustAsync("rmi", $"{Registry}/backup/{name}");
        }
        return manifest;
    }

    public async Task<string> MustAsync(params string[] arguments)
    {
        var run = await DockerAsync(arguments);
        return run.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"docker {string.Join(' ', arguments)}: {run.Errors}{run.Output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is null) return;
        var all = (await DockerAsync("ps", "-aq")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (all.Length > 0) await DockerAsync(["rm", "-f", .. all]);      // their keepers outlive the engine
        if (!_engine.HasExited)
        {
            await ProgramRun.OfAsync("kill", ["-TERM", _engine.Id.ToString(CultureInfo.InvariantCulture)]);
            await _engine.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
        _engine.Dispose();
        await ProgramRun.OfAsync("sh", ["-c", $"for p in /proc/[0-9]*; do if grep -qs {host.Folder}/registry.yml $p/cmdline; then kill ${{p#/proc/}}; fi; done"]);
    }

    private Task<ProgramRun> DockerAsync(params string[] arguments) => ProgramRun.OfAsync("env", ["DOCKER_BUILDKIT=0", $"DOCKER_CONFIG={host.Folder}/publisher", $"DOCKER_HOST=unix://{host.Folder}/docker.sock", "docker", .. arguments]);

    private static string Which(string name) => (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin:/bin").Split(':').Select(d => Path.Combine(d, name)).First(File.Exists);
}
