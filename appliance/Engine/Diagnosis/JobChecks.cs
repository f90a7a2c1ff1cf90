using Appliance.Catalog;

namespace Appliance.Engine.Diagnosis;

internal static class JobChecks
{
    private static readonly TimeSpan s_recent = TimeSpan.FromHours(24), s_stuck = TimeSpan.FromMinutes(2), s_waiting = TimeSpan.FromMinutes(10);

    public static IEnumerable<Finding> Look(CatalogDiagnosis catalog)
    {
        var findings = new List<Finding>();
        var now = catalog.Now;
        foreach (var kind in catalog.Jobs.Where(j => j.State == nameof(JobState.Failed) && now - j.EndedAt < s_recent).GroupBy(j => j.Kind))
            findings.Add(Finding.Warning("jobs", $"{kind.Count()} jobs of kind {kind.Key} failed within 24 hours, the last one {kind.First().Id}.", "Its page says why and what to do."));
        foreach (var job in catalog.Jobs.Where(j => j.State == nameof(JobState.InProgress) && now - j.LeaseUntil > s_stuck))
            findings.Add(Finding.Error("jobs", $"Job {job.Id} ({job.Kind}) lost its worker at {job.LeaseUntil!.Value.UtcDateTime:yyyy-MM-dd HH:mm} UTC, and no other has taken it.", "Start the server or a worker: it goes on by itself."));
        var running = catalog.Jobs.Any(j => j.State == nameof(JobState.InProgress));
        if (!running && catalog.Jobs.Where(j => j.State == nameof(JobState.Queued)).MinBy(j => j.CreatedAt) is { } oldest && now - oldest.CreatedAt > s_waiting)
            findings.Add(Finding.Error("jobs", $"Jobs have been waiting since {oldest.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC, and none is running.", "Start the server or a worker."));
        foreach (var paused in catalog.Jobs.Where(j => j.State == nameof(JobState.Paused)).GroupBy(j => j.PauseReason))
            findings.Add(Finding.Warning("jobs", $"{paused.Count()} jobs are paused ({paused.Key}).", "Their pages say why; quota, disk and storage go on by themselves, a token needs the org connected again."));
        if (findings.Count == 0)
            findings.Add(Finding.Well("jobs", $"{catalog.Jobs.Count(j => j.State == nameof(JobState.InProgress))} running, {catalog.Jobs.Count(j => j.State == nameof(JobState.Queued))} waiting, none failed within 24 hours."));
        return findings;
    }
}
