using Appliance.Catalog;

namespace Appliance.Engine.Diagnosis;

internal static class OrgChecks
{
    private static readonly TimeSpan s_late = TimeSpan.FromHours(1), s_old = TimeSpan.FromDays(7);

    public static IEnumerable<Finding> Look(CatalogDiagnosis catalog)
    {
        if (catalog.Migration > 0 && catalog.Orgs.IsEmpty) yield return Finding.Warning("org", "No org is connected.", "Connect one in the web pages.");
        foreach (var org in catalog.Orgs)
        {
            if (org.TokenState == TokenState.Broken)
                yield return Finding.Error("org", $"{org.Name}: its token has ended; its jobs are paused.", "Connect the org again in the web pages; the jobs go on by themselves.");
            if (org.SchedulesOff)
                yield return Finding.Warning("org", $"{org.Name}: its schedules are switched off.", "Switch them on again on the org's page when the reason has gone.");
            else if (org is { Schedules: > 0, LatestDue: { } due } && catalog.Now - due > s_late)
                yield return Finding.Error("org", $"{org.Name}: a backup has been due since {due.UtcDateTime:yyyy-MM-dd HH:mm} UTC.", "Start the server; connect the org again if its token has ended.");
            yield return org.LastSnapshotAt is not { } last ? Finding.Warning("org", $"{org.Name}: it has no backup.", "Start one on the org's page, and add a schedule.")
                : catalog.Now - last > s_old ? Finding.Warning("org", $"{org.Name}: the last backup is {(int)(catalog.Now - last).TotalDays} days old.", org.Schedules == 0 ? "Add a schedule on the org's page." : "Read on the jobs page why its backups do not complete.")
                : Finding.Well("org", $"{org.Name}: restorable to {last.UtcDateTime:yyyy-MM-dd HH:mm} UTC{(org.Schedules == 0 ? "; it has no schedule" : "")}.");
        }
    }
}
