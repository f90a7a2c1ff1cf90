namespace Provisioner.Certificates.Renewal;

/// <summary>How near the end is: the same for free and bought certificates.</summary>
public enum Alarm
{
    None,
    /// <summary>Half of the life is over: a bought certificate's successor is to be ordered.</summary>
    Notice,
    /// <summary>A quarter is left: a renewal by itself should have happened.</summary>
    Warning,
    /// <summary>A tenth is left.</summary>
    Critical,
    /// <summary>Browsers refuse it.</summary>
    Expired,
}

public static class Alarms
{
    public static Alarm Of(DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now)
    {
        var left = (notAfter - now) / (notAfter - notBefore);
        return left <= 0 ? Alarm.Expired : left <= 0.10 ? Alarm.Critical : left <= 0.25 ? Alarm.Warning : left <= 0.50 ? Alarm.Notice : Alarm.None;
    }
}
