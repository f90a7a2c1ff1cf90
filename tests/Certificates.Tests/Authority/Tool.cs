using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Certificates.Tests.Authority;

/// <summary>Programs of the machine.</summary>
internal static class Tool
{
    private static readonly string SearchPath = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";

    public static string? Find(string name) => SearchPath.Split(':').Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static async Task EndAsync(Process? process)
    {
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
        process?.Dispose();
    }

    /// <summary>Waits for a condition, patiently: the machine may be busy.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var began = Stopwatch.StartNew();
        while (!await holds())
        {
            if (began.Elapsed > TimeSpan.FromSeconds(60)) throw new TimeoutException($"Not within a minute: {what}");
            await Task.Delay(20);
        }
    }
}
