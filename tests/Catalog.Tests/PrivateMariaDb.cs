using System.Diagnostics;

namespace Appliance.Catalog.Tests;

/// <summary>
/// A MariaDB server of the tests' own: empty data folder, unix socket only, gone when disposed. A shell stands between us and the server and ends it
/// when our end of its standard input closes, so a killed test run leaves no server behind. Linked into other test projects; it knows no test framework.
/// </summary>
public sealed class PrivateMariaDb : IAsyncDisposable
{
    private readonly string _folder;
    private Process? _shell;

    private PrivateMariaDb(string folder, string socket) => (_folder, Socket) = (folder, socket);

    public string Socket { get; }

    public int ProcessId { get; private set; }

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "server.log");

    /// <summary>Why no server can be started here; null when one can.</summary>
    public static string? Unavailable =>
        new[] { "mariadbd", "mariadb-install-db" }.Where(tool => Find(tool) is null).Select(tool => $"{tool} is not installed (package mariadb-server)").FirstOrDefault();

    public string ConnectionString(string database) => $"Server={Socket};User ID=root;Database={database};Pooling=true;Maximum Pool Size=20";

    /// <summary>Starts a server over a fresh folder below <paramref name="parent"/> and waits until it listens.</summary>
    public static async Task<PrivateMariaDb> StartAsync(string parent, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(parent);
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"mariadb-{Environment.ProcessId}-{Guid.CreateVersion7():N}")).FullName;
        // A socket's path may have 107 bytes; a deep checkout has more, so it lives in the system's folder for such things.
        var socket = Path.Combine(Path.GetTempPath(), $"appliance-{Guid.CreateVersion7():N}.sock");
        var server = new PrivateMariaDb(folder, socket);
        await RunAsync(Find("mariadb-install-db")!,
            ["--no-defaults", $"--datadir={server.Data}", "--user=root", "--auth-root-authentication-method=normal", "--skip-test-db"], folder, cancellationToken);
        try
        {
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill -9, as a machine without memory does it; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        using (var server = Process.GetProcessById(ProcessId)) server.Kill();
        await EndAsync();
    }

    /// <summary>Over the same folder and socket.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("\"$@\" </dev/null >\"$LOG\" 2>&1 & pid=$!; echo $pid; cat >/dev/null; kill $pid; wait $pid");
        start.ArgumentList.Add("sh");
        foreach (var argument in (string[])
            [Find("mariadbd")!, "--no-defaults", $"--datadir={Data}", $"--socket={Socket}", "--skip-networking", "--user=root", $"--pid-file={_folder}/server.pid",
             "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=2", "--max-connections=100", "--character-set-server=utf8mb4"])
            start.ArgumentList.Add(argument);
        start.Environment["LOG"] = Log;
        start.Environment["TMPDIR"] = _folder;
        _shell = Process.Start(start)!;
        ProcessId = int.Parse((await _shell.StandardOutput.ReadLineAsync(cancellationToken))!, System.Globalization.CultureInfo.InvariantCulture);
        await WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Directory.Delete(_folder, recursive: true);
        File.Delete(Socket);
    }

    private async Task EndAsync()
    {
        if (_shell is null) return;
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        _shell = null;
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (File.Exists(Socket))
            {
                try
                {
                    using var probe = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
                    await probe.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(Socket), cancellationToken);
                    return;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    // bound, but not listening yet
                }
            }
            if (!Directory.Exists($"/proc/{ProcessId}") || waited.Elapsed > TimeSpan.FromMinutes(1))
                throw new InvalidOperationException($"mariadbd did not start:\n{(File.Exists(Log) ? await File.ReadAllTextAsync(Log, cancellationToken) : "")}");
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <param name="temporary">A folder of its own: a server that starts clears away what it takes for its own in the folder for temporary tables.</param>
    private static async Task RunAsync(string program, string[] arguments, string temporary, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = temporary;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{await output}\n{errors}");
    }

    private static string? Find(string tool) =>
        new[] { "/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin" }.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
}
