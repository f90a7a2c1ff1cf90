namespace Appliance.Server;

/// <summary>Every event of the web process: 5000–5099 the server and its workers, 6000–6099 access.</summary>
internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Information, "Job {JobId} ({Kind}) starts on {Worker}, attempt {Attempt}")]
    public static partial void JobStarts(this ILogger log, Guid jobId, Catalog.JobKind kind, string worker, int attempt);

    [LoggerMessage(5002, LogLevel.Information, "Job {JobId} left the worker {Worker}")]
    public static partial void JobLeft(this ILogger log, Guid jobId, string worker);

    [LoggerMessage(5003, LogLevel.Information, "Job {JobId} given back for a shutdown")]
    public static partial void JobGivenBack(this ILogger log, Guid jobId);

    [LoggerMessage(5004, LogLevel.Warning, "Job {JobId}: the lease was lost to another worker")]
    public static partial void LeaseLost(this ILogger log, Guid jobId);

    [LoggerMessage(5005, LogLevel.Error, "Job {JobId} failed")]
    public static partial void JobFailed(this ILogger log, Guid jobId, Exception exception);

    [LoggerMessage(5006, LogLevel.Warning, "The queue cannot be read now; trying again")]
    public static partial void QueueUnreadable(this ILogger log, Exception exception);

    [LoggerMessage(5007, LogLevel.Warning, "Job {JobId}: a heartbeat failed")]
    public static partial void HeartbeatFailed(this ILogger log, Guid jobId, Exception exception);

    [LoggerMessage(5008, LogLevel.Information, "Schedule {ScheduleId} is due: job {JobId} queued")]
    public static partial void ScheduleFired(this ILogger log, Guid scheduleId, Guid jobId);

    [LoggerMessage(5050, LogLevel.Warning, "Not healthy: {What}")]
    public static partial void NotHealthy(this ILogger log, string what, Exception exception);

    [LoggerMessage(5009, LogLevel.Warning, "Schedule {ScheduleId} is due, but its run before is still going: this time is let go")]
    public static partial void ScheduleSkipped(this ILogger log, Guid scheduleId);

    [LoggerMessage(5015, LogLevel.Warning, "The clock was set back: {Count} schedules that waited for a time far off were brought back")]
    public static partial void SchedulesBroughtBack(this ILogger log, int count);

    [LoggerMessage(5010, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger log, string method, string path, Exception exception);

    [LoggerMessage(5011, LogLevel.Error, "A page failed")]
    public static partial void PageFailed(this ILogger log, Exception exception);

    [LoggerMessage(5012, LogLevel.Warning, "Job {JobId} needs the catalog, which is away; it goes on when that is back")]
    public static partial void JobWaitsForCatalog(this ILogger log, Guid jobId, Exception exception);

    [LoggerMessage(5013, LogLevel.Warning, "Job {JobId}: the catalog could not be told how it left; its lease runs out and it is taken up again")]
    public static partial void EndNotWritten(this ILogger log, Guid jobId, Exception exception);

    [LoggerMessage(5014, LogLevel.Information, "Job {JobId} paused because a user asked for it")]
    public static partial void JobPaused(this ILogger log, Guid jobId);

    [LoggerMessage(5040, LogLevel.Information, "Self-backup {Name} taken: {Rows} rows, {Bytes} bytes")]
    public static partial void SelfBackupTaken(this ILogger log, string name, long rows, long bytes);

    [LoggerMessage(5041, LogLevel.Warning, "There is no recovery key, so the appliance takes no backup of itself")]
    public static partial void NoRecoveryKey(this ILogger log);

    [LoggerMessage(5042, LogLevel.Error, "The appliance's own backup failed; trying again")]
    public static partial void SelfBackupFailed(this ILogger log, Exception exception);

    [LoggerMessage(5020, LogLevel.Information, "Alert {AlertId} raised: {Kind}")]
    public static partial void AlertRaised(this ILogger log, Guid alertId, string kind);

    [LoggerMessage(5021, LogLevel.Warning, "Alert {AlertId} did not arrive over the channel {Channel}, attempt {Attempt}: {Answer}")]
    public static partial void AlertNotDelivered(this ILogger log, Guid alertId, string channel, int attempt, string answer);

    [LoggerMessage(5022, LogLevel.Warning, "Alerts could not be looked at or sent; it is tried again")]
    public static partial void AlertsNotLooked(this ILogger log, Exception exception);

    [LoggerMessage(5060, LogLevel.Information, "Release {Release} is out; {Running} runs here")]
    public static partial void NewerRelease(this ILogger log, string release, string running);

    [LoggerMessage(5061, LogLevel.Warning, "The release that is announced, {Release}, is older than {Running}, which runs here")]
    public static partial void OlderRelease(this ILogger log, string release, string running);

    [LoggerMessage(5062, LogLevel.Warning, "There is no word of a newer release: {Cause}")]
    public static partial void NoAnnouncement(this ILogger log, string cause, Exception? exception);

    [LoggerMessage(5063, LogLevel.Warning, "The look for a newer release could not be noted; trying again")]
    public static partial void UpdatesNotLooked(this ILogger log, Exception exception);

    [LoggerMessage(6000, LogLevel.Warning, "No user exists yet. Open this link once to create the administrator: {Link}")]
    public static partial void SetupLink(this ILogger log, string link);

    [LoggerMessage(6001, LogLevel.Information, "The first administrator was created; the set-up link is used up")]
    public static partial void SetUp(this ILogger log);

    [LoggerMessage(6002, LogLevel.Information, "User {UserId} signed in")]
    public static partial void SignedIn(this ILogger log, Guid userId);

    [LoggerMessage(6003, LogLevel.Warning, "A sign-in failed from {Address}")]
    public static partial void SignInFailed(this ILogger log, string address);

    [LoggerMessage(6004, LogLevel.Warning, "User {UserId} is locked until {Until} after repeated failures")]
    public static partial void UserLocked(this ILogger log, Guid userId, DateTimeOffset until);
}
