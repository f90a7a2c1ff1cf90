namespace Appliance.Engine.Diagnosis;

/// <summary>How bad a finding is; the numbers are the exit codes of <c>appliance doctor</c>.</summary>
public enum Grade { Well = 0, Warning = 1, Error = 2 }

/// <summary>One thing that was looked at.</summary>
/// <param name="Check">What was looked at: catalog, clock, storage, disk, keys, vault, org, jobs, sweep, certificate, self-backup, updates.</param>
/// <param name="What">What was found, in plain words; never a secret.</param>
/// <param name="Remedy">What a person should do; null when all is well.</param>
public sealed record Finding(string Check, Grade Grade, string What, string? Remedy = null)
{
    public static Finding Well(string check, string what) => new(check, Grade.Well, what);

    public static Finding Warning(string check, string what, string remedy) => new(check, Grade.Warning, what, remedy);

    public static Finding Error(string check, string what, string remedy) => new(check, Grade.Error, what, remedy);
}
