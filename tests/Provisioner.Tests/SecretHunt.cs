using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;

namespace Provisioner.Tests;

/// <summary>
/// Looks for planted secrets wherever somebody who shall not know them may look: in texts, in files that others than their owner may read, in archives, in the process list. Each secret is
/// looked for as it is, in base64 at any offset, and in hexadecimal digits. Findings name the place and the secret, never its value.
/// </summary>
internal sealed class SecretHunt : IDisposable
{
    private const int Nobody = 65534, Shortest = 12;
    private const UnixFileMode AllowedForSecrets = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private readonly List<(string Name, string Form)> _forms;
    private readonly SearchValues<string> _any;
    private readonly ConcurrentDictionary<string, bool> _findings = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _over = new();
    private Task _watching = Task.CompletedTask;

    /// <param name="secrets">Name and value; of a PEM file give one line of its middle.</param>
    public SecretHunt(params IEnumerable<(string Name, string Value)> secrets)
    {
        _forms = [.. secrets.SelectMany(s => s.Value.Length >= Shortest ? Forms(s.Value).Select(f => (s.Name, f)) : throw new ArgumentException($"{s.Name} is too short to be recognised."))];
        _any = SearchValues.Create([.. _forms.Select(f => f.Form)], StringComparison.Ordinal);
    }

    /// <summary>Place and secret of each leak.</summary>
    public IReadOnlyList<string> Findings => [.. _findings.Keys.Order(StringComparer.Ordinal)];

    /// <summary>How many processes were seen by <see cref="WatchProcesses"/>.</summary>
    public int ProcessesSeen { get; private set; }

    public void In(string place, string text)
    {
        if (!text.AsSpan().ContainsAny(_any)) return;
        foreach (var (name, form) in _forms) if (text.Contains(form, StringComparison.Ordinal)) _findings.TryAdd($"{place}: {name}", true);
    }

    public void In(string place, byte[] bytes) => In(place, Encoding.Latin1.GetString(bytes));

    /// <summary>Every file below the folder that others may read, or whose mode is wider than 0640; whoever cannot enter a folder reads nothing in it.</summary>
    public void InOpenFiles(string folder) => InFiles(new DirectoryInfo(folder), everything: false);

    /// <summary>Every file below the folder, whoever may read it.</summary>
    public void InAllFiles(string folder) => InFiles(new DirectoryInfo(folder), everything: true);

    public void InArchive(string zip)
    {
        using var archive = ZipFile.OpenRead(zip);
        foreach (var entry in archive.Entries)
        {
            using var text = new StreamReader(entry.Open(), Encoding.Latin1);
            In($"{Path.GetFileName(zip)}/{entry.FullName}", text.ReadToEnd());
        }
    }

    /// <summary>From now on looks at every command line on this machine, and at the environments that another user may read, all the time.</summary>
    public SecretHunt WatchProcesses()
    {
        _watching = Task.WhenAll(WatchCommandLinesAsync(), WatchEnvironmentsAsync());
        return this;
    }

    /// <summary>No process is looked at any more.</summary>
    public async Task StopWatchingAsync()
    {
        await _over.CancelAsync();
        await _watching;
    }

    public void Dispose()
    {
        _over.Cancel();
        _over.Dispose();
    }

    private void InFiles(DirectoryInfo folder, bool everything)
    {
        if (!everything && !folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute)) return;
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget is not null) continue;
            if (entry is DirectoryInfo inner) InFiles(inner, everything);
            else if ((everything || (entry.UnixFileMode & ~AllowedForSecrets) != 0) && File.Exists(entry.FullName)) In($"{entry.FullName} ({Convert.ToString((int)entry.UnixFileMode, 8)})", File.ReadAllBytes(entry.FullName));
        }
    }

    private Task WatchCommandLinesAsync() => Task.Run(async () =>
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!_over.IsCancellationRequested)
        {
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => char.IsDigit(Path.GetFileName(d)[0])))
                try
                {
                    var line = Encoding.Latin1.GetString(await File.ReadAllBytesAsync($"{process}/cmdline"));
                    if (seen.Add(process)) ProcessesSeen++;
                    In($"command line of {line.Split('\0')[0]}", line);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    continue;       // it has ended meanwhile
                }
            await Task.Delay(20);
        }
    });

    private Task WatchEnvironmentsAsync() => Task.Run(async () =>
    {
        if (!Environment.IsPrivilegedProcess) return;       // somebody who is not root sees what nobody sees, and the environments of this test's own processes
        while (!_over.IsCancellationRequested)
        {
            var start = new ProcessStartInfo("setpriv", [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "sh", "-c", "cat /proc/[0-9]*/environ 2>/dev/null"]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.Latin1 };
            start.Environment.Clear();
            start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
            using var look = Process.Start(start)!;
            In("an environment that another user may read", await look.StandardOutput.ReadToEndAsync());
            await look.WaitForExitAsync();
            await Task.Delay(250);
        }
    });

    private static IEnumerable<string> Forms(string secret)
    {
        yield return secret;
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return Convert.ToHexStringLower(bytes);
        for (var offset = 0; offset < 3; offset++)
        {
            // What stands before and after shares letters with its ends: they are left away.
            var text = Convert.ToBase64String([.. new byte[offset], .. bytes]).TrimEnd('=');
            yield return text[(offset == 0 ? 0 : offset + 1)..^1];
        }
    }
}
