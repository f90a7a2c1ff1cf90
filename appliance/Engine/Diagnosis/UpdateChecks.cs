using Appliance.Catalog;
using Appliance.Engine.Updates;

namespace Appliance.Engine.Diagnosis;

/// <summary>Whether a newer release exists, as far as a worker was told; nothing where nobody is asked.</summary>
internal static class UpdateChecks
{
    private const string Check = "updates";
    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(3);

    public static IEnumerable<Finding> Look(AppliancePlace place, UpdateLook? look, DateTimeOffset now)
    {
        if (place.Settings.GetValueOrDefault("Updates:Url") is not { Length: > 0 }) yield break;
        var announced = ReleaseVersion.Parse(look?.ReleaseVersion ?? "");
        var asOf = look?.ToldAt is { } told ? $" (as of {told.UtcDateTime:yyyy-MM-dd HH:mm} UTC)" : "";
        if (announced > ReleaseVersion.Running)
            yield return Finding.Warning(Check, $"Release {announced} is out; {ReleaseVersion.Running} runs here{asOf}.", "Read what it brings, then set the stack's version and deploy (docs/release.md). Nothing is updated by itself.");
        else if (announced < ReleaseVersion.Running)
            yield return Finding.Warning(Check, $"The release that is announced, {announced}, is older than {ReleaseVersion.Running}, which runs here{asOf}.", "Look whether Updates:Url names the manifest of the newest release.");
        else if (announced is not null && look?.Cause is null)
            yield return Finding.Well(Check, $"{announced} is the newest release{asOf}.");
        if (look is { Cause: { } cause, Remedy: { } remedy }) yield return Finding.Warning(Check, $"The last look for a newer release failed: {cause}", remedy);
        else if (look is not null && now - look.AskedAt > LongestSilence) yield return Finding.Warning(Check, $"Since {look.AskedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC nobody has looked for a newer release.", "See that a worker runs: docker compose ps, docker compose logs worker.");
        else if (announced is null) yield return Finding.Well(Check, "Nobody has looked for a newer release yet; a worker does so once a day.");
    }
}
