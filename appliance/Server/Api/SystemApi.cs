using System.Diagnostics;
using System.Reflection;

namespace Appliance.Server.Api;

internal static class SystemApi
{
    /// <param name="PeakMemoryBytes">The largest resident size since the start.</param>
    public sealed record SystemState(string Version, int ProcessId, DateTimeOffset StartedAt, long PeakMemoryBytes, long WorkingSetBytes);

    public static string Version { get; } =
        typeof(SystemApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static void MapSystem(this RouteGroupBuilder api) =>
        api.MapGet("/system", () => TypedResults.Ok(Read())).WithTags("System").WithSummary("Version, process and memory");

    private static SystemState Read()
    {
        using var process = Process.GetCurrentProcess();
        return new SystemState(Version, process.Id, process.StartTime.ToUniversalTime(), process.PeakWorkingSet64, process.WorkingSet64);
    }
}
