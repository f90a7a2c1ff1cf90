using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Engine.Diagnosis;

/// <summary>A report as a person and as a program reads it.</summary>
public static class DoctorText
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) }, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The worst first within their kind of check, in the order that was looked at; the remedy below each.</summary>
    public static IEnumerable<string> Lines(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);
        foreach (var finding in report.Findings)
        {
            yield return $"{Word(finding.Grade)}  {finding.Check,-11}  {finding.What}";
            if (finding.Remedy is not null) yield return $"                      what to do: {finding.Remedy}";
        }
        var (errors, warnings) = (report.Findings.Count(f => f.Grade == Grade.Error), report.Findings.Count(f => f.Grade == Grade.Warning));
        yield return report.Worst == Grade.Well ? $"All is well: {report.Findings.Length} findings, version {report.Version}." : $"{errors} errors, {warnings} warnings, version {report.Version}.";
    }

    public static string Json(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return JsonSerializer.Serialize(new { report.Version, report.At, grade = report.Worst, report.Findings }, s_json);
    }

    /// <summary>The appliance on one screen.</summary>
    public static IEnumerable<string> Status(Report report)
    {
        ArgumentNullException.ThrowIfNull(report);
        yield return $"appliance {report.Version}: {(report.Worst == Grade.Well ? "well" : $"{report.Findings.Count(f => f.Grade == Grade.Error)} errors, {report.Findings.Count(f => f.Grade == Grade.Warning)} warnings (appliance doctor)")}";
        if (report.Catalog is { } catalog)
        {
            foreach (var org in catalog.Orgs)
                yield return $"  {org.Name}: {(org.LastSnapshotAt is { } last ? $"restorable to {last.UtcDateTime:yyyy-MM-dd HH:mm}" : "no backup")}, {(org.SchedulesOff ? "schedules off" : org.LatestDue is { } due ? $"next {due.UtcDateTime:yyyy-MM-dd HH:mm}" : "no schedule")} UTC";
            yield return $"  jobs: {string.Join(", ", catalog.Jobs.Where(j => j.EndedAt is null).GroupBy(j => j.State).Select(s => $"{s.Count()} {s.Key}").DefaultIfEmpty("none under way"))}";
        }
        foreach (var finding in report.Findings.Where(f => f.Check is "disk" or "certificate" or "self-backup" or "updates")) yield return $"  {finding.Check}: {finding.What}";
    }

    private static string Word(Grade grade) => grade switch { Grade.Well => "well   ", Grade.Warning => "warning", Grade.Error => "ERROR  " };
}
