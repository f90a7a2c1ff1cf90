using System.Diagnostics;
using System.Globalization;
using System.Text;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Diagnosis;
using Appliance.Engine.SelfBackups;
using Appliance.Engine.Updates;

namespace Appliance.Server.Api;

/// <summary>GET /metrics for Prometheus (docs/operations.md), behind the sign-in like everything: it names orgs.</summary>
internal static class MetricsApi
{
    private const string Format = "text/plain; version=0.0.4; charset=utf-8";
    private static readonly TimeSpan s_day = TimeSpan.FromHours(24);

    public static void MapMetrics(this WebApplication app) => app.MapGet("/metrics", async (CatalogDatabase db, EngineOptions options, SelfBackups backups, ServerSettings settings, CancellationToken cancellationToken) =>
    {
        var text = new StringBuilder();
        var catalog = await CatalogDiagnosis.ReadAsync(db, cancellationToken);
        Catalog(text, catalog);
        if (settings.UpdatesUrl is not null && catalog.Update is { ToldAt: { } told, ReleaseVersion: { } announced })
        {
            Gauge(text, "appliance_update_available", "1 while a newer release is announced than the one that answers.", [("", ReleaseVersion.Parse(announced) > ReleaseVersion.Running ? 1 : 0)]);
            Gauge(text, "appliance_update_told_timestamp_seconds", "When a signed announcement of releases was last read.", [("", told.ToUnixTimeSeconds())]);
        }
        if (DiskSpace.Of(options) is { } disk)
        {
            Gauge(text, "appliance_disk_free_bytes", "Room on the disk of the vaults, or where files wait on their way to S3.", [("", disk.Free)]);
            Gauge(text, "appliance_disk_total_bytes", "Size of that disk.", [("", disk.Total)]);
            Gauge(text, "appliance_disk_reserve_bytes", "Room that backups leave alone; below it they are paused.", [("", disk.Reserve)]);
        }
        if (await backups.ListAsync(cancellationToken) is [var newest, ..])
            Gauge(text, "appliance_self_backup_timestamp_seconds", "When the newest backup of the appliance itself was taken.", [("", newest.TakenAt.ToUnixTimeSeconds())]);
        if (settings.CertificateFile is { } file && File.Exists(file)) Certificate(text, file);
        Process(text);
        return TypedResults.Text(text.ToString(), Format);
    }).ExcludeFromDescription();

    private static void Catalog(StringBuilder text, CatalogDiagnosis catalog)
    {
        Gauge(text, "appliance_info", "The version that answers.", [(Labels(("version", ApplianceVersion.Current)), 1)]);
        Gauge(text, "appliance_catalog_migration", "Newest migration of the catalog.", [("", catalog.Migration)]);
        Gauge(text, "appliance_jobs", "Jobs that have not ended.",
            catalog.Jobs.Where(j => j.EndedAt is null).GroupBy(j => (j.Kind, j.State, j.PauseReason)).Select(g => (Labels(("kind", g.Key.Kind), ("state", g.Key.State), ("pause", g.Key.PauseReason ?? "")), (double)g.Count())));
        Gauge(text, "appliance_jobs_ended_last_day", "Jobs that ended within 24 hours.",
            catalog.Jobs.Where(j => catalog.Now - j.EndedAt < s_day).GroupBy(j => (j.Kind, j.State)).Select(g => (Labels(("kind", g.Key.Kind), ("state", g.Key.State)), (double)g.Count())));
        Gauge(text, "appliance_org_token_valid", "1 while Salesforce takes the org's token.", catalog.Orgs.Select(o => (Of(o), o.TokenState == TokenState.Valid ? 1.0 : 0)));
        Gauge(text, "appliance_org_snapshots", "Snapshots of the org.", catalog.Orgs.Select(o => (Of(o), (double)o.Snapshots)));
        Gauge(text, "appliance_org_last_snapshot_timestamp_seconds", "When the org's newest snapshot was completed.",
            catalog.Orgs.Where(o => o.LastSnapshotAt is not null).Select(o => (Of(o), (double)o.LastSnapshotAt!.Value.ToUnixTimeSeconds())));
        Gauge(text, "appliance_org_next_backup_timestamp_seconds", "When a schedule of the org is due; in the past: overdue.",
            catalog.Orgs.Where(o => o is { LatestDue: not null, SchedulesOff: false }).Select(o => (Of(o), (double)o.LatestDue!.Value.ToUnixTimeSeconds())));
        Gauge(text, "appliance_org_stored_bytes_per_day", "What the org's backups of 14 days added to its vault, a day.", catalog.Orgs.Select(o => (Of(o), (double)o.BytesPerDay)));
    }

    private static void Certificate(StringBuilder text, string file)
    {
        try
        {
            var certificate = FrontDoorCertificate.Read(file);
            if (certificate.Serial is not null) Gauge(text, "appliance_certificate_end_timestamp_seconds", "When the front door's certificate ends.", [("", certificate.To.ToUnixTimeSeconds())]);
            Gauge(text, "appliance_certificate_renewal_failures", "Failures in a row of its renewal.", [("", certificate.Failure?.InARow ?? 0)]);
        }
        catch (IOException)
        {
            return;     // being written, or broken: the doctor says so
        }
    }

    private static void Process(StringBuilder text)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Gauge(text, "process_resident_memory_bytes", "Resident memory.", [("", process.WorkingSet64)]);
        Gauge(text, "process_start_time_seconds", "Start of the process.", [("", new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeSeconds())]);
        Gauge(text, "process_cpu_seconds_total", "CPU time.", [("", process.TotalProcessorTime.TotalSeconds)], "counter");
    }

    private static void Gauge(StringBuilder text, string name, string help, IEnumerable<(string Labels, double Value)> values, string type = "gauge")
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var (labels, value) in values) text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value:R}\n");
    }

    private static string Of(OrgDiagnosis org) => Labels(("org", org.SalesforceOrgId), ("name", org.Name));

    private static string Labels(params (string Name, string Value)[] labels) =>
        $"{{{string.Join(',', labels.Select(l => $"{l.Name}=\"{l.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\""))}}}";
}
