namespace Appliance.Engine.Diagnosis;

internal static class SelfBackupChecks
{
    private static readonly TimeSpan s_old = TimeSpan.FromDays(2);

    public static async Task<IEnumerable<Finding>> LookAsync(AppliancePlace place, TimeProvider time, CancellationToken cancellationToken)
    {
        var backups = new SelfBackups.SelfBackups(place, time);
        if (await backups.RecoveryAsync(cancellationToken) is not { } recovery)
            return [Finding.Warning("self-backup", "There is no recovery key: this machine lost means all settings lost.", "Make one and keep it elsewhere: appliance recovery-key --new FILE (docs/self-backup.md).")];
        if (await backups.ListAsync(cancellationToken) is not [var newest, ..])
            return [Finding.Warning("self-backup", "None has been taken yet.", "appliance backup-self takes one now; the server takes one a day.")];
        var age = time.GetUtcNow() - newest.TakenAt;
        if (age < -SelfBackups.SelfBackups.ClockTolerance)
            return [Finding.Error("self-backup", $"The newest, {newest.Name}, was taken in the future: under a wrong clock, or not by this appliance.", "Correct the clock; remove that file from the storage, so that restore-self does not take it for the newest.")];
        return [age > s_old ? Finding.Warning("self-backup", $"The newest is {(int)age.TotalDays} days old.", "Event 5042 in the server's log says why; appliance backup-self tries it now.")
            : Finding.Well("self-backup", $"Taken at {newest.TakenAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC; it opens with recovery key {recovery.Id}.")];
    }
}
