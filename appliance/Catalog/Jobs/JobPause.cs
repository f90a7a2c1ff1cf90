namespace Appliance.Catalog;

/// <summary>Why a job is paused. Quota, Disk and Storage go on by themselves, Token when the org is connected again, User when somebody resumes it.</summary>
public enum PauseReason { User, Quota, Token, Disk, Storage }

/// <summary>A pause as the worker writes it.</summary>
/// <param name="LookIn">After so long the job tries again by itself; null: never.</param>
/// <param name="CallsToBegin">API calls that a resumed run spends before it gets on.</param>
/// <param name="Progressed">The run got on since the pause before: the pauses in a row are counted anew.</param>
public sealed record JobPause(PauseReason Reason, string Cause, string Remedy, TimeSpan? LookIn = null, long CallsToBegin = 0, bool Progressed = true)
{
    internal static (string Cause, string Remedy) ByUser(string user) => ($"{user} paused it.", "Resume it: it goes on where it stopped.");
}
