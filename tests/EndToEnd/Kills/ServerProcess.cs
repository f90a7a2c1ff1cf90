using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EndToEnd.Kills;

/// <summary>
/// The real server as a child process that can be killed and started again over the same folders, database and port. A shell stands between, which
/// kills the server when our end of its standard input closes: a test run that dies leaves nothing behind.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Dictionary<string, string> _settings;
    private readonly string _log;
    private Process? _shell;
    private int _processId;

    public ServerProcess(string connectionString, string storage, string keys, string log)
    {
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        _log = log;
        _settings = new(StringComparer.Ordinal)
        {
            ["Catalog__ConnectionString"] = connectionString,
            ["Storage__Root"] = storage,
            ["Keys__Directory"] = keys,
            ["Server__PublicUrl"] = Address.ToString(),
            ["Jobs__LeaseSeconds"] = "3",
            // Small pieces, so that a small org has as many moments as a large one.
            ["Engine__RestRows"] = "100",
            ["Engine__SegmentFlushBytes"] = "65536",
            ["Engine__IngestRows"] = "25",
            ["Engine__DiskLookAgain"] = "00:00:01",
            ["Engine__DiskLookEvery"] = "00:00:00.1",
            ["DOTNET_TieredPGO"] = "0",             // these processes live for seconds: compiling must be cheap, not good
        };
    }

    public Uri Address { get; }

    public async Task StartAsync(HttpClient http)
    {
        var program = Program();
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = Path.GetDirectoryName(program),
        };
        foreach (var argument in (string[])
            ["-c", "exec 2>/dev/null; \"$@\" </dev/null >>\"$LOG\" 2>&1 & pid=$!; echo $pid; cat >/dev/null; kill -9 $pid; wait $pid", "sh", program, "--urls", Address.ToString()])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in _settings) start.Environment[name] = value;
        start.Environment["LOG"] = _log;
        _shell = Process.Start(start)!;
        _processId = int.Parse((await _shell.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromMinutes(2); await Task.Delay(50))
        {
            try
            {
                if ((await http.GetAsync(new Uri(Address, "/health"))).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                if (!Directory.Exists($"/proc/{_processId}")) break;        // else: not listening yet
            }
        }
        throw new InvalidOperationException($"The server did not start:\n{LogTail()}");
    }

    /// <summary>kill -9, at once, of exactly the process that was started.</summary>
    public void Kill()
    {
        using var server = Process.GetProcessById(_processId);
        server.Kill();
    }

    /// <summary>Waits until the killed process has left the system.</summary>
    public async Task BuryAsync()
    {
        if (_shell is null) return;
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        _shell = null;
    }

    public string LogTail() => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(60)) : "(no log)";

    public async ValueTask DisposeAsync() => await BuryAsync();

    /// <summary>The folder with Appliance.sln.</summary>
    public static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Appliance.sln"))) return folder.FullName;
        throw new InvalidOperationException("These tests run inside the repository.");
    }

    /// <summary>Built beside this test in the same configuration, whose name is our own folder's.</summary>
    private static string Program() =>
        Path.Combine(Repository(), "artifacts", "bin", "Appliance.Server", new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Name, "Appliance.Server");

    /// <summary>The public address holds the port, so it must be known before the server starts and be the same after each restart.</summary>
    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
