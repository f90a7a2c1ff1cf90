namespace Provisioner.Certificates.Commands;

/// <summary>What the commands end with (docs/certificates.md).</summary>
internal static class ExitCode
{
    /// <summary>All is well.</summary>
    public const int Well = 0;
    /// <summary>Something failed; what was served before is still served. `status`: a warning.</summary>
    public const int Failed = 1;
    /// <summary>`import`: the certificate is of no use, and nothing was changed.</summary>
    public const int Refused = 1;
    /// <summary>Usage, settings, unreadable files.</summary>
    public const int NotTried = 2;
    /// <summary>Somebody else is at it.</summary>
    public const int Busy = 3;
    /// <summary>`status`: no certificate, one near or beyond its end, or another one is served.</summary>
    public const int StatusBad = 4;
}
