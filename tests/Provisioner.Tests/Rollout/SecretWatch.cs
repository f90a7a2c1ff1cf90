using System.Collections.Concurrent;
using System.Text;

namespace Provisioner.Tests.Rollout;

/// <summary>Looks at every command line and every environment on the machine, all the time.</summary>
internal sealed class SecretWatch : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentBag<string> _seen = [];

    public SecretWatch(params string[] secrets)
    {
        Secrets = secrets;
        var own = $"/proc/{Environment.ProcessId}";
        _ = Task.Run(async () =>
        {
            while (!_over.IsCancellationRequested)
            {
                foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => char.IsDigit(Path.GetFileName(d)[0]) && d != own))
                {
                    foreach (var place in new[] { "cmdline", "environ" })
                    {
                        try
                        {
                            var text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync($"{process}/{place}"));
                            if (Secrets.Any(s => text.Contains(s, StringComparison.Ordinal))) _seen.Add($"{place} {text.Split('\0')[0]}");
                        }
                        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
                        {
                            continue;       // it has ended meanwhile
                        }
                    }
                    Looks++;
                }
                await Task.Delay(20);
            }
        });
    }

    public string[] Secrets { get; }
    public int Looks { get; private set; }
    public IReadOnlyCollection<string> Seen => _seen;

    public void Dispose() => _over.Cancel();
}
