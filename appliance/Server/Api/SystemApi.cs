using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using Appliance.Engine.Diagnosis;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class SystemApi
{
    /// <param name="PeakMemoryBytes">The largest resident size since the start.</param>
    public sealed record SystemState(string Version, int ProcessId, DateTimeOffset StartedAt, long PeakMemoryBytes, long WorkingSetBytes);

    public sealed record HealthReport(string Version, DateTimeOffset At, Grade Grade, ImmutableArray<Finding> Findings);

    public static string Version { get; } =
        typeof(SystemApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static void MapSystem(this RouteGroupBuilder api)
    {
        api.MapGet("/system", () => TypedResults.Ok(Read())).WithTags("System").WithSummary("Version, process and memory");
        api.MapGet("/system/report", ReportAsync).WithTags("System").WithSummary("What the doctor finds: causes and remedies");
    }

    private static async Task<Ok<HealthReport>> ReportAsync(Doctor doctor, CancellationToken cancellationToken)
    {
        var report = await doctor.RunAsync(cancellationToken);
        return TypedResults.Ok(new HealthReport(report.Version, report.At, report.Worst, report.Findings));
    }

    private static SystemState Read()
    {
        using var process = Process.GetCurrentProcess();
        return new SystemState(Version, process.Id, process.StartTime.ToUniversalTime(), process.PeakWorkingSet64, process.WorkingSet64);
    }
}
