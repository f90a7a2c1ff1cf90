using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace PulumiEngine.Providers;

/// <summary>The process of a provider that is a folder with PulumiPlugin.yaml: built and run by the SDK, its port the first line that it prints.</summary>
internal sealed class PluginProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private PluginProcess(Process process, int port, ConcurrentQueue<string> errors) => (_process, Port, Errors) = (process, port, errors);

    public int Port { get; }

    /// <summary>What it said on standard error.</summary>
    public ConcurrentQueue<string> Errors { get; }

    /// <param name="command">Program and arguments; the engine's address is added.</param>
    /// <exception cref="ProviderException">It ended, or printed something else than a port.</exception>
    public static async Task<PluginProcess> StartAsync(IReadOnlyList<string> command, string folder, string engineAddress, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), engineAddress]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start) ?? throw new ProviderException($"{command[0]} could not be started.");
        var errors = new ConcurrentQueue<string>();
        process.ErrorDataReceived += (_, line) => { if (line.Data is not null) errors.Enqueue(line.Data); };
        process.BeginErrorReadLine();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(StartLimit);
            var first = await process.StandardOutput.ReadLineAsync(limit.Token);
            if (!int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                throw new ProviderException($"The provider `{string.Join(' ', command)}` printed no port first but: {first ?? "nothing"}\n{string.Join('\n', errors.TakeLast(15))}");
            _ = DrainAsync(process);
            return new PluginProcess(process, port, errors);
        }
        catch
        {
            End(process);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        End(_process);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static void End(Process process)
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
    }

    /// <summary>A full pipe would stop the provider.</summary>
    private static async Task DrainAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is not null) { }
    }
}
