namespace Benchmarks;

/// <summary>Where and when the figures came about.</summary>
internal static class Machine
{
    public static string Describe(TimeProvider time)
    {
        var processor = Line("/proc/cpuinfo", "model name") ?? "unknown processor";
        var memory = Line("/proc/meminfo", "MemTotal") is { } text && long.TryParse(text.Split(' ')[0], out var kilobytes) ? $"{kilobytes / 1_000_000.0:0} GB" : "unknown memory";
        return $"{time.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores ({processor}), {memory}, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} before the first run, .NET {Environment.Version}";
    }

    private static string? Line(string file, string name) =>
        File.ReadLines(file).Select(l => l.Split(':', 2)).Where(p => p.Length == 2 && p[0].Trim() == name).Select(p => p[1].Trim()).FirstOrDefault();
}
