using System.Globalization;
using Appliance.Catalog;
using Appliance.Engine.Diagnosis;

namespace Appliance.Server.Pages;

/// <summary>How numbers, times and states are written on the pages.</summary>
public static class Wording
{
    private static readonly string[] Units = ["bytes", "KB", "MB", "GB", "TB"];

    /// <summary>1,234,567.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>1 record, 2 records.</summary>
    public static string Count(long number, string thing) => $"{Count(number)} {thing}{(number == 1 ? "" : "s")}";

    /// <summary>Powers of 1,000, as disks are sold.</summary>
    public static string Bytes(long bytes)
    {
        double size = bytes;
        var unit = 0;
        while (size >= 1000 && unit < Units.Length - 1) (size, unit) = (size / 1000, unit + 1);
        return unit == 0 ? Count(bytes, "byte") : $"{size.ToString(size < 10 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    public static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    public static string Ago(DateTimeOffset at, DateTimeOffset now) => (now - at) switch
    {
        { TotalSeconds: < 10 } => "just now",
        { TotalMinutes: < 1 } span => Count((long)span.TotalSeconds, "second") + " ago",
        { TotalHours: < 1 } span => Count((long)span.TotalMinutes, "minute") + " ago",
        { TotalDays: < 1 } span => Count((long)span.TotalHours, "hour") + " ago",
        { TotalDays: < 60 } span => Count((long)span.TotalDays, "day") + " ago",
        _ => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => $"{span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s",
        { TotalHours: < 1 } => $"{span.Minutes} min {span.Seconds} s",
        _ => $"{(long)span.TotalHours} h {span.Minutes} min",
    };

    public static string Of(JobState state) => state switch
    {
        JobState.Queued => "Queued",
        JobState.InProgress => "In progress",
        JobState.Paused => "Paused",
        JobState.Completed => "Completed",
        JobState.CompletedWithWarnings => "Completed with warnings",
        JobState.Failed => "Failed",
        JobState.Aborted => "Aborted",
    };

    /// <summary>The badge's colour class.</summary>
    public static string ToneOf(JobState state) => state switch
    {
        JobState.Completed => "good",
        JobState.CompletedWithWarnings or JobState.Paused => "warn",
        JobState.Failed => "bad",
        JobState.InProgress => "busy",
        JobState.Queued or JobState.Aborted => "",
    };

    public static string Of(AlertKind kind) => kind switch
    {
        AlertKind.JobFailed => "failed jobs",
        AlertKind.JobPaused => "jobs that wait for quota, disk or storage",
        AlertKind.TokenBroken => "broken tokens",
        AlertKind.Damage => "damage in storage",
        AlertKind.Incomplete => "incomplete backups",
        AlertKind.UnusualDeletes => "unusual deletes",
        AlertKind.UnusualChanges => "unusual changes",
        AlertKind.SelfBackup => "failures of the appliance's own backup",
        AlertKind.CertificateEnding => "a certificate near its end",
        AlertKind.CertificateFailed => "a certificate that is not renewed",
        AlertKind.Test => "tests",
    };

    public static string Of(Grade grade) => grade switch { Grade.Well => "Well", Grade.Warning => "Warning", Grade.Error => "Error" };

    public static string ToneOf(Grade grade) => grade switch { Grade.Well => "good", Grade.Warning => "warn", Grade.Error => "bad" };

    public static string Of(JobKind kind) => kind switch
    {
        JobKind.Backup => "Backup",
        JobKind.RestorePlan => "Restore plan",
        JobKind.Restore => "Restore",
        JobKind.Prune => "Removal of old snapshots",
        JobKind.Verify => "Verification",
    };
}
