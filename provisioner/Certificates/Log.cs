using Microsoft.Extensions.Logging;
using Provisioner.Certificates.Renewal;

namespace Provisioner.Certificates;

/// <summary>Events: 5000 orders, 5100 certificates, 5200 alarms and failures. docs/certificates.md lists them with their remedies.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Information, "Ordering a certificate for {Names} from {Authority}.")]
    public static partial void OrderBegun(this ILogger log, string names, string authority);

    [LoggerMessage(5001, LogLevel.Information, "Going on with the order {Order}, which is {Status}.")]
    public static partial void OrderResumed(this ILogger log, Uri order, string status);

    [LoggerMessage(5002, LogLevel.Warning, "The record {Name} could not be taken away again: {Cause} It does no harm.")]
    public static partial void ProofLeft(this ILogger log, string name, string cause);

    [LoggerMessage(5003, LogLevel.Information, "When to renew could not be asked: {Cause} The certificate's life decides.")]
    public static partial void WindowUnknown(this ILogger log, string cause);

    [LoggerMessage(5004, LogLevel.Information, "Other settings were written to {Path}, and are taken up.")]
    public static partial void SettingsTaken(this ILogger log, string path);

    [LoggerMessage(5100, LogLevel.Information, "Certificate {Serial} stands, until {NotAfter:u}.")]
    public static partial void Renewed(this ILogger log, string serial, DateTimeOffset notAfter);

    [LoggerMessage(5101, LogLevel.Information, "Certificate {Serial} is served at {Address}: seen in a handshake.")]
    public static partial void Proven(this ILogger log, string serial, string address);

    [LoggerMessage(5102, LogLevel.Information, "Half of the life of certificate {Serial} is over; it ends {NotAfter:u}.")]
    public static partial void HalfOver(this ILogger log, string serial, DateTimeOffset notAfter);

    [LoggerMessage(5200, LogLevel.Error, "{Alarm}: certificate {Serial} ends {NotAfter:u}. See `certificates status` for what keeps it from being renewed.")]
    public static partial void NearEnd(this ILogger log, Alarm alarm, string serial, DateTimeOffset notAfter);

    [LoggerMessage(5201, LogLevel.Warning, "Failure {Failures} in a row: {Cause} What to do: {Remedy} Tried again {Next:u}.")]
    public static partial void Failed(this ILogger log, int failures, string cause, string remedy, DateTimeOffset next);

    [LoggerMessage(5202, LogLevel.Error, "Given up after {Failures} failures in a row: {Cause} What to do: {Remedy} Then run `certificates renew`.")]
    public static partial void GivenUp(this ILogger log, int failures, string cause, string remedy);

    [LoggerMessage(5203, LogLevel.Error, "{Address} serves {Served}, and {Serial} stands in the store. Look at the proxy's log.")]
    public static partial void ServedOther(this ILogger log, string address, string served, string serial);

    [LoggerMessage(5204, LogLevel.Error, "The status cannot be written: {Cause}")]
    public static partial void StatusUnwritten(this ILogger log, string cause);

    [LoggerMessage(5205, LogLevel.Error, "The settings that were written are not taken up, those before are kept: {Cause} What to do: {Remedy}")]
    public static partial void SettingsRefused(this ILogger log, string cause, string remedy);
}
