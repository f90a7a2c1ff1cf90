using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Provisioner.Tests.Rollout;

/// <summary>
/// A folder that templates/host/rollout takes for a machine. `docker` and `docker-compose` there are scripts that keep a file per container; what an image does once it runs is told
/// by <see cref="Behaves"/>, and <see cref="Fail"/> makes a command fail. `sleep` does not sleep; `sync` counts, and can kill the walk.
/// </summary>
internal sealed class RolloutHost : IDisposable
{
    /// <summary>What the first release leaves on a host: walked to once, and copied from then on, for a walk starts five hundred processes.</summary>
    private static readonly Lazy<Task<Kept[]>> First = new(async () =>
    {
        using var host = new RolloutHost();
        host.Want("1.0.0");
        var run = await host.RunAsync("up");
        Assert.True(run.ExitCode == 0, $"{run.ExitCode} {run.Output}{run.Errors}");
        return [.. new DirectoryInfo(host._folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(e => !e.FullName.StartsWith($"{host._folder}/bin", StringComparison.Ordinal) && e.Name != "commands")
            .OrderBy(e => e.FullName, StringComparer.Ordinal).Select(e => new Kept(e.FullName[host._folder.Length..], e.LinkTarget, e.UnixFileMode, e is FileInfo { LinkTarget: null } ? File.ReadAllBytes(e.FullName) : null))];
    });

    private readonly string _folder = Directory.CreateTempSubdirectory("rollout-").FullName;

    public RolloutHost()
    {
        foreach (var folder in (string[])[.. ScriptedDocker.Folders, "bin", "opt/appliance/release", "opt/appliance/nginx", "srv/appliance/db"]) Directory.CreateDirectory($"{_folder}/{folder}");
        Write("fail", "");
        Write("srv/appliance/db/touched", "");
        Program("docker", ScriptedDocker.Docker(_folder));
        Program("docker-compose", ScriptedDocker.Compose(_folder));
        Program("sleep", "#!/bin/sh\nexit 0\n");
        Program("sync", ScriptedDocker.Sync(_folder));
    }

    /// <summary>A host where 1.0.0 runs, with the database db:1.</summary>
    public static async Task<RolloutHost> WithFirstReleaseAsync()
    {
        var host = new RolloutHost();
        await host.StartAsync();
        return host;
    }

    /// <summary>Lets 1.0.0 run, with the database db:1.</summary>
    public async Task StartAsync()
    {
        foreach (var (path, link, mode, bytes) in await First.Value)
        {
            if (link is not null) File.CreateSymbolicLink(_folder + path, link);
            else if (bytes is null) Directory.CreateDirectory(_folder + path, mode);
            else
            {
                await File.WriteAllBytesAsync(_folder + path, bytes);
                File.SetUnixFileMode(_folder + path, mode);
            }
        }
    }

    public string Upstream => Read("srv/appliance/front/upstream").Trim();

    /// <summary>What the proxy was told, in order.</summary>
    public string[] Upstreams => Read("upstreams").Split("--\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Event and subject of each line.</summary>
    public string[] Journal => Read("var/lib/appliance/rollout/journal").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l[(l.IndexOf('\t') + 1)..].Replace('\t', ' ')).ToArray();
    public string[] Commands => Read("commands").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    public string[] Dumps => Directory.Exists($"{_folder}/srv/appliance/state/dumps") ? Directory.GetFiles($"{_folder}/srv/appliance/state/dumps") : [];
    /// <summary>The version that counts as the one that runs.</summary>
    public string Live => Read($"var/lib/appliance/rollout/releases/{new FileInfo($"{_folder}/var/lib/appliance/rollout/live").LinkTarget}/environment").Split('\n')[0]["APPLIANCE_VERSION=".Length..];

    public int Syncs => Read("syncs").Length;

    /// <summary>Service → image, of what runs.</summary>
    public SortedDictionary<string, string> Running => new(Directory.GetFiles($"{_folder}/containers").Where(f => File.ReadAllText(f).Contains("state=true", StringComparison.Ordinal))
        .ToDictionary(f => Path.GetFileName(f), f => File.ReadAllLines(f)[0]["image=".Length..]), StringComparer.Ordinal);

    /// <summary>What the deployer puts there.</summary>
    /// <param name="agent">False: a release that knows no service `certificates` yet.</param>
    /// <param name="storage">Where the vaults lie, as the environment says it.</param>
    public void Want(string version, string database = "db:1", bool agent = true, string storage = "")
    {
        Write("opt/appliance/release/compose.yaml", agent ? "services:\n  certificates: {}\n" : "services: {}\n");
        Write("opt/appliance/release/host.yaml", "# host\n");
        Write("opt/appliance/release/environment", $"APPLIANCE_VERSION={version}\nAPPLIANCE_IMAGE=app:{version}\n{(agent ? $"CERTIFICATES_IMAGE=agent:{version}\n" : "")}PROXY_IMAGE=proxy:1\nDB_IMAGE={database}\n{(storage is "" ? "" : $"APPLIANCE_STORAGE={storage}\n")}");
        Write("opt/appliance/nginx/appliance.conf", $"# of {version}\n");
    }

    /// <summary>What the images of the database did to its files: each that was started on them, in order.</summary>
    public string[] Touched => Read("srv/appliance/db/touched").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public bool IsClosed => File.Exists($"{_folder}/srv/appliance/front/maintenance");
    public bool HasCopy => Directory.Exists($"{_folder}/srv/appliance/db.copy");

    /// <summary>As an operator closes the front door.</summary>
    public void Close() => Write("srv/appliance/front/maintenance", "");

    /// <summary>That release may take the appliance away for a while.</summary>
    public void AllowDowntime(string version) => Write("opt/appliance/release/downtime", version + "\n");

    /// <param name="how">healthy, unhealthy, crashes, probe-fails, dies-later; of a database also loses-rows.</param>
    public void Behaves(string image, string how) => Write($"behaviour/{image}", how);

    /// <param name="pattern">Of the shell's `case`, against the whole command line.</param>
    public void Fail(string pattern) => Write("fail", pattern);

    /// <param name="killAt">The walk is killed at this call of sync; 0: never.</param>
    public async Task<ProgramRun> RunAsync(string verb, int killAt = 0)
    {
        Write("syncs", "");
        Write("kill-at", killAt.ToString(CultureInfo.InvariantCulture));
        var run = await ProgramRun.OfAsync("env", [$"PATH={_folder}/bin:{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin", $"ROLLOUT_ROOT={_folder}", "ROLLOUT_BAKE=0", "ROLLOUT_HEALTHY=5", "ROLLOUT_SERVED=5", "ROLLOUT_NEED_MIB=1",
            "sh", Path.Combine(RepositoryFolder.Root, "templates/host/rollout"), verb]);
        return run;
    }

    public void Clean()
    {
        Fail("");
        foreach (var file in Directory.GetFiles($"{_folder}/behaviour")) File.Delete(file);
    }

    /// <summary>As a reboot leaves them.</summary>
    public void StopAll()
    {
        foreach (var file in Directory.GetFiles($"{_folder}/containers")) File.WriteAllText(file, File.ReadAllText(file).Replace("state=true", "state=false", StringComparison.Ordinal));
    }

    public string Read(string path) => File.Exists($"{_folder}/{path}") ? File.ReadAllText($"{_folder}/{path}") : "";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <param name="Bytes">Null: a folder, or a link.</param>
    private sealed record Kept(string Path, string? Link, UnixFileMode Mode, byte[]? Bytes);

    private void Write(string path, string text) => File.WriteAllText($"{_folder}/{path}", text);

    private void Program(string name, string text)
    {
        Write($"bin/{name}", text);
        File.SetUnixFileMode($"{_folder}/bin/{name}", (UnixFileMode)0b111_101_101);
    }
}
