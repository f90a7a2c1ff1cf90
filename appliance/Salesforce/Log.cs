using Microsoft.Extensions.Logging;

namespace Appliance.Salesforce;

/// <summary>Events 4000–4999. Never a token, never a field's value: calls are named by method and path, without their query.</summary>
internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Information, "Session renewed at {Instance}")]
    public static partial void SessionRenewed(this ILogger log, Uri instance);

    [LoggerMessage(4002, LogLevel.Information, "The org speaks API {Version} at most; using it")]
    public static partial void ApiVersionLowered(this ILogger log, string version);

    [LoggerMessage(4010, LogLevel.Information, "Bulk job {JobId} created: {Operation} {ObjectName}")]
    public static partial void JobCreated(this ILogger log, string jobId, string operation, string objectName);

    [LoggerMessage(4011, LogLevel.Information, "Bulk job {JobId} ended as {State}: {Records} records, {Failed} failed")]
    public static partial void JobEnded(this ILogger log, string jobId, string state, long records, long failed);

    [LoggerMessage(4012, LogLevel.Debug, "Bulk job {JobId} could not be deleted and is left to the org, which drops it after seven days: {Cause}")]
    public static partial void JobLeft(this ILogger log, string jobId, string cause);

    [LoggerMessage(4013, LogLevel.Warning, "The org's limits cannot be seen: {Cause}")]
    public static partial void LimitsNotSeen(this ILogger log, string cause);

    [LoggerMessage(4101, LogLevel.Warning, "{Call}: attempt {Attempt} failed, next one in {DelayMs} ms: {Cause}")]
    public static partial void CallRepeated(this ILogger log, string call, int attempt, long delayMs, string cause);

    [LoggerMessage(4102, LogLevel.Error, "The org refuses to renew the session: {Code}")]
    public static partial void RenewalRefused(this ILogger log, string? code);
}
