using System.Collections.Immutable;

namespace Appliance.Vault;

/// <summary>What is wrong with a stored file. NotChecked is no damage: it says what could not be looked at, and why.</summary>
public enum VerifyProblem { Damaged, Missing, Alien, NotChecked }

/// <summary>One finding: the file, what is wrong, what to do, and what depends on it (snapshots, files, records in words).</summary>
public sealed record VerifyFinding(string BlobName, VerifyProblem Problem, string What, string Remedy, ImmutableArray<string> Dependents)
{
    public bool IsDamage => Problem != VerifyProblem.NotChecked;
}

/// <summary>How far verification is. Totals are known after the listing.</summary>
public readonly record struct VerifyProgress(long Files, long TotalFiles, long Bytes);
