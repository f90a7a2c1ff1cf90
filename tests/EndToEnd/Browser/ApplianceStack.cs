using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace EndToEnd.Browser;

/// <summary>The appliance as <c>./up</c> starts it on any machine: Nginx with TLS in front, the server, a MariaDB of its own. Ends with the tests.</summary>
internal sealed partial class ApplianceStack : IAsyncDisposable
{
    private static readonly TimeSpan StartsWithin = TimeSpan.FromMinutes(8);    // a first ./up builds
    private static readonly TimeSpan StopsWithin = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo _state;
    private readonly Process _up;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource<Uri> _setupLink = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ApplianceStack(DirectoryInfo state, Process up)
    {
        (_state, _up) = (state, up);
        up.OutputDataReceived += (_, line) => Hear(line.Data);
        up.ErrorDataReceived += (_, line) => Hear(line.Data);
        up.EnableRaisingEvents = true;
        up.Exited += (_, _) => _setupLink.TrySetException(new InvalidOperationException($"./up ended with {up.ExitCode}."));
        AppDomain.CurrentDomain.ProcessExit += StopWithUs;
        up.Start();
        up.BeginOutputReadLine();
        up.BeginErrorReadLine();
    }

    /// <summary>Why there can be no stack on this machine; null when there can.</summary>
    public static string? Unavailable { get; } =
        Missing("nginx") is { } nginx ? nginx : Missing("mariadbd") is { } mariadb ? mariadb : Missing("openssl") is { } openssl ? openssl : Missing("curl");

    /// <summary>The link printed at the first start, with which the administrator is made.</summary>
    public Uri SetupLink { get; private set; } = null!;

    public Uri Address => new(SetupLink.GetLeftPart(UriPartial.Authority));

    /// <summary>Lets Chromium accept this stack's certificate, of a CA that no machine trusts, and no other.</summary>
    public string CertificatePin
    {
        get
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_state.FullName, "tls", "server.crt"));
            return Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        }
    }

    public static async Task<ApplianceStack> StartAsync()
    {
        var state = Directory.CreateTempSubdirectory("appliance-browser-");
        var up = new Process
        {
            StartInfo = new ProcessStartInfo(Path.Combine(RepositoryFolder.Path, "up"), ["--port", FreePort(), "--state", state.FullName])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            },
        };
        var stack = new ApplianceStack(state, up);
        try
        {
            stack.SetupLink = await stack._setupLink.Task.WaitAsync(StartsWithin);
            return stack;
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await stack.DisposeAsync();
            throw new InvalidOperationException($"The appliance did not come up.\n{stack._said}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= StopWithUs;
        AskToStop();
        using var patience = new CancellationTokenSource(StopsWithin);
        await _up.WaitForExitAsync(patience.Token);
        _up.Dispose();
        _state.Delete(recursive: true);
    }

    public static string? Missing(string command)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin");
        return folders.Any(folder => File.Exists(Path.Combine(folder, command))) ? null : $"{command} is not on this machine.";
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_said) _said.AppendLine(line);
        if (Link().Match(line) is { Success: true } link) _setupLink.TrySetResult(new Uri(link.Value));
    }

    // TERM, not INT: a shell that was itself started in the background hears no INT.
    private void AskToStop()
    {
        if (_up.HasExited) return;
        using var kill = Process.Start("kill", ["-TERM", _up.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void StopWithUs(object? sender, EventArgs e) => AskToStop();

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"https://localhost:\d+/setup\?\S+")]
    private static partial Regex Link();
}
