using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Appliance.Engine.Diagnosis;

/// <summary>
/// A zip for the vendor's support: the doctor's report, versions, settings, jobs, logs. Made of what may be shown, not of everything minus what looks secret; what is known to be a secret is looked for
/// once more at the end.
/// </summary>
public static class SupportBundle
{
    private const long MostLog = 20 << 20;
    private const string Removed = "(removed)";
    private static readonly string[] s_secretWords = ["password", "pwd", "secret", "token", "key", "credential", "connectionstring", "passphrase"];

    /// <param name="logs">Log files of the server; only their ends are taken, sieved.</param>
    /// <param name="settings">All settings, secrets among them: those that are no open setting are what must not be in the bundle.</param>
    public static async Task WriteAsync(Stream to, Report report, IEnumerable<string> logs, IEnumerable<KeyValuePair<string, string?>> settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(settings);
        var all = settings.ToList();
        var open = AppliancePlace.Open(all);
        var secrets = Secrets(all).ToList();
        await using var zip = await ZipArchive.CreateAsync(to, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        await AddAsync("report.txt", DoctorText.Lines(report));
        await AddAsync("report.json", [DoctorText.Json(report)]);
        await AddAsync("versions.txt",
        [
            $"appliance {report.Version}", $"catalog {report.Catalog?.ServerVersion ?? "not reached"}, migration {report.Catalog?.Migration}",
            RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, $"{Environment.ProcessorCount} processors, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB of memory",
        ]);
        await AddAsync("settings.txt", open.Select(s => $"{s.Key} = {s.Value}"));
        if (report.Catalog is { } catalog)
            await AddAsync("jobs.csv",
            [
                "id,org,kind,state,pause,created,started,ended,attempts,fencing",
                .. catalog.Jobs.Select(j => string.Create(CultureInfo.InvariantCulture,
                    $"{j.Id},{j.OrgId},{j.Kind},{j.State},{j.PauseReason},{j.CreatedAt.UtcDateTime:O},{j.StartedAt?.UtcDateTime:O},{j.EndedAt?.UtcDateTime:O},{j.Attempts},{j.Fencing}")),
            ]);
        var sieve = new LogSieve();
        foreach (var (log, i) in logs.Select((l, i) => (l, i))) await AddAsync($"log-{i + 1}.txt", sieve.Through(End(log)));

        async Task AddAsync(string name, IEnumerable<string> lines)
        {
            await using var entry = await zip.CreateEntry(name, CompressionLevel.Optimal).OpenAsync(cancellationToken);
            foreach (var line in lines)
            {
                var shown = line;
                foreach (var secret in secrets) shown = shown.Replace(secret, Removed, StringComparison.OrdinalIgnoreCase);
                await entry.WriteAsync(Encoding.UTF8.GetBytes(shown + "\n"), cancellationToken);
            }
        }
    }

    /// <summary>Values of settings that are not open, and the parts of connection strings; short ones and plain words would only spoil the text.</summary>
    private static IEnumerable<string> Secrets(IEnumerable<KeyValuePair<string, string?>> settings) => settings
        .Where(s => SecretName(s.Key) && s.Value is not null)
        .SelectMany(s => s.Key.Contains("ConnectionString", StringComparison.OrdinalIgnoreCase)
            ? s.Value!.Split(';').Where(p => SecretName(p.Split('=')[0])).Select(p => p[(p.IndexOf('=', StringComparison.Ordinal) + 1)..])
            : [s.Value!])
        .Select(v => v.Trim().Trim('"', '\'')).Where(v => v.Length >= 6).Distinct(StringComparer.Ordinal).OrderByDescending(v => v.Length);

    private static bool SecretName(string name) =>
        s_secretWords.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase))
        && !AppliancePlace.OpenSettings.Any(o => name.Equals(o, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> End(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (stream.Length > MostLog) stream.Seek(-MostLog, SeekOrigin.End);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line) yield return line;
    }
}
