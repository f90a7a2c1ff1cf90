using Microsoft.Extensions.Logging;

namespace Appliance.Engine;

/// <summary>Events of the engine: 1000 runs, 1100 failures. Names of objects and counts, never a value of a record.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Job {JobId} ({Kind}) started, attempt {Attempt}")]
    public static partial void JobStarted(this ILogger log, Guid jobId, string kind, int attempt);

    [LoggerMessage(1001, LogLevel.Information, "Snapshot {SnapshotId} committed: {Records} records, {NewBytes} new bytes")]
    public static partial void SnapshotCommitted(this ILogger log, Guid snapshotId, long records, long newBytes);

    [LoggerMessage(1002, LogLevel.Information, "Job {JobId} ended: {State}")]
    public static partial void JobEnded(this ILogger log, Guid jobId, string state);

    [LoggerMessage(1003, LogLevel.Warning, "Job {JobId} paused ({Reason}): {Cause}")]
    public static partial void JobPaused(this ILogger log, Guid jobId, string reason, string cause);

    [LoggerMessage(1100, LogLevel.Error, "Job {JobId} failed: {Cause}")]
    public static partial void JobFailed(this ILogger log, Guid jobId, string cause, Exception failure);
}
