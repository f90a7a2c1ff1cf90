namespace Provisioner.Cli;

/// <summary>What every command of `provisioner` ends with, so that scripts can tell.</summary>
internal static class ExitCode
{
    /// <summary>Nothing stands in the way; warnings may have been told.</summary>
    public const int Well = 0;
    /// <summary>Mistakes in the settings, or findings because of which the installation would fail.</summary>
    public const int Refused = 1;
    /// <summary>Wrong usage, a file that cannot be read, interrupted: nothing was judged.</summary>
    public const int NotTried = 2;
    /// <summary>Nothing is known to stand in the way, but something could not be told from here.</summary>
    public const int Unknown = 3;

    /// <summary>A deployment was begun and not finished.</summary>
    public const int BrokenOff = 4;

    public const string Page = "Exit codes: 0 nothing stands in the way, 1 mistakes or errors (each with its remedy), 2 not tried (usage, unreadable file), 3 something could not be told from here.";
}
