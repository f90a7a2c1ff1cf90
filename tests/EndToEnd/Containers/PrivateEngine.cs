using System.Diagnostics;
using System.Globalization;
using EndToEnd.Up;

namespace EndToEnd.Containers;

/// <summary>
/// A Docker engine of the tests' own, in a network namespace of its own: its ports, bridges and rules meet nobody else's, and it can be stopped as a reboot stops it. It keeps its images
/// under artifacts/, so that they are built once. Containers reach the tests at <see cref="Outside"/>, the tests reach published ports at <see cref="Inside"/>.
/// </summary>
internal sealed class PrivateEngine : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("engine-").FullName;
    private readonly int _number = Environment.ProcessId % 200;
    private Process? _space, _engine;

    public string Outside => $"10.213.{_number}.1";
    public string Inside => $"10.213.{_number}.2";
    private string Socket => $"unix://{_folder}/docker.sock";
    private string Log => $"{_folder}/dockerd.log";

    /// <summary>What is not installed here; null when all is.</summary>
    public static string? Missing()
    {
        if (!Environment.IsPrivilegedProcess) return "A Docker engine of the tests' own needs root";
        var folders = (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':');
        var missing = new[] { "dockerd", "docker", "docker-compose", "mmdebstrap", "nsenter", "ip", "mkfs.ext4" }.Where(n => !folders.Any(d => File.Exists(Path.Combine(d, n)))).ToList();
        return missing.Count == 0 ? null : $"Not installed here: {string.Join(", ", missing)}";
    }

    public async Task StartAsync()
    {
        var space = new ProcessStartInfo("unshare", ["-n", "sleep", "infinity"]);
        _space = Process.Start(space)!;
        await MustAsync("sh", "-ec", string.Create(CultureInfo.InvariantCulture, $"""
            until [ "$(readlink /proc/{_space.Id}/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
            ip link add tests{_number} type veth peer name eth0 netns {_space.Id}
            ip addr add {Outside}/30 dev tests{_number}; ip link set tests{_number} up
            nsenter -t {_space.Id} -n sh -ec 'ip link set lo up; ip addr add {Inside}/30 dev eth0; ip link set eth0 up; ip route add default via {Outside}'
            """));
        await StartEngineAsync();
        await ClearAsync();     // what a run that was killed has left
    }

    public async Task StartEngineAsync()
    {
        var data = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts/engine")).FullName;
        var start = new ProcessStartInfo("nsenter", ["-t", _space!.Id.ToString(CultureInfo.InvariantCulture), "-n", "sh", "-c",
            $"exec dockerd --data-root {data} --exec-root {_folder}/exec -H {Socket} --pidfile {_folder}/docker.pid >>{Log} 2>&1"]);
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        _engine = Process.Start(start)!;
        for (var left = 600; (await RunAsync("docker", "version")).ExitCode != 0; left--)
        {
            if (left == 0 || _engine.HasExited) throw new InvalidOperationException("dockerd did not start: " + await File.ReadAllTextAsync(Log));
            await Task.Delay(100);
        }
    }

    /// <summary>As a machine that goes down stops it: with everything that runs.</summary>
    public async Task StopEngineAsync()
    {
        if (_engine is null or { HasExited: true }) return;
        await Repository.TerminateAsync(_engine);
        _engine.Dispose();
        _engine = null;
    }

    /// <summary>A program that speaks to this engine, and to no other.</summary>
    public Task<ProcessResult> RunAsync(string program, params string[] arguments) => Repository.RunAsync("env", [$"DOCKER_HOST={Socket}", program, .. arguments], TimeSpan.FromMinutes(40));

    public async Task<string> MustAsync(string program, params string[] arguments)
    {
        var run = await RunAsync(program, arguments);
        return run.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {run.Errors}{run.Output}");
    }

    /// <summary>Containers, volumes, networks and images without a name go; the others stay.</summary>
    public Task<string> ClearAsync() => MustAsync("sh", "-ec", "docker ps -aq | xargs -r docker rm -f >/dev/null; docker volume ls -q | xargs -r docker volume rm >/dev/null; docker network prune -f >/dev/null; docker image prune -f >/dev/null");

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await ClearAsync();
            await StopEngineAsync();
        }
        if (_space is not null)
        {
            _space.Kill();          // and with it the namespace and both ends of its cable
            await _space.WaitForExitAsync();
            _space.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }
}
