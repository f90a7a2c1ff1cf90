using System.Diagnostics;

namespace Appliance.Catalog.Tests;

/// <summary>
/// A MariaDB server of the tests' own: empty data folder, unix socket only, gone when disposed. A shell stands between us and the server and ends it
/// when our end of its standard input closes, so a killed test run leaves no server behind. Linked into other test projects; it knows no test framework.
/// </summary>
public sealed class PrivateMariaDb : IAsyncDisposable
{
    private readonly Process _shell;
    private readonly string _folder;

    private PrivateMariaDb(Process shell, string folder, string socket, int processId)
    {
        (_shell, _folder, Socket, ProcessId) = (shell, folder, socket, processId);
    }

    public string Socket { get; }

    public int ProcessId { get; }

    /// <summary>Why no server can be started here; null when one can.</summary>
    public static string? Unavailable =>
        new[] { "mariadbd", "mariadb-install-db" }.Where(tool => Find(tool) is null).Select(tool => $"{tool} is not installed (package mariadb-server)").FirstOrDefault();

    public string ConnectionString(string database) => $"Server={Socket};User ID=root;Database={database};Pooling=true;Maximum Pool Size=20";

    /// <summary>Starts a server over a fresh folder below <paramref name="parent"/> and waits until it listens.</summary>
    public static async Task<PrivateMariaDb> StartAsync(string parent, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(parent);
        var folder = Directory.CreateDirectory(Path.Combine(parent, $"mariadb-{Environment.ProcessId}-{Guid.CreateVersion7():N}")).FullName;
        var data = Path.Combine(folder, "data");
        var log = Path.Combine(folder, "server.log");
        // A socket's path may have 107 bytes; a deep checkout has more, so it lives in the system's folder for such things.
        var socket = Path.Combine(Path.GetTempPath(), $"appliance-{Guid.CreateVersion7():N}.sock");
        await RunAsync(Find("mariadb-install-db")!,
            ["--no-defaults", $"--datadir={data}", "--user=root", "--auth-root-authentication-method=normal", "--skip-test-db"], cancellationToken);

        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("\"$@\" </dev/null >\"$LOG\" 2>&1 & pid=$!; echo $pid; cat >/dev/null; kill $pid; wait $pid");
        start.ArgumentList.Add("sh");
        foreach (var argument in (string[])
            [Find("mariadbd")!, "--no-defaults", $"--datadir={data}", $"--socket={socket}", "--skip-networking", "--user=root", $"--pid-file={folder}/server.pid",
             "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=2", "--max-connections=100", "--character-set-server=utf8mb4"])
            start.ArgumentList.Add(argument);
        start.Environment["LOG"] = log;
        var shell = Process.Start(start)!;
        var processId = int.Parse((await shell.StandardOutput.ReadLineAsync(cancellationToken))!, System.Globalization.CultureInfo.InvariantCulture);
        var server = new PrivateMariaDb(shell, folder, socket, processId);
        try
        {
            await server.WaitAsync(log, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        Directory.Delete(_folder, recursive: true);
        File.Delete(Socket);
    }

    private async Task WaitAsync(string log, CancellationToken cancellationToken)
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
                throw new InvalidOperationException($"mariadbd did not start:\n{(File.Exists(log) ? await File.ReadAllTextAsync(log, cancellationToken) : "")}");
            await Task.Delay(50, cancellationToken);
        }
    }

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{await output}\n{errors}");
    }

    private static string? Find(string tool) =>
        new[] { "/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin" }.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
}
